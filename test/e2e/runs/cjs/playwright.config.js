const path = require('node:path');
const { defineConfig } = require('@playwright/test');

const executablePath = process.env.WAYLAY_BROWSER;

module.exports = defineConfig({
  testDir: 'tests',
  testMatch: '*.run.js',
  timeout: 60_000,
  use: {
    baseURL: `http://localhost:${process.env.SITE_PORT ?? 0}`,
    launchOptions: executablePath ? { executablePath } : {},
    waylayOptions: { attach: 'never' },
  },
  webServer: {
    command: 'node site.mjs',
    cwd: path.join(__dirname, '..'),
    wait: { stdout: /site on (?<site_port>\d+)/ },
  },
});
