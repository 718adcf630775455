import { defineConfig } from '@playwright/test';

// The scripts name the browser; without them, Playwright takes its own.
const browser = process.env.WAYLAY_BROWSER;

export default defineConfig({
  testDir: 'test/e2e',
  // Two whole runs side by side take long: WAYLAY_ORDINARY=1 npm run test:e2e -- ordinary
  testIgnore: process.env.WAYLAY_ORDINARY ? [] : 'ordinary.spec.ts',
  workers: 2,
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  reporter: [['list'], ['html', { open: 'never' }]],
  use: {
    launchOptions: browser ? { executablePath: browser } : {},
  },
});
