/** Uses broken by `ignoreHTTPSErrors` and not by a pinned leaf key: service workers and the HTTP cache. */
import { expect, test } from './origins.js';

const javascript = { 'content-type': 'text/javascript' };

test('a service worker registers', async ({ page, waylay, origins }) => {
  origins.serve('/worker.js', { headers: javascript, body: `self.addEventListener('fetch', () => {});` });
  await page.goto('https://shop.test/');

  const state = await page.evaluate(async () => {
    await navigator.serviceWorker.register('/worker.js');
    return (await navigator.serviceWorker.ready).active !== null;
  });

  expect(state).toBe(true);
  await waylay.expectRequest('https://shop.test/worker.js', { headers: { 'service-worker': 'script' } });
});

test('a stub answers the page and the service worker’s own fetch', async ({ page, waylay, origins }) => {
  origins.serve('/worker.js', {
    headers: javascript,
    body: `self.addEventListener('message', async ({ source }) =>
      source.postMessage(await (await fetch('/api/who')).json()));`,
  });
  const stub = waylay.stubResponse('https://shop.test/api/who', { json: { who: 'stub' } });
  await page.goto('https://shop.test/');

  const answers = await page.evaluate(async () => {
    const { serviceWorker } = navigator;
    await serviceWorker.register('/worker.js');
    const worker = (await serviceWorker.ready).active;
    const fromWorker = new Promise((resolve) => {
      serviceWorker.addEventListener('message', ({ data }) => resolve(data));
    });
    serviceWorker.startMessages();
    worker?.postMessage('ask');
    return [await (await fetch('/api/who')).json(), await fromWorker];
  });

  expect(answers).toEqual([{ who: 'stub' }, { who: 'stub' }]);
  expect(stub.hits).toBe(2);
  expect(origins.hits('/api/who')).toBe(0);
  const referers = stub.exchanges.map(({ request }) => request.headers.referer).sort();
  expect(referers).toEqual(['https://shop.test/', 'https://shop.test/worker.js']);
});

test('a page that a stub answers can register a service worker', async ({ page, waylay }) => {
  waylay.stubResponse('https://nowhere.invalid/', {
    headers: { 'content-type': 'text/html' },
    body: '<title>stub</title>',
  });
  waylay.stubResponse('https://nowhere.invalid/worker.js', { headers: javascript, body: '' });
  await page.goto('https://nowhere.invalid/');
  expect(await page.title()).toBe('stub');

  const scope = await page.evaluate(async () => (await navigator.serviceWorker.register('/worker.js')).scope);

  expect(scope).toBe('https://nowhere.invalid/');
});

test('the HTTP cache answers on the second load', async ({ page, waylay, origins }) => {
  origins.serve('/page', { body: '<!doctype html><script src="/cached.js"></script>' });
  origins.serve('/cached.js', {
    headers: { ...javascript, 'cache-control': 'max-age=600' },
    body: 'window.loaded = true;',
  });

  for (const load of [1, 2]) {
    await page.goto('https://shop.test/page');
    expect(await page.evaluate(() => 'loaded' in window)).toBe(true);
    expect(origins.hits('/page')).toBe(load);
    expect(origins.hits('/cached.js')).toBe(1);
  }

  await expect(waylay).toHaveReceived('https://shop.test/page', { times: 2 });
  await expect(waylay).toHaveReceived('https://shop.test/cached.js', { times: 1 });
});
