// @ts-check
/**
 * All checks: types, lint, the tests in Node, the tests in the browser. Every step runs, whatever
 * the ones before it said; the last line sums up the tests of both runners.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BrowserNotFound, findBrowser } from './browser.mjs';
import { commandFile, node } from './command.mjs';
import { playwrightCounts, sum, summary, vitestCounts } from './counts.mjs';
import { vitestFailures } from './failures.mjs';
import { readReport, vitest } from './vitest.mjs';

/** @param {string} name */
function headline(name) {
  console.log(`\n${name}`);
}

/** @param {string} browser */
async function run(browser) {
  const reports = await mkdtemp(join(tmpdir(), 'waylay-test-'));
  const environment = { WAYLAY_BROWSER: browser };
  try {
    headline('Types');
    const types = await node([commandFile('typescript', 'tsc'), '-b', 'tsconfig.json', 'tsconfig.pages.json']);
    if (types === 0) console.log('No errors.');

    headline('Lint');
    const lint = await node([commandFile('@biomejs/biome', 'biome'), 'check', '--error-on-warnings']);

    headline('Tests in Node');
    const { code, report } = await vitest([], environment);

    headline('Tests in the browser');
    const playwrightReport = join(reports, 'playwright.json');
    const playwright = await node(
      [commandFile('@playwright/test', 'playwright'), 'test', '--reporter=list,html,json'],
      { ...environment, PLAYWRIGHT_HTML_OPEN: 'never', PLAYWRIGHT_JSON_OUTPUT_FILE: playwrightReport },
    );

    const counts = sum([vitestCounts(report, code), playwrightCounts(await readReport(playwrightReport), playwright)]);
    console.log('');
    if (types !== 0) console.log('The types have errors: npm run types');
    if (lint !== 0) console.log('The sources do not pass the linter: npm run format, npm run lint');
    for (const failure of vitestFailures(report)) console.log(failure);
    console.log(summary(counts));
    return types === 0 && lint === 0 && counts.failed === 0 ? 0 : 1;
  } finally {
    await rm(reports, { recursive: true, force: true });
  }
}

try {
  process.exitCode = await run(await findBrowser());
} catch (error) {
  if (!(error instanceof BrowserNotFound)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
