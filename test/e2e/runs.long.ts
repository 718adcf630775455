/** Whole runs of projects that use the built package: workers, retries, shards, traces, video, UI mode. */
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from '@playwright/test';
import type { JSONReportTestResult } from '@playwright/test/reporter';
import { attached, endPlaywrights, type ReportedTest, runPlaywright, startPlaywright, testsOf } from './runs/child.js';
import { lendFfmpeg, makeProjects } from './runs/project.js';
import { requestsOfTrace } from './runs/trace.js';

/** Facts that a test of the projects tells of its own proxy. */
interface Journal {
  readonly mark: string;
  readonly urls: readonly string[];
  readonly ca: string;
  readonly workerIndex: number;
  readonly parallelIndex: number;
}

let folder = '';
let withVideo: Record<string, string> | undefined;
let whole: ReportedTest[];
let merged: ReportedTest[];
let commonJs: ReportedTest[];

test.beforeAll(async () => {
  test.setTimeout(600_000); // a build, and whole runs with browsers of their own
  folder = await makeProjects();
  withVideo = lendFfmpeg(folder);
  const shards = async () => {
    await Promise.all(['1', '2'].map((shard) => runShard(shard)));
    merged = await mergeShards();
  };
  const others = async () => {
    whole = await runProject('esm', 'whole', ['--workers=2']);
    commonJs = await runProject('cjs', 'whole', ['--workers=2']);
  };
  await Promise.all([shards(), others()]);
});

test.afterAll(async () => {
  await endPlaywrights();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

async function runProject(project: string, name: string, args: readonly string[]): Promise<ReportedTest[]> {
  const report = await runPlaywright(['test', ...args, '--reporter=json', `--output=results-${name}`], {
    cwd: join(folder, project),
    env: { ...withVideo },
    reportFile: join(folder, `${project}-${name}.json`),
  });
  return testsOf(report);
}

async function runShard(shard: string): Promise<void> {
  const args = ['--workers=1', `--shard=${shard}/2`, '--reporter=blob', `--output=results-shard-${shard}`];
  const child = startPlaywright(['test', ...args], {
    cwd: join(folder, 'esm'),
    env: { ...withVideo, PLAYWRIGHT_BLOB_OUTPUT_FILE: join(folder, 'blobs', `shard-${shard}.zip`) },
  });
  await child.ended;
  if (!existsSync(join(folder, 'blobs', `shard-${shard}.zip`))) throw new Error(child.output());
}

async function mergeShards(): Promise<ReportedTest[]> {
  const report = await runPlaywright(['merge-reports', '--reporter=json,html', join(folder, 'blobs')], {
    cwd: folder,
    env: { PLAYWRIGHT_HTML_OPEN: 'never', PLAYWRIGHT_HTML_OUTPUT_DIR: join(folder, 'html') },
    reportFile: join(folder, 'merged.json'),
  });
  return testsOf(report);
}

for (const [name, tests] of [
  ['with two workers', () => whole],
  ['in two shards, merged', () => merged],
] as const) {
  test.describe(name, () => {
    test('every test ends as it should', () => {
      const ends = new Map(tests().map(({ title, test }) => [`${test.projectName}: ${title}`, test.status]));
      const others = [...ends].filter(([, status]) => status !== 'expected');
      expect(others.sort()).toEqual([
        ['desktop: failures.run.ts › fails always', 'unexpected'],
        ['desktop: failures.run.ts › fails at first, and not again', 'flaky'],
      ]);
      expect([...ends.keys()].sort()).toEqual(whole.map(({ title, test }) => `${test.projectName}: ${title}`).sort());
    });

    test('every attempt had a proxy and a journal of its own', async () => {
      const journals = await journalsOf(tests());
      expect(journals.length).toBeGreaterThan(15);
      expect(new Set(journals.map(({ ca }) => ca)).size).toBe(journals.length);
      for (const { mark, urls } of journals) expect(urls.filter((url) => !url.includes(mark))).toEqual([]);
      expect(journals.filter(({ urls }) => urls.length > 0).length).toBeGreaterThan(12);
    });

    test('a retry starts afresh', async () => {
      const [first, second] = resultsOf(tests(), 'fails at first, and not again');
      expect([first?.status, second?.status]).toEqual(['failed', 'passed']);
      const text = stripVTControlCharacters(first?.errors.map(({ message }) => message).join('\n') ?? '');
      expect(text).toMatch(/No request matched .*\/never\?mark=/);
      expect((await journalOf(first))?.urls).toHaveLength(4);
      expect((await journalOf(second))?.urls).toHaveLength(2);
    });

    test('each attempt that fails has its own traffic attached', async () => {
      const results = resultsOf(tests(), 'fails always');
      expect(results.map(({ status }) => status)).toEqual(['failed', 'failed']);
      for (const result of results) {
        const mark = (await journalOf(result))?.mark;
        expect(await attached(result, 'traffic.txt')).toContain(`/api/who?mark=${mark}`);
        const har = JSON.parse((await attached(result, 'traffic.har')) ?? '');
        const urls: string[] = har.log.entries.map(({ request }: { request: { url: string } }) => request.url);
        const asked = urls.filter((url) => !url.endsWith('/favicon.ico')); // which the browser may ask on its own
        expect(asked.map((url) => new URL(url).searchParams.get('mark'))).toEqual([mark, mark]);
      }
    });

    test('each project has its own options, and test.use takes their place', () => {
      const hasTraffic = (project: string, name: string) =>
        resultsOf(
          tests().filter(({ test }) => test.projectName === project),
          name,
        ).map(({ attachments }) => attachments.some((each) => each.name === 'traffic.har'));
      const sibling = 'the first sibling has its own answer';
      expect(hasTraffic('desktop', sibling)).toEqual([true]);
      expect(hasTraffic('phone', sibling)).toEqual([false]);
      expect(hasTraffic('desktop', 'test.use takes the place of the project’s options')).toEqual([false]);
    });
  });
}

test('two workers worked side by side', async () => {
  const journals = await journalsOf(whole);
  expect([...new Set(journals.map(({ parallelIndex }) => parallelIndex))].sort()).toEqual([0, 1]);
});

test('a trace has the requests, those that were stubbed too', async () => {
  const [result] = resultsOf(whole, 'what happens is recorded');
  const mark = (await journalOf(result))?.mark;
  const path = result?.attachments.find(({ name }) => name === 'trace')?.path as string;

  const requests = (await requestsOfTrace(path)).map(({ method, url, status }) => {
    const { protocol, pathname, search } = new URL(url);
    return `${method} ${protocol}${pathname}${search} ${status}`;
  });
  expect(requests).toEqual([
    `GET http:/?mark=${mark} 200`,
    `GET http:/api/who?mark=${mark} 200`,
    `GET https:/?mark=${mark} 200`,
  ]);
});

test('a video is kept', () => {
  test.skip(
    withVideo === undefined && !process.env.WAYLAY_REQUIRE_TOOLS,
    'Playwright films with an ffmpeg that it downloads; there is none on PATH to stand in for it',
  );
  const [result] = resultsOf(whole, 'what happens is recorded');
  const path = result?.attachments.find(({ name }) => name === 'video')?.path as string;

  expect(path).toMatch(/\.webm$/);
  expect(statSync(path).size).toBeGreaterThan(1000);
});

test('a merged report in HTML shows the traffic of a test that failed', async ({ page }) => {
  const report = join(folder, 'html');
  expect(readdirSync(report)).toContain('index.html');
  await page.goto(`${pathToFileURL(join(report, 'index.html'))}`);
  await page.getByRole('link', { name: 'fails always' }).first().click();

  await expect(page.getByText('traffic.txt').first()).toBeVisible();
  await expect(page.getByText('traffic.har').first()).toBeVisible();
});

test('a project in JavaScript and CommonJS runs the same', () => {
  expect(commonJs.map(({ title, test }) => [title.split(' › ').at(-1), test.status])).toEqual([
    ['asserts on the wire', 'expected'],
    ['answers over TLS, and in the API', 'expected'],
    ['needs no page', 'expected'],
    ['attaches its traffic', 'expected'],
  ]);
  const withTraffic = commonJs.filter(({ results }) =>
    results[0]?.attachments.some(({ name }) => name === 'traffic.har'),
  );
  expect(withTraffic.map(({ title }) => title.split(' › ').at(-1))).toEqual(['attaches its traffic']);
});

test('UI mode runs the tests', async ({ page }) => {
  test.setTimeout(180_000);
  const child = startPlaywright(['test', 'siblings', '--project=desktop', '--ui-host=127.0.0.1', '--ui-port=0'], {
    cwd: join(folder, 'esm'),
    // The address is for us, not for a browser that Playwright opens.
    env: { PWTEST_UNDER_TEST: '1' },
  });
  try {
    const [, url = ''] = await child.printed(/Listening on (http:\S+)/);
    await page.goto(url);
    await page.getByTitle('Run all').click();

    await expect(page.getByTestId('status-line')).toHaveText(/^3\/3 .*3 passed/, { timeout: 120_000 });
  } finally {
    child.interrupt();
    await child.ended;
  }
});

function resultsOf(tests: readonly ReportedTest[], name: string): readonly JSONReportTestResult[] {
  const found = tests.find(({ title }) => title.endsWith(` › ${name}`));
  if (found === undefined) throw new Error(`no test '${name}' among ${tests.map(({ title }) => title).join(', ')}`);
  return found.results;
}

async function journalOf(result: JSONReportTestResult | undefined): Promise<Journal | undefined> {
  const text = result && (await attached(result, 'journal'));
  return text === undefined ? undefined : JSON.parse(text);
}

async function journalsOf(tests: readonly ReportedTest[]): Promise<Journal[]> {
  const all = await Promise.all(tests.flatMap(({ results }) => results).map(journalOf));
  return all.filter((journal) => journal !== undefined);
}
