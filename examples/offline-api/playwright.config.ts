import { defineConfig } from '@playwright/test';
import type { WaylayOptions } from 'waylay/playwright';

export default defineConfig<{ waylayOptions: WaylayOptions }>({
  webServer: { command: 'node server.mjs', wait: { stdout: /port (?<WEATHER_PORT>\d+)/ } },
  use: {
    baseURL: 'http://weather.test',
    waylayOptions: {
      hosts: { 'weather.test': `127.0.0.1:${process.env.WEATHER_PORT}` },
      // Nothing leaves this machine: what has no stub is refused, and fails the test.
      unmatched: 'refuse',
      allow: ['http://weather.test/**'],
    },
  },
});
