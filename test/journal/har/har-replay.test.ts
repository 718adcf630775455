/** Playwright's `routeFromHAR` as a reader of our archives: what it answers is what the exchanges were. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Browser, type BrowserContext, chromium, type Page } from '@playwright/test';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { usualPaths } from '../../../scripts/browser.mjs';
import { toHar } from '../../../src/journal/har/har.js';
import { requireTool } from '../../tools.js';
import { makeExchange } from '../exchanges.js';

const html = '<!doctype html><title>Shop</title><p>Prix : 5 €</p>';
const binary = Buffer.from([0, 1, 2, 0xff, 0xfe]);

const exchanges = [
  makeExchange({
    url: 'https://shop.test/',
    response: {
      headers: ['Content-Type', 'text/html; charset=utf-8', 'Content-Encoding', 'gzip', 'X-Many', '1', 'x-many', '2'],
      body: gzipSync(html),
    },
    timing: { sent: 1, responseStart: 2, end: 3 },
  }),
  makeExchange({
    url: 'https://shop.test/image',
    response: { headers: ['Content-Type', 'application/octet-stream'], body: binary },
    timing: { end: 3 },
  }),
  makeExchange({
    url: 'https://shop.test/latin',
    response: { headers: ['Content-Type', 'text/plain; charset=iso-8859-1'], body: Buffer.from('é', 'latin1') },
    timing: { end: 3 },
  }),
  ...['first', 'second'].map((name) =>
    makeExchange({
      method: 'POST',
      url: 'https://shop.test/api?a=1',
      headers: ['Content-Type', 'application/json'],
      request: { body: JSON.stringify({ name }) },
      response: { status: 201, headers: ['Content-Type', 'application/json'], body: JSON.stringify({ was: name }) },
      timing: { end: 3 },
    }),
  ),
  makeExchange({
    method: 'POST',
    url: 'https://shop.test/upload',
    headers: ['Content-Type', 'application/octet-stream'],
    request: { body: binary },
    response: { status: 200, body: 'stored' },
    timing: { end: 3 },
  }),
  makeExchange({
    url: 'https://shop.test/old',
    response: { status: 302, headers: ['Location', '/image'] },
    timing: { end: 3 },
  }),
];

/** Under the usual mask. */
const signedIn = makeExchange({
  url: 'https://shop.test/signed-in',
  response: { headers: ['Content-Type', 'text/html', 'Set-Cookie', 'sid=1; Path=/'], body: '<p>in</p>' },
  timing: { end: 3 },
});

const folder = mkdtempSync(join(tmpdir(), 'waylay-har-'));
const har = join(folder, 'test.har');
let browser: Browser | undefined;
let context: BrowserContext;
let page: Page;

beforeAll(() => writeFileSync(har, JSON.stringify(toHar(exchanges, { version: '0', mask: [] }))));

beforeEach(async (ctx) => {
  const executablePath =
    process.env.WAYLAY_BROWSER || usualPaths(process.platform, process.env, homedir()).find(existsSync);
  if (executablePath === undefined) requireTool(ctx, 'chromium');
  browser ??= await chromium.launch(executablePath === undefined ? {} : { executablePath });
  context = await browser.newContext();
  await context.routeFromHAR(har, { notFound: 'abort' });
  page = await context.newPage();
});

afterEach(() => context?.close());

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

/** Fetches in the page; bodies as arrays of bytes. */
function fetchInPage(url: string, post?: { type: string; body: Buffer }) {
  return page.evaluate(
    async ({ url, type, bytes }) => {
      const init = bytes && { method: 'POST', headers: { 'content-type': type ?? '' }, body: new Uint8Array(bytes) };
      const response = await fetch(url, init);
      return { status: response.status, url: response.url, bytes: [...new Uint8Array(await response.arrayBuffer())] };
    },
    { url, type: post?.type, bytes: post && [...post.body] },
  );
}

test('a compressed page is there in clear, with its headers', async () => {
  const response = await page.goto('https://shop.test/');
  expect(response?.status()).toBe(200);
  expect(await page.locator('p').textContent()).toBe('Prix : 5 €');
  expect(await response?.headerValue('content-type')).toBe('text/html; charset=utf-8');
});

test('bytes come back as they were, also in another charset and after a redirect', async () => {
  await page.goto('https://shop.test/');
  expect((await fetchInPage('/image')).bytes).toEqual([...binary]);
  expect((await fetchInPage('/latin')).bytes).toEqual([0xe9]);
  expect((await fetchInPage('/old')).bytes).toEqual([...binary]);
});

test('requests are told apart by their bodies, text and binary', async () => {
  await page.goto('https://shop.test/');
  for (const name of ['second', 'first']) {
    const body = Buffer.from(JSON.stringify({ name }));
    const { status, bytes } = await fetchInPage('/api?a=1', { type: 'application/json', body });
    expect([status, Buffer.from(bytes).toString()]).toEqual([201, JSON.stringify({ was: name })]);
  }
  const upload = await fetchInPage('/upload', { type: 'application/octet-stream', body: binary });
  expect(Buffer.from(upload.bytes).toString()).toBe('stored');
});

test('a request that is not in the archive is not answered', async () => {
  await page.goto('https://shop.test/');
  await expect(fetchInPage('/other')).rejects.toThrow('Failed to fetch');
  const other = { type: 'application/octet-stream', body: Buffer.from('other') };
  await expect(fetchInPage('/upload', other)).rejects.toThrow('Failed to fetch');
});

test('a masked cookie is replayed as nothing', async () => {
  const masked = join(folder, 'masked.har');
  writeFileSync(masked, JSON.stringify(toHar([signedIn], { version: '0' })));
  await context.routeFromHAR(masked, { notFound: 'fallback' });
  await page.goto('https://shop.test/signed-in');
  expect(await page.evaluate('document.cookie')).toBe('');
  expect(await context.cookies()).toEqual([]);

  // Cookies that are not masked are set.
  const shown = join(folder, 'shown.har');
  writeFileSync(shown, JSON.stringify(toHar([signedIn], { version: '0', mask: [] })));
  await context.routeFromHAR(shown, { notFound: 'fallback' });
  await page.goto('https://shop.test/signed-in');
  expect(await page.evaluate('document.cookie')).toBe('sid=1');
});
