import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { commandFile, root } from '../../scripts/command.mjs';
import { playwrightCounts, sum, summary, vitestCounts } from '../../scripts/counts.mjs';
import { vitestFailures } from '../../scripts/failures.mjs';
import { run } from '../tools.js';

// Every test starts a runner.
vi.setConfig({ testTimeout: 60_000 });

// Inside the project, so that the tests written here resolve the runners.
const cache = join(root, 'node_modules', '.cache');
mkdirSync(cache, { recursive: true });
const folder = mkdtempSync(join(cache, 'waylay-counts-'));
afterAll(() => rmSync(folder, { recursive: true }));

const cases = `
  test('one', () => {});
  test('two', () => {});
  test('three', () => { throw new Error('no'); });
  test.skip('four', () => {});
`;

/** Runs a runner on a project of one file and gives its report and its exit code. */
async function report(runner: 'vitest' | '@playwright/test', body: string) {
  const project = mkdtempSync(join(folder, 'project-'));
  const output = join(project, 'report.json');
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(project, 'a.test.mjs'), `import { test } from '${runner}';\n${body}`);
  const config = runner === 'vitest' ? 'vitest.config.mjs' : 'playwright.config.mjs';
  writeFileSync(
    join(project, config),
    runner === 'vitest'
      ? `export default { test: { include: ['*.test.mjs'], root: ${JSON.stringify(project)} } };`
      : `export default { testMatch: '*.test.mjs', workers: 1 };`,
  );
  const args =
    runner === 'vitest'
      ? [
          commandFile('vitest', 'vitest'),
          'run',
          '--config',
          join(project, config),
          '--reporter=json',
          `--outputFile.json=${output}`,
        ]
      : [commandFile('@playwright/test', 'playwright'), 'test', '--config', join(project, config), '--reporter=json'];
  const env = { PLAYWRIGHT_JSON_OUTPUT_FILE: output };
  const { code } = await run(process.execPath, args, { cwd: project, env });
  return { json: JSON.parse(readFileSync(output, 'utf8')), code: code ?? 1 };
}

describe.each([
  ['vitest', vitestCounts],
  ['@playwright/test', playwrightCounts],
] as const)('%s', (runner, counts) => {
  test('counts what its report says', async () => {
    const { json, code } = await report(runner, cases);
    expect(counts(json, code)).toEqual({ passed: 2, failed: 1, skipped: 1 });
  });

  test('counts a file that does not load as a failure', async () => {
    const { json, code } = await report(runner, 'throw new Error("does not load");');
    expect(counts(json, code)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  test('counts a missing report as a failure', () => {
    expect(counts(undefined, 1)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  test('counts a run in which nothing ran as a failure', async () => {
    const { json, code } = await report(runner, `test.skip('one', () => {});`);
    expect(code).toBe(0);
    expect(counts(json, code)).toEqual({ passed: 0, failed: 1, skipped: 1 });
  });
});

test('the summary is the sum of both runners', () => {
  const counts = sum([
    { passed: 2, failed: 1, skipped: 0 },
    { passed: 10, failed: 0, skipped: 3 },
  ]);
  expect(summary(counts)).toBe('12 passed, 1 failed, 3 skipped');
});

describe('the summary of Vitest names at its end', () => {
  test('a test that failed, with the first line of why', async () => {
    const { json } = await report('vitest', cases);
    expect(vitestFailures(json)).toEqual([expect.stringMatching(/^node_modules\/.*\.mjs > three: Error: no$/)]);
  });

  test('a file that does not load', async () => {
    const { json } = await report('vitest', 'throw new Error("does not load");');
    expect(vitestFailures(json)).toEqual([expect.stringMatching(/^node_modules\/.*\.mjs: does not load$/)]);
  });

  test('nothing where there is no report', () => {
    expect(vitestFailures(undefined)).toEqual([]);
  });
});
