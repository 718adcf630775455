import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';

const launchOptions = { executablePath: process.env.WAYLAY_BROWSER, args: ['--no-sandbox'] };

export default defineConfig({
  test: {
    include: ['*.spec.ts'],
    browser: {
      enabled: true,
      headless: true,
      provider: playwright({ launchOptions }),
      instances: [{ browser: 'chromium' }],
    },
  },
});
