import { defineConfig } from '@playwright/test';
import base from '../../playwright.config.js';

/** The tests for an older Playwright: run by `npm run test:playwrights`, with the package in the fixtures' place. */
export default defineConfig(base, {
  testDir: '../e2e',
  grepInvert: [
    // 1.50 does not report the requests of service workers, and its steps have other titles.
    /a service worker goes through, and is known/,
    /requests have the step of the test/,
    // The JSON report of 1.50 has no annotations in its results.
    /an unused stub is a warning of a test that passes/,
    /a soft expectation fails the test and lets it go on/,
    // 1.50 throws where a browser is closed before its context.
    /a browser that was started elsewhere does not trust/,
  ],
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
    'internals.spec.ts',
  ],
});
