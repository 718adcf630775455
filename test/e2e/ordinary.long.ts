/** Ordinary Playwright tests pass, and see, the same with one changed import: two runs of `ordinary/`, compared. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from '@playwright/test';
import { root } from '../../scripts/command.mjs';
import { attached, endPlaywrights, type ReportedTest, runPlaywright, testsOf } from './runs/child.js';

const ordinary = join(root, 'test/e2e/ordinary');

/** The titles, as a run lists them. They are needed before anything runs. */
const titles = ['forms', 'navigation', 'network', 'routing', 'requests', 'state', 'pages'].flatMap((file) => {
  const text = readFileSync(join(ordinary, `${file}.ordinary.ts`), 'utf8');
  return [...text.matchAll(/^ *test\('(.*)', async|^ *test\('(.*)', \(\)/gm)].map(
    ([, one, other]) => `${file}: ${one ?? other}`,
  );
});

interface Outcome {
  readonly status: string;
  readonly errors: readonly string[];
  readonly annotations: readonly unknown[];
  readonly steps: readonly string[];
  readonly recorded: unknown;
}

const plain = new Map<string, Outcome>();
const withWaylay = new Map<string, Outcome>();

// biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs from this pattern
test.beforeAll(async ({}, testInfo) => {
  testInfo.setTimeout(600_000); // two whole runs, with browsers of their own
  const runs = [
    ['playwright', plain],
    ['waylay', withWaylay],
  ] as const;
  await Promise.all(
    runs.map(async ([name, outcomes]) => {
      const output = testInfo.outputPath(name);
      const report = await runPlaywright(['test', '--workers=1', '--reporter=json', `--output=${output}`], {
        cwd: ordinary,
        env: { ORDINARY_WITH: name },
        reportFile: testInfo.outputPath(`${name}.json`),
      });
      for (const each of testsOf(report)) outcomes.set(nameOf(each), await outcomeOf(each));
    }),
  );
});

test.afterAll(endPlaywrights);

test('both runs had the same tests, of every kind', () => {
  expect([...plain.keys()].sort()).toEqual([...titles].sort());
  expect([...withWaylay.keys()]).toEqual([...plain.keys()]);
  expect(titles.length).toBeGreaterThan(30);
});

for (const title of titles) {
  test(title, () => {
    const expected = plain.get(title);
    // Two tests are there to fail: one says so, one does not.
    if (/ fails, and says why| fails as it is expected to/.test(title)) expect(expected?.status).toBe('failed');
    else expect(expected).toMatchObject({ status: 'passed', errors: [] });
    expect(withWaylay.get(title)).toEqual(expected);
  });
}

function nameOf({ title }: ReportedTest): string {
  const [file = ''] = title.split('.');
  return `${file}: ${title.split(' › ').at(-1)}`;
}

async function outcomeOf({ results }: ReportedTest): Promise<Outcome> {
  const [result, ...more] = results;
  if (result === undefined || more.length > 0) throw new Error('a test ran more than once, or never');
  const recorded = await attached(result, 'outcome');
  return {
    status: result.status ?? 'none',
    errors: result.errors.map(({ message = '' }) => stable(stripVTControlCharacters(message))),
    annotations: result.annotations.map(({ type, description }) => [type, description]),
    // When a worker ends depends on the tests before.
    steps: (result.steps ?? []).map(({ title }) => stable(title)).filter((title) => title !== 'Worker Cleanup'),
    recorded: recorded === undefined ? undefined : JSON.parse(stable(recorded)),
  };
}

/** Without what differs from run to run: the ports of the site, and how often a matcher looked in the time it had. */
function stable(text: string): string {
  return text
    .replace(/((?:localhost|127\.0\.0\.1):)\d{4,5}/g, '$1PORT')
    .replace(/^ +(?:- +)?(?:\d+ × )?((?:locator resolved to|unexpected value) )/gm, '  - $1');
}
