/** Tests that fail by intent; report.spec.ts runs them and reads what they report. */
import { defineConfig } from '@playwright/test';

const browser = process.env.WAYLAY_BROWSER;

export default defineConfig({
  testDir: '.',
  testMatch: '*.failing.ts',
  workers: 1,
  use: { launchOptions: browser ? { executablePath: browser } : {} },
});
