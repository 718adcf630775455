import { defineConfig } from '@playwright/test';
import type { WaylayOptions } from 'waylay/playwright';

export default defineConfig<{ waylayOptions: WaylayOptions }>({
  webServer: { command: 'node server.mjs', wait: { stdout: /port (?<PHOTOS_PORT>\d+)/ } },
  use: {
    baseURL: 'http://photos.test',
    waylayOptions: { hosts: { 'photos.test': `127.0.0.1:${process.env.PHOTOS_PORT}` } },
  },
});
