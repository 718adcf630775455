/** The rest of the report, and what Playwright's own options become: read from runs of `told/`. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from '@playwright/test';
import type { JSONReportTestResult, JSONReportTestStep } from '@playwright/test/reporter';
import { root } from '../../scripts/command.mjs';
import { attached, type ReportedTest, runPlaywright, testsOf } from './runs/child.js';

test.describe.configure({ mode: 'serial', timeout: 300_000 });

const told = join(root, 'test/e2e/told');
let tests: ReportedTest[] = [];

function resultOf(title: string): JSONReportTestResult {
  const found = tests.find((each) => each.title.endsWith(title))?.results[0];
  if (found === undefined) throw new Error(`no test is called '${title}'`);
  return found;
}

const warnings = (title: string) => resultOf(title).annotations.map(({ description }) => description ?? '');

const messageOf = (result: JSONReportTestResult) => stripVTControlCharacters(result.errors[0]?.message ?? '');

test('the tests run', async ({ playwright }) => {
  const other = createServer((request, response) => {
    // In absolute-form, as a proxy is asked (RFC 9112, section 3.2.2).
    response.end(request.url === 'http://behind.invalid/asked' ? 'from behind' : `not ${request.url}`);
  });
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  const executablePath = process.env.WAYLAY_BROWSER;
  const elsewhere = await playwright.chromium.launchServer(executablePath ? { executablePath } : {});
  const output = test.info().outputPath('told');
  const report = await runPlaywright(['test', '-c', told, '--reporter=json', `--output=${output}`], {
    cwd: root,
    env: { TOLD_PROXY: `http://127.0.0.1:${port}`, TOLD_CONNECT: elsewhere.wsEndpoint() },
    reportFile: `${output}.json`,
  });
  await elsewhere.close();
  other.closeAllConnections();
  await new Promise((resolve) => other.close(resolve));

  tests = testsOf(report);
  expect(tests.length).toBeGreaterThan(12);
});

for (const [title, by] of [
  ['a context is to have no proxy', 'with no proxy'],
  ['a file is to have no proxy', 'with no proxy'],
  ['a context goes to another Waylay', 'with the proxy http://127.0.0.1:'],
] as const) {
  test(`a warning is given where ${title}`, () => {
    expect(messageOf(resultOf(title))).toBe('');
    expect(warnings(title)).toEqual([expect.stringContaining(by)]);
    expect(warnings(title)[0]).toContain("does not go through this test's Waylay");
  });
}

test('a warning is given where requests go past the proxy', () => {
  const title = 'a context goes past the proxy';
  expect(resultOf(title).status).toBe('passed');
  expect(warnings(title)).toEqual([
    expect.stringMatching(/^GET http:\/\/127\.0\.0\.1:\d+\/past went to 127\.0\.0\.1:\d+ past Waylay/),
  ]);
});

test('a failed expectation says what page.route answered', async () => {
  const result = resultOf('page.route answers what is expected');
  expect(result.status).toBe('failed');
  expect(messageOf(result)).toContain('Answered before the wire');
  expect(messageOf(result)).toContain('GET https://shop.test/api/cart was answered inside the browser, by page.route');
});

test('a connection left open is listed, warned of, or fails, as asked for', async () => {
  const listed = resultOf('which is listed');
  expect(listed.status).toBe('passed');
  expect(listed.annotations).toEqual([]);
  expect(await attached(listed, 'traffic.txt')).toMatch(
    /Left open at the end of the test:\n {2}#\d+ GET https:\/\/shop\.test\/socket: a WebSocket, open for \d+ ms/,
  );
  expect(await attached(listed, 'traffic.html')).toContain('https://shop.test/socket: a WebSocket');
  const warned = 'which is warned of';
  expect(resultOf(warned).status).toBe('passed');
  expect(warnings(warned)).toEqual([expect.stringContaining('https://shop.test/socket: a WebSocket')]);
  const failed = resultOf('which fails');
  expect(failed.status).toBe('failed');
  expect(messageOf(failed)).toContain('https://shop.test/socket: a WebSocket');
});

test('stubs, mutations and awaited expectations are steps, where they were written', () => {
  const steps = flat(resultOf('stubs and expectations are steps').steps ?? []);
  const titles = steps.map(({ title }) => title);
  expect(titles).toContain('expectRequest https://shop.test/');
  expect(titles).toContain('stubResponse https://shop.test/**');
  expect(titles).toContain('mutate https://shop.test/');
});

test('hosts that a group’s options have dropped are named where what they mapped fails', () => {
  const messagesOf = (title: string) =>
    resultOf(title).errors.map(({ message }) => stripVTControlCharacters(message ?? ''));
  for (const [title, host, by] of [
    ['hosts of the config are lost', 'config.test', 'the config'],
    ['hosts of the file are lost', 'file.test', 'another test of this file'],
  ] as const) {
    const told = `${host} could not be reached: ${by} maps it (hosts: { '${host}': '127.0.0.1:9' }), and the waylayOptions of this test do not.`;
    expect(resultOf(title).status).toBe('failed');
    expect(messagesOf(title)).toEqual([expect.anything(), expect.stringContaining(told)]);
    expect(warnings(title)).toContainEqual(expect.stringContaining(told));
  }
  // A test that passes is warned only, and one whose host nobody maps is told nothing of it.
  expect(resultOf('hosts are lost and not missed').status).toBe('passed');
  expect(warnings('hosts are lost and not missed')).toEqual([expect.stringMatching(/^api\.config\.test could not be/)]);
  expect(messagesOf('a host that nobody maps')).toHaveLength(1);
  expect(warnings('a host that nobody maps')).toEqual([]);
});

test('nothing is attached where that is not wanted', () => {
  const result = resultOf('a failing test attaches nothing');
  expect(result.status).toBe('failed');
  expect(result.attachments.filter(({ name }) => name.startsWith('traffic'))).toEqual([]);
});

for (const [what, title] of [
  ['the proxy of the config becomes the way to the upstreams', 'the config’s proxy is gone through'],
  ['a browser that was started elsewhere is intercepted', 'a browser that was started elsewhere is intercepted'],
  ['later tests of a browser that was started elsewhere are intercepted too', 'started elsewhere serves a second test'],
  [
    'ignoreHTTPSErrors of the config leaves the cache and service workers as they are',
    'unverified upstreams keep the cache and the service worker',
  ],
] as const) {
  test(what, () => {
    const result = resultOf(title);
    expect(messageOf(result)).toBe('');
    expect(result.status).toBe('passed');
  });
}

test('where a browser falls back, the report says so once', () => {
  const notes = tests.flatMap(({ results }) => results.flatMap(({ annotations }) => annotations));
  expect(notes.filter(({ type }) => type === 'waylay')).toEqual([
    expect.objectContaining({ description: expect.stringContaining('ignoreHTTPSErrors') }),
  ]);
});

function flat(steps: readonly JSONReportTestStep[]): JSONReportTestStep[] {
  return steps.flatMap((step) => [step, ...flat(step.steps ?? [])]);
}
