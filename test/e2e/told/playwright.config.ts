import { defineConfig } from '@playwright/test';
import type { WaylayOptions } from '../../../fixtures/playwright.js';

/** One run for all: what depends on the config has a project of its own. */
export default defineConfig<{ waylayOptions: WaylayOptions }>({
  testDir: '.',
  workers: 2,
  fullyParallel: true,
  use: { launchOptions: process.env.WAYLAY_BROWSER ? { executablePath: process.env.WAYLAY_BROWSER } : {} },
  projects: [
    { name: 'plain', testMatch: ['traffic.told.ts', 'own-proxy.told.ts'] },
    {
      name: 'proxy',
      testMatch: 'config.told.ts',
      grep: /gone through/,
      use: { proxy: { server: process.env.TOLD_PROXY ?? '' } },
    },
    {
      name: 'connect',
      testMatch: 'config.told.ts',
      grep: /started elsewhere/,
      // The report says it once a worker.
      workers: 1,
      use: { connectOptions: { wsEndpoint: process.env.TOLD_CONNECT ?? '' } },
    },
    {
      name: 'mapped',
      testMatch: 'lost-hosts.told.ts',
      // One after the other, in one worker.
      fullyParallel: false,
      use: { waylayOptions: { hosts: { 'config.test': '127.0.0.1:9', '*.config.test': '127.0.0.1:9' } } },
    },
    { name: 'unverified', testMatch: 'config.told.ts', grep: /unverified/, use: { ignoreHTTPSErrors: true } },
  ],
});
