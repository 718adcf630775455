import { defineConfig } from '@playwright/test';
import type { WaylayOptions } from 'waylay/playwright';

export default defineConfig<{ waylayOptions: WaylayOptions }>({
  webServer: { command: 'node server.mjs', wait: { stdout: /port (?<TEA_PORT>\d+)/ } },
  use: {
    baseURL: 'http://tea.test',
    waylayOptions: { hosts: { 'tea.test': `127.0.0.1:${process.env.TEA_PORT}` } },
  },
});
