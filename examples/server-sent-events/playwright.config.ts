import { defineConfig } from '@playwright/test';
import type { WaylayOptions } from 'waylay/playwright';

export default defineConfig<{ waylayOptions: WaylayOptions }>({
  webServer: { command: 'node server.mjs', wait: { stdout: /port (?<TICKER_PORT>\d+)/ } },
  use: {
    baseURL: 'http://ticker.test',
    waylayOptions: { hosts: { 'ticker.test': `127.0.0.1:${process.env.TICKER_PORT}` } },
  },
});
