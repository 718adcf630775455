/** What the report of a failing test has: read from a run of the tests in `failing/`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from '@playwright/test';
import type { JSONReport, JSONReportSuite, JSONReportTestResult } from '@playwright/test/reporter';
import { commandFile, root } from '../../scripts/command.mjs';
import { harFaults } from '../exchange/har-schema.js';

const failing = join(root, 'test/e2e/failing');
const results = new Map<string, JSONReportTestResult>();

// biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs from this pattern
test.beforeAll(async ({}, testInfo) => {
  testInfo.setTimeout(120_000); // a whole run, with a browser of its own
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
  expect(text).toContain('POST https://shop.test/api/charges (402, stub)');
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

test('a refused request fails the test, which names it', () => {
  const title = 'asks for what is not stubbed';
  const text = message(title);

  expect(result(title).status).toBe('failed');
  expect(text).toContain('GET https://tracker.invalid/pixel was refused');
  expect(text).toContain("waylay.stubResponse('GET https://tracker.invalid/pixel', { status: 200 });");
  expect(attachment(title, 'traffic.txt', 'text/plain')).toMatch(/WAYLAY_REFUSED +refused/);
});

async function run(output: string): Promise<JSONReport> {
  // What Playwright is told about this run, and says to its workers, is not for a run inside of one.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(TEST_|PW_|PLAYWRIGHT_)/.test(name)),
  );
  const args = [commandFile('@playwright/test', 'playwright'), 'test', '-c', failing];
  const child = spawn(process.execPath, [...args, '--reporter=json', `--output=${output}`], {
    env: { ...env, FORCE_COLOR: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(child, 'close');
  return JSON.parse(Buffer.concat(chunks).toString());
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

function attachment(title: string, name: string, contentType: string): string {
  const found = result(title).attachments.filter((each) => each.name === name);
  expect(found).toHaveLength(1);
  expect(found[0]?.contentType).toBe(contentType);
  return Buffer.from(found[0]?.body ?? '', 'base64').toString();
}
