import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: '.',
  testMatch: '*.told.ts',
  workers: 2,
  fullyParallel: true,
  use: {
    ignoreHTTPSErrors: Boolean(process.env.TOLD_UNVERIFIED),
    ...(process.env.TOLD_PROXY && { proxy: { server: process.env.TOLD_PROXY } }),
    ...(process.env.TOLD_CONNECT && { connectOptions: { wsEndpoint: process.env.TOLD_CONNECT } }),
    launchOptions: process.env.WAYLAY_BROWSER ? { executablePath: process.env.WAYLAY_BROWSER } : {},
  },
});
