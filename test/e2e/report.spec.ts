/** A failing test's report: read from a run of the tests in `failing/`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from '@playwright/test';
import type { JSONReport, JSONReportSuite, JSONReportTestResult } from '@playwright/test/reporter';
import { commandFile, root } from '../../scripts/command.mjs';
import { harFaults } from '../journal/har/har-schema.js';

/** Milliseconds for a whole run, with a browser of its own, on a busy machine. */
const RUN_LIMIT = 280_000;

const failing = join(root, 'test/e2e/failing');
const results = new Map<string, JSONReportTestResult>();
/** Output of the run for who looks at the terminal. */
let terminal = '';

// biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs from this pattern
test.beforeAll(async ({}, testInfo) => {
  testInfo.setTimeout(RUN_LIMIT + 20_000);
  const report = await run(testInfo.outputPath('results'));
  for (const suite of report.suites) collect(suite);
});

test('a passing test has no attachments', () => {
  const { status, attachments } = result('passes');

  expect(status).toBe('passed');
  expect(attachments).toEqual([]);
});

for (const title of ['expects in vain, awaited', 'expects in vain, not awaited', 'fails by itself']) {
  test(`the traffic is attached to a test that ${title}`, () => {
    expect(result(title).status).toBe('failed');

    const summary = attachment(title, 'traffic.txt', 'text/plain');
    expect(summary).toMatch(/GET +200 +stub .*https:\/\/shop\.test\/$/m);
    expect(summary).toMatch(/POST +402 +stub .*https:\/\/shop\.test\/api\/charges$/m);
    const har = JSON.parse(attachment(title, 'traffic.har', 'application/json'));
    expect(harFaults(har)).toEqual([]);
    const urls = har.log.entries.map(({ request }: { request: { url: string } }) => request.url);
    expect(urls).toContain('https://shop.test/api/charges');
  });
}

test('the message of an expectation that was awaited names the pattern, the nearest miss and the place', () => {
  const text = message('expects in vain, awaited');

  expect(text).toContain('No request matched POST https://shop.test/api/charges');
  expect(text).toContain('within 50 ms');
  const stub = `test/e2e/failing/shop.failing.ts:${lineOf("stubResponse('POST https://shop.test/api/charges'")}`;
  expect(text).toContain(`POST https://shop.test/api/charges (402, stub at ${stub})`);
  expect(text).toMatch(/^.*- .*4200/m);
  expect(text).toMatch(/^.*\+ .*4100/m);
  expect(text).toContain(`shop.failing.ts:${lineOf('await waylay.expectRequest(', 2)}:`);
});

test('an expectation that is not awaited fails the test at its end', () => {
  const text = message('expects in vain, not awaited');

  expect(text).toContain('No request matched DELETE https://shop.test/api/cart by the end of the test');
  expect(text).toMatch(/#\d+ (GET|POST) https:\/\/shop\.test\//);
  expect(text).toContain(`shop.failing.ts:${lineOf("expectRequest('DELETE")}:`);
});

test('a matcher that is not awaited fails the test at its end, which says so and where', () => {
  const title = 'looks in vain, not awaited';
  const text = message(title);

  expect(result(title).status).toBe('failed');
  expect(text).toContain('expect(waylay).toHaveReceived: https://shop.test/api/late was not awaited');
  expect(text).toContain('Write await before it.');
  expect(text).toMatch(
    new RegExp(`Written: +\\S*shop\\.failing\\.ts:${lineOf("toHaveReceived('https://shop.test/api/late')")}\\b`),
  );
  expect(codeFrame(title)).toContain("void expect(waylay).toHaveReceived('https://shop.test/api/late');");
  expect(result(title).errors).toHaveLength(1);
});

test('an unused stub is a warning of a test that passes, with its place and the nearest request', () => {
  const { status, annotations, attachments } = result('leaves a stub unused');

  expect(status).toBe('passed');
  expect(attachments).toEqual([]);
  const place = `test/e2e/failing/shop.failing.ts:${lineOf("stubResponse('GET https://shop.test/api/charges'")}`;
  // A browser asks for the icon when it likes.
  const description = annotations[0]?.description?.replace(/#\d+/, '#N');
  expect(annotations.map(({ type }) => type)).toEqual(['warning']);
  expect(description).toBe(
    `No request met the stub GET https://shop.test/api/charges (${place}); nearest: #N POST https://shop.test/api/charges (402, stub) differs in method.`,
  );
});

test('stubs that no request met are in the terminal where a test fails by itself', () => {
  const title = 'leaves stubs unused, and fails by itself';
  const [, printed = ''] = terminal.split(/^ +\d+\) .*leaves stubs unused, and fails by itself.*$/m);
  const [section = ''] = printed.split(/^ {2}\d+\) /m);
  const lines = readFileSync(join(failing, 'shop.failing.ts'), 'utf8').split('\n');
  const place = (text: string) => `(shop.failing.ts:${lines.findIndex((line) => line.includes(text)) + 1})`;

  expect(section).toContain('attachment #');
  expect(section).toContain('3 warnings, in full below. No request met:');
  expect(section).toContain(`- the mutation POST https://shop.test/api/charge ${place('waylay.mutate(')}`);
  expect(section).toContain(
    `- the stub https://shop.test/api/recommendations?session=0123456789abcdef&limit=20 ${place('recommendations')}`,
  );
  expect(section).toContain('and 1 more');
  const text = attachment(title, 'traffic.txt', 'text/plain');
  expect(text.match(/^No request met the (stub|mutation) .*; nearest: /gm)).toHaveLength(3);
  expect(text).toMatch(/stub \[\d\] .*https:\/\/shop\.test\/api\/charges$/m);
  expect(text).toMatch(/^\[\d\] stub POST https:\/\/shop\.test\/api\/charges, written at .*shop\.failing\.ts:\d+$/m);
});

test('an unused stub fails the test where that is asked for', () => {
  const title = 'does not use one';

  expect(result(title).status).toBe('failed');
  expect(message(title)).toMatch(/^TestError: No request met the stub GET https:\/\/shop\.test\/api\/charges\.\n/);
  expect(codeFrame(title)).toContain("waylay.stubResponse('GET https://shop.test/api/charges', 200);");
});

for (const [title, code] of [
  [
    'expects in vain, awaited',
    "await waylay.expectRequest('POST https://shop.test/api/charges', { json: { amount: 4200 }",
  ],
  ['expects in vain, not awaited', "waylay.expectRequest('DELETE https://shop.test/api/cart');"],
  ['expects softly, and goes on', "await expect.soft(waylay).toHaveReceived('https://shop.test/api/refunds'"],
] as const) {
  test(`the code is shown where a test ${title}`, () => {
    expect(codeFrame(title)).toContain(code);
  });
}

test('differences are in colours, and attachments are not', () => {
  const title = 'expects in vain, awaited';

  const [error] = result(title).errors;
  expect(error?.message).toContain('\x1b[32m- 4200\x1b[39m');
  expect(error?.message).toContain('\x1b[31m+ 4100\x1b[39m');
  for (const [name, type] of [
    ['traffic.txt', 'text/plain'],
    ['traffic.har', 'application/json'],
  ] as const) {
    expect(attachment(title, name, type)).not.toContain('\x1b');
  }
});

test('a soft expectation fails the test and lets it go on', () => {
  const title = 'expects softly, and goes on';

  expect(result(title).status).toBe('failed');
  expect(result(title).annotations.map(({ type }) => type)).toContain('went on');
  expect(message(title)).toContain('No request matched https://shop.test/api/refunds within 50 ms.');
});

test('a poll in vain says what the last request had', () => {
  expect(message('polls in vain')).toMatch(/headers\['x-retry'\]\n +- '3'\n +\+ \(absent\)/);
});

test('the mask of the option holds for matchers and attachments', () => {
  const title = 'compares a secret';

  expect(result(title).status).toBe('failed');
  expect(message(title)).toMatch(/headers\['x-secret'\]\n +- \[masked\]\n +\+ \[masked\] \(another value\)/);
  expect(JSON.stringify(result(title))).not.toContain('s3cr3t');
  expect(attachment(title, 'traffic.har', 'application/json')).not.toContain('s3cr3t');
});

test('a refused request fails the test, which names it', () => {
  const title = 'asks for what is not stubbed';
  const text = message(title);

  expect(result(title).status).toBe('failed');
  expect(text).toContain('GET https://tracker.invalid/pixel was refused');
  expect(text).toContain("waylay.stubResponse('GET https://tracker.invalid/pixel', { status: 200 }, { cors: true });");
  expect(attachment(title, 'traffic.txt', 'text/plain')).toMatch(/WAYLAY_REFUSED +refused/);
});

async function run(output: string): Promise<JSONReport> {
  // Playwright's variables for this run and its workers are not for a run inside of one.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(TEST_|PW_|PLAYWRIGHT_)/.test(name)),
  );
  const args = [commandFile('@playwright/test', 'playwright'), 'test', '-c', failing];
  const file = `${output}.json`;
  const child = spawn(process.execPath, [...args, '--reporter=list,json', `--output=${output}`], {
    env: { ...env, FORCE_COLOR: '0', PLAYWRIGHT_JSON_OUTPUT_FILE: file },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: RUN_LIMIT,
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(child, 'close');
  terminal = Buffer.concat(chunks).toString();
  return JSON.parse(readFileSync(file, 'utf8'));
}

function collect({ specs, suites = [] }: JSONReportSuite): void {
  for (const spec of specs) {
    const [only] = spec.tests.flatMap((one) => one.results);
    if (only !== undefined) results.set(spec.title, only);
  }
  for (const suite of suites) collect(suite);
}

function result(title: string): JSONReportTestResult {
  const found = results.get(title);
  if (found === undefined) throw new Error(`no result of '${title}' among ${[...results.keys()].join(', ')}`);
  return found;
}

function message(title: string): string {
  return stripVTControlCharacters(
    result(title)
      .errors.map(({ message = '' }) => message)
      .join('\n'),
  );
}

/** The line of the failing tests' file that has the text, for the nth time. */
function lineOf(text: string, nth = 1): number {
  const lines = readFileSync(join(failing, 'shop.failing.ts'), 'utf8').split('\n');
  return lines.flatMap((line, at) => (line.includes(text) ? [at + 1] : []))[nth - 1] ?? -1;
}

/** The code that reports show with the first error. */
function codeFrame(title: string): string {
  // In the report, though not in its type.
  const { snippet } = (result(title).error ?? {}) as { snippet?: string };
  return stripVTControlCharacters(snippet ?? 'no code');
}

function attachment(title: string, name: string, contentType: string): string {
  const found = result(title).attachments.filter((each) => each.name === name);
  expect(found).toHaveLength(1);
  expect(found[0]?.contentType).toBe(contentType);
  return Buffer.from(found[0]?.body ?? '', 'base64').toString();
}
