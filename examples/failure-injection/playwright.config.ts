import { defineConfig } from '@playwright/test';
import type { WaylayOptions } from 'waylay/playwright';

export default defineConfig<{ waylayOptions: WaylayOptions }>({
  webServer: { command: 'node server.mjs', wait: { stdout: /port (?<NOTES_PORT>\d+)/ } },
  use: {
    baseURL: 'http://notes.test',
    waylayOptions: { hosts: { 'notes.test': `127.0.0.1:${process.env.NOTES_PORT}` } },
  },
});
