/** Pages that use another origin's stubbed answers, as far as a browser lets them. */
import type { Page } from '@playwright/test';
import { startWaylay } from '../../fixtures/standalone.js';
import { expect, test } from './origins.js';

const api = 'https://api.invalid/charges';

/** A script's fetch from `https://shop.test`. */
async function fetched(page: Page) {
  return page.evaluate(async (url) => {
    try {
      const response = await fetch(url, {
        method: 'PUT',
        credentials: 'include',
        headers: { 'content-type': 'application/json', 'x-trace': '7' },
        body: '{"amount":4200}',
      });
      return { status: response.status, trace: response.headers.get('x-trace'), json: await response.json() };
    } catch (error) {
      return String(error);
    }
  }, api);
}

test('cors: true permits a request with credentials and fields of its own, and lets its answer be read', async ({
  page,
  waylay,
}) => {
  const stub = waylay.stubResponse(
    `PUT ${api}`,
    (request) => ({ status: 201, headers: { 'x-trace': request.header('x-trace') ?? '' }, json: request.json() }),
    { cors: true, times: 1 },
  );
  await page.goto('https://shop.test/');

  expect(await fetched(page)).toEqual({ status: 201, trace: '7', json: { amount: 4200 } });

  expect(stub.hits).toBe(1);
  const methods = waylay.exchanges.filter(({ request }) => request.url === api).map(({ request }) => request.method);
  expect(methods).toEqual(['OPTIONS', 'PUT']);
});

test('nothing is permitted that was not asked for', async ({ page, waylay }) => {
  waylay.stubResponse(api, { json: {} });
  await page.goto('https://shop.test/');

  expect(await fetched(page)).toBe('TypeError: Failed to fetch');
});

for (const api of ['https://api.invalid/cart', 'http://api.invalid/cart']) {
  test(`a stub that pages of another origin may not read is a warning that says so: ${api}`, async ({
    page,
    waylay,
  }) => {
    waylay.stubResponse(api, { json: {} });
    await page.goto(api.replace('api.invalid/cart', 'shop.test/').replace('http://shop', 'http://plain'));
    const origin = new URL(page.url()).origin;

    const read = () =>
      page.evaluate(
        (url) =>
          fetch(url).then(
            (response) => response.text(),
            (error) => String(error),
          ),
        api,
      );
    expect(await read()).toBe('TypeError: Failed to fetch');
    expect(await read()).toBe('TypeError: Failed to fetch');

    expect(waylay.warnings).toEqual([
      expect.stringMatching(
        `^The stub ${api} \\(.*cors\\.spec\\.ts:\\d+\\) answered GET ${api} for a page of ${origin}, which may not read the answer: it has no access-control-allow-origin\\. Write stubResponse\\(pattern, reply, { cors: true }\\)\\.$`,
      ),
    ]);

    waylay.stubResponse(api, { json: {} }, { cors: true });
    expect(await read()).toBe('{}');
    expect(waylay.warnings).toHaveLength(1);
  });
}

test('a request that needs no permission to be sent is no warning', async ({ page, waylay }) => {
  waylay.stubResponse('https://api.invalid/**', {
    text: '<title>sent</title>',
    headers: { 'content-type': 'text/html' },
  });
  await page.goto('https://shop.test/');
  await page.evaluate(async () => {
    await fetch('https://api.invalid/opaque', { method: 'POST', mode: 'no-cors', body: 'a' });
    const form = document.createElement('form');
    Object.assign(form, { method: 'POST', action: 'https://api.invalid/form' });
    document.body.append(form);
    form.submit();
  });
  await expect(page).toHaveTitle('sent');
  await page.evaluate(() => fetch('/same', { method: 'POST' }));
  expect(waylay.warnings).toEqual([]);
});

test('a stub whose preflight went past it is told of as that', async ({ page, waylay }) => {
  waylay.stubResponse(`PUT ${api}`, { json: {} });
  await page.goto('https://shop.test/');

  expect(await fetched(page)).toBe('TypeError: Failed to fetch');

  expect(waylay.warnings).toEqual([
    expect.stringMatching(
      /^No request met the stub PUT https:\/\/api\.invalid\/charges \(.*\); nearest: #\d+ OPTIONS https:\/\/api\.invalid\/charges \(.*\) asks whether a page may send the request, which nothing permitted: give the stub the option { cors: true }\.$/,
    ),
  ]);
});

test('the line that a refused preflight suggests makes the request pass', async ({ browser }) => {
  await using waylay = await startWaylay({ unmatched: 'refuse', allow: ['https://shop.invalid/'] });
  waylay.stubResponse('https://shop.invalid/', { text: '<p>shop</p>', headers: { 'content-type': 'text/html' } });
  const context = await browser.newContext({ proxy: { server: waylay.url }, ignoreHTTPSErrors: true });
  const page = await context.newPage();
  await page.goto('https://shop.invalid/');
  expect(await fetched(page)).toBe('TypeError: Failed to fetch');

  const message = waylay.verify()?.message ?? '';
  const line = /^ *To stub it: +(.+)$/m.exec(message)?.[1];
  expect(line).toBe("waylay.stubResponse('PUT https://api.invalid/charges', { status: 200 }, { cors: true });");
  new Function('waylay', line ?? '')(waylay);

  // There is no JSON in it, but the answer is there to be read.
  expect(await fetched(page)).toContain('Unexpected end of JSON input');
  await context.close();
});

test('a refused preflight names the stub of its request', async ({ browser }) => {
  await using waylay = await startWaylay({ unmatched: 'refuse', allow: ['https://shop.invalid/'] });
  waylay.stubResponse('https://shop.invalid/', { text: '<p>shop</p>', headers: { 'content-type': 'text/html' } });
  waylay.stubResponse(`PUT ${api}`, { json: {} });
  const context = await browser.newContext({ proxy: { server: waylay.url }, ignoreHTTPSErrors: true });
  const page = await context.newPage();
  await page.goto('https://shop.invalid/');
  expect(await fetched(page)).toBe('TypeError: Failed to fetch');
  expect(waylay.verify()?.message).toMatch(
    /It is the preflight of a request that the stub PUT https:\/\/api\.invalid\/charges \(.*\) would answer; the option { cors: true } of that stub permits it\./,
  );
  await context.close();
});
