/** docs/troubleshooting.md: what it begins with is what one sees, and what it says to write is run as it stands there. */
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Page } from '@playwright/test';
import { startWaylay } from '../../fixtures/standalone.js';
import { expect, test } from './origins.js';

const sections = readFileSync('docs/troubleshooting.md', 'utf8')
  .split(/^## /m)
  .slice(1)
  .map((text) => ({
    title: text.slice(0, text.indexOf('\n')),
    code: [...text.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code = '']) => code).join('\n'),
  }));

// Its body is the document's lines.
const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor as FunctionConstructor;

/** The section for what was seen, ready to do what it says. */
function sectionFor(seen: string) {
  const parts = (title: string) => [...title.matchAll(/`([^`]+)`/g)].flatMap(([, said = '']) => said.split('…'));
  const found = sections.find(
    ({ title }) => title.includes('`') && parts(title).every((part) => seen.includes(part.trim())),
  );
  if (found === undefined) throw new Error(`no section is called by what was seen: ${seen}`);
  return found;
}

function run(code: string, given: Record<string, unknown>): Promise<void> {
  expect(code).not.toBe('');
  return new AsyncFunction(...Object.keys(given), code)(...Object.values(given));
}

function codeUnder(title: string): string {
  const found = sections.find((section) => section.title === title);
  if (found === undefined) throw new Error(`no section is called ${title}`);
  return found.code;
}

/** Result of the page's fetch: the status, or the error. */
function fetched(page: Page, url: string): Promise<string> {
  return page.evaluate((url) => fetch(url).then(({ status }) => `${status}`, String), url);
}

/** Why what is awaited fails. */
async function failure(awaited: PromiseLike<unknown>): Promise<string> {
  const error = await Promise.resolve(awaited).then(
    () => undefined,
    (error: Error) => error,
  );
  return stripVTControlCharacters(error?.message ?? 'nothing failed');
}

test('a page that may not read a stub’s answer is explained', async ({ page, waylay, origins }) => {
  origins.serve('/', { body: '<!doctype html>' });
  waylay.stubResponse('https://api.test/cart', { json: { items: [] } });
  await page.goto('https://shop.test/');
  const { code } = sectionFor(await fetched(page, 'https://api.test/cart'));
  expect(waylay.warnings.join()).toContain('{ cors: true }');

  await run(code, { waylay });
  expect(await fetched(page, 'https://api.test/cart')).toBe('200');
});

test('a request of the test’s own process is explained', async ({ request, waylay }) => {
  await fetch('https://api.test/cart').catch(() => {});
  const { code } = sectionFor(await failure(expect(waylay).toHaveReceived('https://api.test/cart', { timeout: 1 })));

  await run(code, { waylay, request });
  await expect(waylay).toHaveReceived('https://api.test/cart');
});

test('a server that cannot be reached is explained', async ({ page, waylay }) => {
  const seen = [await failure(page.goto('http://api.invalid/')), await failure(page.goto('https://api.invalid/'))];
  sectionFor(seen.join());
  expect(waylay.exchanges[0]?.error?.code).toBe('WAYLAY_UPSTREAM_DNS');
});

test('a server whose certificate does not verify is explained', async ({ page, waylay }) => {
  const seen = await failure(page.goto('https://unknown-issuer.test/'));
  const code = waylay.exchanges.find(({ error }) => error !== undefined)?.error?.code;
  sectionFor(`${seen}, ${code}`);
});

test('a list that is at its end is explained', async ({ page, waylay, origins }) => {
  origins.serve('/', { body: '<!doctype html>' });
  await page.goto('https://shop.test/');
  const three = async () => [
    await fetched(page, '/stock'),
    await fetched(page, '/stock'),
    await fetched(page, '/stock'),
  ];
  waylay.stubResponse('https://shop.test/stock', [503, { json: { left: 3 } }]);
  expect(await three()).toEqual(['503', '200', '200']);

  await run(codeUnder('The last answer of a list repeats'), { waylay });
  expect(await three()).toEqual(['503', '200', '404']);
});

test('a text that is to be a page is explained', async ({ page, waylay }) => {
  waylay.stubResponse('https://shop.test/', { text: '<h1>Shop</h1>' });
  const response = await page.goto('https://shop.test/');
  const [, text = ''] = /^(text\/plain)/.exec(response?.headers()['content-type'] ?? '') ?? [];
  await expect(page.locator('body')).toHaveText('<h1>Shop</h1>');

  await run(sectionFor(`text is ${text}`).code, { waylay });
  await page.goto('https://shop.test/');
  await expect(page.locator('h1')).toHaveText('Shop');
});

test('a glob with braces is explained', async ({ page, waylay, origins }) => {
  origins.serve('/', { body: '<!doctype html>' });
  await page.goto('https://shop.test/');
  const stub = waylay.stubResponse('https://shop.test/search?filter={open}', 200);
  await fetched(page, '/search?filter={open}');
  expect(stub.hits).toBe(0);

  await run(codeUnder('A glob does not match what it looks like'), { waylay });
  expect(await fetched(page, '/search?filter={open}')).toBe('200');
});

test('a route that answers before the wire is explained', async ({ page, waylay, origins }) => {
  origins.serve('/', { body: '<!doctype html>' });
  await page.goto('https://shop.test/');
  await page.route('https://shop.test/stock', (route) => route.fulfill({ status: 200 }));
  const answered = page.waitForResponse('https://shop.test/stock');
  await fetched(page, '/stock');
  // Asked for the address after Waylay has asked, the browser has answered both.
  await (await answered).serverAddr();
  const received = expect(waylay).toHaveReceived('https://shop.test/stock', { timeout: 1 });
  const { code } = sectionFor(await failure(received));

  await run(code, { page, waylay });
  await fetched(page, '/stock');
  await expect(waylay).toHaveReceived('https://shop.test/stock');
});

test('a response of the HTTP cache is explained', async ({ page, waylay, origins }) => {
  origins.serve('/', { body: '<!doctype html>' });
  origins.serve('/stock', { headers: { 'cache-control': 'max-age=600' }, body: '3' });
  origins.serve('/other', { headers: { 'cache-control': 'max-age=600' }, body: '3' });
  await page.goto('https://shop.test/');
  for (let times = 0; times < 2; times++) await fetched(page, '/other');
  const twice = (path: string) => expect(waylay).toHaveReceived(`https://shop.test${path}`, { times: 2, timeout: 1 });
  const { code } = sectionFor(await failure(twice('/other')));

  await run(code, { waylay });
  for (let times = 0; times < 2; times++) await fetched(page, '/stock');
  await twice('/stock');
});

test('a file that the browser has is explained', async ({ page, waylay, origins }) => {
  const file = test.info().outputPath('app.js');
  await writeFile(file, 'let shop;');
  const statuses = () =>
    waylay.exchanges.filter(({ request }) => request.url.endsWith('/app.js')).map(({ response }) => response?.status);
  origins.serve('/', { body: '<!doctype html>' });
  await page.goto('https://shop.test/');
  waylay.stubResponse('https://shop.test/app.js', { file });
  for (let times = 0; times < 2; times++) await fetched(page, '/app.js');
  expect(statuses()).toEqual([200, 304]);

  await run(codeUnder('A `file` is answered with 304').replace("'app.js'", JSON.stringify(resolve(file))), { waylay });
  await page.evaluate(() => fetch('/app.js', { cache: 'reload' }).then((response) => response.text()));
  for (let times = 0; times < 2; times++) await fetched(page, '/app.js');
  expect(statuses().slice(2)).toEqual([200, 200, 200]);
});

test('a value that is not shown is explained', async ({ request, waylay }) => {
  waylay.stubResponse('https://api.test/', 200);
  await request.get('https://api.test/', { headers: { authorization: 'Bearer one' } });
  const other = { headers: { authorization: 'Bearer two' }, timeout: 1 };
  const seen = await failure(expect(waylay).toHaveReceived('https://api.test/', other));
  expect(sectionFor(seen).title).toBe('`[masked]`');
});

test('a request that is refused is explained', async ({ playwright }) => {
  await using own = await startWaylay({ unmatched: 'refuse' });
  const request = await playwright.request.newContext({ proxy: { server: own.url } });
  const answer = await request.get('http://api.test/');
  expect(sectionFor(await answer.text()).title).toContain('was refused');
  await request.dispose();
});
