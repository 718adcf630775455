import { defineConfig } from '@playwright/test';
import type { WaylayOptions } from 'waylay/playwright';

export default defineConfig<{ waylayOptions: WaylayOptions }>({
  // The server takes a free port and prints it; Playwright keeps it as an environment variable.
  webServer: { command: 'node server.mjs', wait: { stdout: /port (?<TODO_PORT>\d+)/ } },
  use: {
    baseURL: 'http://todo.test',
    // That name exists nowhere: this is where it is dialled.
    waylayOptions: { hosts: { 'todo.test': `127.0.0.1:${process.env.TODO_PORT}` } },
  },
});
