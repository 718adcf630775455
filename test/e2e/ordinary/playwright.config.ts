/** An ordinary project. ordinary.spec.ts runs it with Playwright's own `test` and with Waylay's (see test.ts). */
import { fileURLToPath } from 'node:url';
import { defineConfig } from '@playwright/test';

const browser = process.env.WAYLAY_BROWSER;

export default defineConfig({
  testDir: '.',
  testMatch: '*.ordinary.ts',
  timeout: 60_000,
  expect: { timeout: 10_000 },
  use: {
    // The server says its ports when it has started; before that, nobody asks.
    baseURL: `http://localhost:${process.env.SITE_PORT ?? 0}`,
    launchOptions: browser ? { executablePath: browser } : {},
  },
  webServer: {
    command: 'node site/server.mjs',
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    wait: { stdout: /site on (?<site_port>\d+), secure on (?<site_secure_port>\d+)/ },
  },
});
