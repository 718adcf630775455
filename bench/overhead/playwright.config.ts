import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: '.',
  testMatch: 'trivial.bench.ts',
  workers: 1,
  use: { launchOptions: process.env.WAYLAY_BROWSER ? { executablePath: process.env.WAYLAY_BROWSER } : {} },
});
