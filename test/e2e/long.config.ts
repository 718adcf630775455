import { defineConfig } from '@playwright/test';
import base from '../../playwright.config.js';

/** The tests that run whole projects, which takes minutes: `npm run test:long`. */
export default defineConfig(base, { testDir: '.', testMatch: '*.long.ts' });
