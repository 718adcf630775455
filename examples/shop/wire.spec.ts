import { expect, test } from './fixtures.js';

test('page and shop speak HTTP/2 with each other', async ({ page, waylay }) => {
  await page.goto('https://shop.test/');

  // expectRequest looks at the whole test, so what has come already counts too.
  const { request, upstream } = await waylay.expectRequest('https://shop.test/');
  expect(request.httpVersion).toBe('2.0');
  expect(upstream?.tls?.alpn).toBe('h2');
  const seenByPage = await page.evaluate(() => {
    const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
    return navigation?.nextHopProtocol;
  });
  expect(seenByPage).toBe('h2');
});

test('the browser asks before it changes the cart on another origin', async ({ page, waylay }) => {
  const preflight = waylay.expectRequest('OPTIONS https://api.shop.test/cart/items');
  const change = waylay.expectRequest('POST https://api.shop.test/cart/items', { json: { sku: 'cup' } });

  await page.goto('https://shop.test/');
  await page.getByRole('article', { name: 'Tasting cup' }).getByRole('button').click();

  const asked = await (await preflight).finished();
  expect(asked.request).toHaveHeader('access-control-request-method', 'POST');
  expect(asked.response).toHaveStatus(204);
  expect(asked.response).toHaveHeader('access-control-allow-origin', 'https://shop.test');
  const changed = await (await change).finished();
  expect(changed.response).toHaveStatus(201);
  expect(asked.id).toBeLessThan(changed.id);
});

test('the service worker registers, and what it fetches is on the wire', async ({ page, waylay }) => {
  await page.goto('https://shop.test/');
  await page.evaluate(() => navigator.serviceWorker.ready);

  await expect(waylay).toHaveReceived('https://shop.test/sw.js', { headers: { 'service-worker': 'script' } });
  // No page ever asks for this one; the worker keeps it for bad times.
  const { request } = await waylay.expectRequest('https://shop.test/offline');
  expect(request).toHaveHeader('referer', 'https://shop.test/sw.js');
});

test('stock updates arrive over a WebSocket', async ({ page, waylay }) => {
  const live = waylay.expectRequest('wss://live.shop.test/stock');

  await page.goto('https://shop.test/');
  const kettle = page.getByRole('article', { name: 'Gooseneck kettle' });
  const stock = kettle.getByText('in stock');
  const before = Number.parseInt((await stock.textContent()) ?? '', 10);
  await kettle.getByRole('button', { name: 'Add to cart' }).click();
  await expect(stock).toHaveText(`${before - 1} in stock`);

  const handshake = await live;
  expect(handshake.request).toHaveHeader('upgrade', 'websocket');
  expect(handshake).toHaveStatus(101);
});

test.describe('when the API is down', () => {
  // Nothing listens on port 1: the connection is refused.
  test.use({
    waylayOptions: async ({ waylayOptions }, use) => {
      await use({ ...waylayOptions, hosts: { ...waylayOptions.hosts, 'api.shop.test': '127.0.0.1:1' } });
    },
  });

  test('the shop shows a hint', async ({ page, waylay }) => {
    // A failure stays a failure: no error page that the script could take for an answer.
    const failed = page.waitForEvent('requestfailed', (request) => request.url().startsWith('https://api.shop.test/'));
    await page.goto('https://shop.test/');

    await expect(page.getByRole('alert')).toHaveText('You seem to be offline: the shop does not answer.');
    expect((await failed).failure()?.errorText).toMatch(/^net::ERR_/);
    expect(waylay.exchanges.map(({ error }) => error?.code)).toContain('WAYLAY_UPSTREAM_REFUSED');
  });
});

test.describe('when nobody vouches for the shop’s certificate', () => {
  test.use({
    waylayOptions: async ({ waylayOptions }, use) => use({ ...waylayOptions, trustedRoots: [] }),
  });

  test('the browser refuses it, as it would without Waylay', async ({ page, waylay }) => {
    const failed = page.waitForEvent('requestfailed');
    await expect(page.evaluate(() => fetch('https://shop.test/'))).rejects.toThrow('Failed to fetch');

    expect((await failed).failure()?.errorText).toBe('net::ERR_CERT_AUTHORITY_INVALID');
    // The browser cannot know: it is the shop's certificate that does not verify.
    expect(waylay.exchanges.map(({ error }) => error?.code)).toContain('WAYLAY_UPSTREAM_CERTIFICATE');
  });
});
