import { defineConfig } from '@playwright/test';
import base from '../../playwright.config.js';

/** The system's Firefox over WebDriver BiDi: run by `npm run test:firefox`. */
export default defineConfig(base, {
  testDir: '.',
  testMatch: 'firefox.spec.ts',
  use: { browserName: 'firefox', channel: 'moz-firefox' },
});
