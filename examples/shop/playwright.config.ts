import { defineConfig } from '@playwright/test';

// Nothing here is about Waylay: a test gets it by importing `test` from 'waylay/playwright'.
export default defineConfig({
  testDir: '.',
  outputDir: 'test-results',
  fullyParallel: true,
  workers: 2,
  // Room for machines that are busy with something else.
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [
    ['list'],
    ['html', { open: 'never', outputFolder: 'playwright-report' }],
    ['./summary-reporter.ts', { htmlReport: 'playwright-report' }],
  ],
  use: {
    // A Chromium of your own; without it, Playwright's.
    launchOptions: process.env.WAYLAY_BROWSER ? { executablePath: process.env.WAYLAY_BROWSER } : {},
    screenshot: 'only-on-failure',
  },
});
