import { fileURLToPath } from 'node:url';
import { defineConfig, devices } from '@playwright/test';
import type { WaylayOptions } from 'waylay/playwright';

const executablePath = process.env.WAYLAY_BROWSER;

export default defineConfig<{ waylayOptions: WaylayOptions }>({
  testDir: 'tests',
  testMatch: '*.run.ts',
  fullyParallel: true,
  retries: 1,
  timeout: 60_000,
  use: {
    baseURL: `http://localhost:${process.env.SITE_PORT ?? 0}`,
    launchOptions: executablePath ? { executablePath } : {},
  },
  projects: [
    { name: 'desktop', use: { waylayOptions: { attach: 'always' } } },
    { name: 'phone', use: { ...devices['Pixel 7'] }, testMatch: 'siblings.run.ts' },
  ],
  webServer: {
    command: 'node site.mjs',
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    wait: { stdout: /site on (?<site_port>\d+)/ },
  },
});
