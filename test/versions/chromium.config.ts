import { defineConfig } from '@playwright/test';
import base from '../../playwright.config.js';

/** What an older Playwright has to stand: run by `npm run test:playwrights`, with the package in the fixtures' place. */
export default defineConfig(base, {
  testDir: '../e2e',
  testMatch: [
    'stubs.spec.ts',
    'mutations.spec.ts',
    'expect.spec.ts',
    'failures.spec.ts',
    'protocols.spec.ts',
    'trust.spec.ts',
    'service-worker.spec.ts',
    'clients.spec.ts',
    'report.spec.ts',
    'told.spec.ts',
  ],
});
