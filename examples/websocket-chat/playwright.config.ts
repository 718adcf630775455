import { defineConfig } from '@playwright/test';
import type { WaylayOptions } from 'waylay/playwright';

export default defineConfig<{ waylayOptions: WaylayOptions }>({
  webServer: { command: 'node server.mjs', wait: { stdout: /port (?<CHAT_PORT>\d+)/ } },
  use: {
    baseURL: 'http://chat.test',
    waylayOptions: { hosts: { 'chat.test': `127.0.0.1:${process.env.CHAT_PORT}` } },
  },
});
