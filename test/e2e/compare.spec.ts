/**
 * README.md's comparison with others, with page.route next to Waylay in one test. The names of these tests stand in
 * the source of its table; `test/readme.test.ts` holds both together.
 */
import { stripVTControlCharacters } from 'node:util';
import type { Page } from '@playwright/test';
import { expect, test } from './origins.js';

/** Requests seen by page.route. */
async function routed(page: Page): Promise<string[]> {
  const seen: string[] = [];
  await page.route('**/*', async (route) => {
    seen.push(`${route.request().method()} ${route.request().url()}`);
    await route.continue();
  });
  return seen;
}

test('every hop of a redirect is seen, where page.route has the first', async ({ page, origins, waylay }) => {
  origins.serve('/start', { status: 302, headers: { location: '/middle' } });
  origins.serve('/middle', { status: 302, headers: { location: '/end' } });
  origins.serve('/end', { body: '<!doctype html><title>end</title>' });
  const seen = await routed(page);
  await page.goto('https://shop.test/start');

  await waylay.expectOrder(['https://shop.test/start', 'https://shop.test/middle', 'https://shop.test/end']);
  expect(seen.filter((one) => !one.endsWith('favicon.ico'))).toEqual(['GET https://shop.test/start']);
});

test('preflights are seen, which page.route never has', async ({ page, origins, waylay }) => {
  origins.serve('/api', { headers: { 'access-control-allow-origin': '*', 'access-control-allow-methods': 'PUT' } });
  await page.goto('https://shop.test/');
  const put = () => page.evaluate(() => fetch('https://api.test/api', { method: 'PUT' }).then(({ status }) => status));
  expect(await put()).toBe(200);
  await waylay.expectRequest('OPTIONS https://api.test/api', { times: 1 });

  const seen = await routed(page);
  expect(await put()).toBe(200);
  expect(seen).toEqual(['PUT https://api.test/api']);
});

test('the HTTP cache stays on, which page.route switches off', async ({ page, origins }) => {
  origins.serve('/page', { body: '<!doctype html><script src="/cached.js"></script>' });
  origins.serve('/cached.js', {
    headers: { 'content-type': 'text/javascript', 'cache-control': 'max-age=600' },
    body: '',
  });
  await page.goto('https://shop.test/page');
  await page.goto('https://shop.test/page');
  expect(origins.hits('/cached.js')).toBe(1);

  await routed(page);
  await page.goto('https://shop.test/page');
  await page.goto('https://shop.test/page');
  expect(origins.hits('/cached.js')).toBe(3);
});

test('requests of a service worker are seen, which page.route does not have', async ({ page, origins, waylay }) => {
  origins.serve('/sw.js', {
    headers: { 'content-type': 'text/javascript' },
    body: `addEventListener('activate', (event) => event.waitUntil(clients.claim()));
      addEventListener('fetch', (event) => {
        if (event.request.url.endsWith('/asked')) event.respondWith(fetch('/instead'));
      });`,
  });
  origins.serve('/instead', { body: 'from the network' });
  const seen = await routed(page);
  waylay.mutate('https://shop.test/instead', { response: { text: 'changed' } });
  await page.goto('https://shop.test/');
  const text = await page.evaluate(async () => {
    await navigator.serviceWorker.register('/sw.js');
    await navigator.serviceWorker.ready;
    if (navigator.serviceWorker.controller === null) {
      await new Promise((resolve) => navigator.serviceWorker.addEventListener('controllerchange', resolve));
    }
    return (await fetch('/asked')).text();
  });

  expect(text).toBe('changed');
  await waylay.expectRequest('https://shop.test/instead');
  expect(seen.filter((one) => one.includes('/instead'))).toEqual([]);
});

test('requests of the request fixture are seen, which page.route does not have', async ({ page, request, waylay }) => {
  await page.route('**/*', (route) => route.fulfill({ body: 'by page.route' }));
  waylay.stubResponse('https://api.invalid/', { text: 'by Waylay' });
  expect(await (await request.get('https://api.invalid/')).text()).toBe('by Waylay');
});

test('a stream arrives piece by piece, where route.fulfill has one whole body', async ({ page, waylay }) => {
  waylay.stubResponse('https://shop.test/', { headers: { 'content-type': 'text/html' }, text: '<!doctype html>' });
  let more = () => {};
  const asked = new Promise<void>((resolve) => {
    more = resolve;
  });
  waylay.stubResponse('https://shop.test/stream', {
    stream: async function* () {
      yield 'first';
      await asked;
      yield 'second';
    },
  });
  await page.exposeFunction('more', () => more());
  await page.goto('https://shop.test/');
  // The second piece is sent when the page has the first.
  const pieces = await page.evaluate(async () => {
    const reader = (await fetch('/stream')).body?.pipeThrough(new TextDecoderStream()).getReader();
    const first = await reader?.read();
    await (window as unknown as { more(): Promise<void> }).more();
    const second = await reader?.read();
    return [first?.value, second?.value];
  });
  expect(pieces).toEqual(['first', 'second']);
});

test('a request that was not made is asserted in one line', async ({ page, origins, waylay }) => {
  origins.serve('/page', { body: '<!doctype html><script>fetch("/api")</script>' });
  await page.goto('https://shop.test/page');
  await waylay.expectRequest('https://shop.test/api');

  await expect(waylay).not.toHaveReceived('https://tracker.test/**');
  const message = await expect(waylay)
    .not.toHaveReceived('https://shop.test/api')
    .then(String, (error: Error) => error.message);
  expect(message).toContain('GET https://shop.test/api');
});

test('the nearest request is shown where nothing matched', async ({ page, waylay }) => {
  waylay.stubResponse('https://shop.test/**', { headers: { 'content-type': 'text/html' }, text: '<!doctype html>' });
  await page.goto('https://shop.test/');
  await page.evaluate(() => fetch('/api', { method: 'POST', body: JSON.stringify({ amount: 100 }) }));
  const expectation = waylay.expectRequest('POST https://shop.test/api', { json: { amount: 4200 }, timeout: 50 });
  const message = await expectation.then(String, (error: Error) => error.message);
  expect(stripVTControlCharacters(message)).toMatch(/json\.amount\n +- 4200\n +\+ 100/);
});
