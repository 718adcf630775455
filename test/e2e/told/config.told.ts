import { expect, test } from '../origins.js';

test('the config’s proxy is gone through', async ({ page, origins }) => {
  origins.serve('/asked', { body: '<!doctype html>through two proxies' });
  // Names that are mapped are dialled directly; this one is known to the other proxy alone.
  const url = 'http://behind.invalid/asked';
  const response = await page.goto(url);
  expect(await response?.text()).toBe('from behind');
});

test('a browser that was started elsewhere is intercepted', async ({ page, request, origins, waylay }) => {
  origins.serve('/page', { body: '<!doctype html><title>elsewhere</title>' });
  waylay.stubResponse('https://api.invalid/**', {
    json: { stubbed: true },
    headers: { 'access-control-allow-origin': '*' },
  });
  await page.goto('https://shop.test/page');
  expect(await page.title()).toBe('elsewhere');
  expect(await page.evaluate(() => fetch('https://api.invalid/').then((response) => response.json()))).toEqual({
    stubbed: true,
  });
  expect((await request.get('https://shop.test/page')).status()).toBe(200);

  // A broken certificate stays broken, and the journal says why.
  for (const name of ['expired', 'wrong-host', 'unknown-issuer']) {
    await expect(page.goto(`https://${name}.test/`)).rejects.toThrow(/net::ERR_/);
    const failed = waylay.exchanges.findLast((exchange) => exchange.request.url.includes(`${name}.test`));
    expect(failed?.error?.code).toBe('WAYLAY_UPSTREAM_CERTIFICATE');
  }
  expect(origins.hits('/')).toBe(0);
});

test('a browser that was started elsewhere serves a second test', async ({ page, waylay }) => {
  waylay.stubResponse('https://api.invalid/**', { text: 'again' });
  expect(await (await page.goto('https://api.invalid/'))?.text()).toBe('again');
});

test('unverified upstreams keep the cache and the service worker', async ({ page, request, origins }) => {
  origins.serve('/page', { body: '<!doctype html><script src="/cached.js"></script>' });
  origins.serve('/cached.js', {
    headers: { 'content-type': 'text/javascript', 'cache-control': 'max-age=600' },
    body: 'window.cached = true',
  });
  origins.serve('/sw.js', { headers: { 'content-type': 'text/javascript' }, body: '' });
  await page.goto('https://expired.test/page');
  await page.goto('https://expired.test/page');
  expect(origins.hits('/page')).toBe(2);
  expect(origins.hits('/cached.js')).toBe(1);
  await page.evaluate(async () => {
    await navigator.serviceWorker.register('/sw.js');
    await navigator.serviceWorker.ready;
  });
  expect((await request.get('https://unknown-issuer.test/page')).status()).toBe(200);
});
