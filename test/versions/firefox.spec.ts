/** The stock Firefox, which trusts an authority for real: no certificate is accepted that is not sound. */
import { expect, test } from '../e2e/origins.js';
import { borrowed } from '../internals/borrowed.js';

test('a page and what it loads are intercepted, and known', async ({ page, origins, waylay }) => {
  origins.serve('/page', { body: '<!doctype html><title>shop</title><script src="/app.js"></script>' });
  origins.serve('/app.js', { headers: { 'content-type': 'text/javascript' }, body: 'window.loaded = true' });
  await page.goto('https://shop.test/page');
  expect(await page.title()).toBe('shop');
  const { request, response, initiator } = await waylay.expectRequest('https://shop.test/app.js');
  expect(request.httpVersion).toBe('2.0');
  expect(response?.status).toBe(200);
  expect(initiator).toMatchObject({ client: 'page', resourceType: 'script', pageURL: 'https://shop.test/page' });
  expect(test.info().annotations).toEqual([]);
});

test('a stub answers without an upstream, a mutation changes what one answered', async ({ page, origins, waylay }) => {
  origins.serve('/page', { body: '<!doctype html><title>shop</title>' });
  origins.serve('/api/cart', { headers: { 'content-type': 'application/json' }, body: '{"currency":"USD","items":2}' });
  const stub = waylay.stubResponse('POST https://api.invalid/charges', {
    status: 402,
    json: { error: 'declined' },
    headers: { 'access-control-allow-origin': '*' },
  });
  waylay.mutate('https://shop.test/api/cart', { response: { json: (cart: object) => ({ ...cart, currency: 'EUR' }) } });
  const charge = waylay.expectRequest('POST https://api.invalid/charges', { text: '42' });
  await page.goto('https://shop.test/page');

  const cart = await page.evaluate(() => fetch('/api/cart').then((response) => response.json()));
  expect(cart).toEqual({ currency: 'EUR', items: 2 });
  const status = await page.evaluate(() =>
    fetch('https://api.invalid/charges', { method: 'POST', body: '42' }).then((response) => response.status),
  );
  expect(status).toBe(402);
  expect((await charge).request).toHaveHeader('origin', 'https://shop.test');
  expect(stub.hits).toBe(1);
  await expect(waylay).not.toHaveReceived('https://tracker.test/**');
});

for (const [name, code] of [
  ['expired', 'SEC_ERROR_EXPIRED_CERTIFICATE'],
  ['wrong-host', 'SSL_ERROR_BAD_CERT_DOMAIN'],
  ['unknown-issuer', 'SEC_ERROR_UNKNOWN_ISSUER'],
]) {
  test(`the certificate of ${name}.test stays broken`, async ({ page, origins, waylay }) => {
    await expect(page.goto(`https://${name}.test/`)).rejects.toThrow(code);
    expect(origins.hits('/')).toBe(0);
    const failed = waylay.exchanges.find(({ request }) => request.url.includes(`${name}.test`));
    expect(failed?.error?.code).toBe('WAYLAY_UPSTREAM_CERTIFICATE');
  });
}

test('a WebSocket talks with its server', async ({ page, waylay }) => {
  await page.goto('https://shop.test/');
  const echoed = await page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const socket = new WebSocket('wss://shop.test/socket');
        socket.onopen = () => socket.send('hello');
        socket.onmessage = ({ data }) => resolve(data);
        socket.onerror = () => reject(new Error('the socket failed'));
      }),
  );
  expect(echoed).toBe('hello');
  const { messages } = await waylay.expectRequest('https://shop.test/socket');
  expect(messages.map(({ from, data }) => [from, data])).toEqual([
    ['client', 'hello'],
    ['server', 'hello'],
  ]);
});

test('a service worker registers and fetches through the proxy', async ({ page, origins, waylay }) => {
  origins.serve('/sw.js', {
    headers: { 'content-type': 'text/javascript' },
    body: "addEventListener('install', (event) => event.waitUntil(fetch('/precached')))",
  });
  waylay.stubResponse('https://shop.test/precached', { text: 'stubbed' });
  await page.goto('https://shop.test/');
  await page.evaluate(async () => {
    await navigator.serviceWorker.register('/sw.js');
    await navigator.serviceWorker.ready;
  });
  await waylay.expectRequest('https://shop.test/precached');
});

test('the request fixture goes through, and meets what is broken', async ({ request, origins, waylay }) => {
  origins.serve('/api', { body: 'from the origin' });
  expect(await (await request.get('https://shop.test/api')).text()).toBe('from the origin');
  await waylay.expectRequest('https://shop.test/api');
  await expect(request.get('https://expired.test/')).rejects.toThrow('expired');
});

test.describe('in the next test', () => {
  test.use({ ignoreHTTPSErrors: true });
  test('a broken certificate is accepted where that is asked for', async ({ page, origins }) => {
    origins.serve('/page', { body: '<!doctype html><title>accepted</title>' });
    await page.goto('https://expired.test/page');
    expect(await page.title()).toBe('accepted');
  });
});

test('the stock Firefox takes a policy from the folder that its own file is in', async ({ page, origins, browser }) => {
  const holds = borrowed('The folder that Firefox is in', `Firefox ${browser.version()}`);
  origins.serve('/page', { body: '<!doctype html><title>trusted</title>' });
  const answer = await page.goto('https://shop.test/page').catch(() => null);
  holds(answer?.status() === 200, 'it trusts the authority of the policy, and is told to accept nothing');
  holds(test.info().annotations.length === 0, 'it was started from a folder of links');
});
