import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig, type PlaywrightTestConfig } from '@playwright/test';

/** All examples in one run: each with the configuration of its own folder, as a project. */
const folder = import.meta.dirname;
const names = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'package.json')));
const examples = await Promise.all(
  names.map(async (name) => {
    const { default: config } = (await import(`./${name}/playwright.config.ts`)) as { default: PlaywrightTestConfig };
    return { name, config };
  }),
);

export default defineConfig({
  outputDir: 'test-results',
  // Installed, the package lies in node_modules, and Playwright takes it as it is.
  build: { external: ['**/dist/**'] },
  forbidOnly: Boolean(process.env.CI),
  workers: 2,
  // Room for machines that are busy with something else.
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [['list'], ['html', { open: 'never', outputFolder: 'playwright-report' }]],
  projects: examples.map(({ name, config }) => ({ name, testDir: name, use: config.use ?? {} })),
  webServer: examples.flatMap(({ name, config }) =>
    [config.webServer ?? []].flat().map((server) => ({ ...server, cwd: join(folder, name) })),
  ),
  use: {
    // A Chromium of your own; without it, Playwright's.
    launchOptions: process.env.WAYLAY_BROWSER ? { executablePath: process.env.WAYLAY_BROWSER } : {},
  },
});
