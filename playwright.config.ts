import { defineConfig } from '@playwright/test';

// The scripts name the browser; without them, Playwright takes its own.
const browser = process.env.WAYLAY_BROWSER;

export default defineConfig({
  testDir: 'test/e2e',
  workers: 2,
  retries: 0,
  // So that a test ends that hangs; one that does not may take longer where others keep the machine busy.
  timeout: 90_000,
  forbidOnly: Boolean(process.env.CI),
  reporter: [['list'], ['html', { open: 'never' }]],
  use: {
    launchOptions: browser ? { executablePath: browser } : {},
  },
});
