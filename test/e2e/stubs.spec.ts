/** Stubs and mutations as the page sees them, and whose traffic goes through the proxy. */
import { expect, test } from './origins.js';

const cors = { 'access-control-allow-origin': '*' };

for (const api of ['https://api.invalid/users', 'http://api.invalid/users']) {
  test(`a stub for a host that does not resolve answers without an upstream: ${api}`, async ({
    page,
    waylay,
    origins,
  }) => {
    const stub = waylay.stubResponse(api, { status: 201, headers: cors, json: [{ name: 'Ada' }] });
    await page.goto('http://plain.test/');
    const before = origins.connections();

    const seen = await page.evaluate(async (url) => {
      const response = await fetch(url);
      return { status: response.status, json: await response.json() };
    }, api);

    expect(seen).toEqual({ status: 201, json: [{ name: 'Ada' }] });
    const [exchange] = stub.exchanges;
    expect(exchange?.source).toBe('stub');
    expect(exchange?.upstream).toBeUndefined();
    expect(exchange?.timing.connectStart).toBeUndefined();
    expect(exchange?.error).toBeUndefined();
    expect(origins.connections()).toBe(before);
  });
}

test('a mutated JSON response reaches the page', async ({ page, waylay, origins }) => {
  origins.serve('/api/cart', {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ items: 2, currency: 'USD' }),
  });
  waylay.mutate('https://shop.test/api/cart', {
    response: { status: 202, json: (cart: object) => ({ ...cart, currency: '€UR' }), headers: { 'x-changed': 'yes' } },
  });
  await page.goto('https://shop.test/');

  const seen = await page.evaluate(async () => {
    const response = await fetch('/api/cart');
    return { status: response.status, changed: response.headers.get('x-changed'), json: await response.json() };
  });

  expect(seen).toEqual({ status: 202, changed: 'yes', json: { items: 2, currency: '€UR' } });
  const exchange = await waylay.expectRequest('https://shop.test/api/cart');
  expect(exchange.mutated).toBe(true);
  expect(exchange.source).toBe('upstream');
});

test('the traffic of popups and frames is seen', async ({ page, waylay, origins }) => {
  origins.serve('/parent', { body: '<!doctype html><iframe src="https://other.test/frame"></iframe>' });
  origins.serve('/frame', { body: '<!doctype html><p>frame</p>' });
  origins.serve('/popup', { body: '<!doctype html><title>popup</title>' });

  await page.goto('https://shop.test/parent');
  await expect(page.frameLocator('iframe').getByText('frame')).toBeVisible();
  const popupOpened = page.waitForEvent('popup');
  await page.evaluate(() => void window.open('https://third.test/popup'));
  const popup = await popupOpened;
  await expect(popup).toHaveTitle('popup');

  const frame = await waylay.expectRequest('https://other.test/frame');
  expect(frame.request).toHaveHeader('sec-fetch-dest', 'iframe');
  const opened = await waylay.expectRequest('https://third.test/popup');
  expect(opened.request).toHaveHeader('sec-fetch-dest', 'document');
});

test('every context of the browser goes through the proxy', async ({ browser, waylay }) => {
  waylay.stubResponse('https://nowhere.invalid/', 'stub');
  await using context = await browser.newContext();
  const page = await context.newPage();

  await page.goto('https://nowhere.invalid/');

  expect(await page.textContent('body')).toBe('stub');
  await waylay.expectRequest('https://nowhere.invalid/');
});

test('every hop of a redirect is seen', async ({ page, waylay, origins }) => {
  origins.serve('/end', { body: '<!doctype html><title>end</title>' });
  waylay.stubResponse('https://shop.test/start', { status: 302, headers: { location: '/middle' } });
  waylay.stubResponse('https://shop.test/middle', { status: 302, headers: { location: 'https://other.test/end' } });

  await page.goto('https://shop.test/start');
  await expect(page).toHaveTitle('end');

  const hops = waylay.exchanges.filter(({ request }) => request.headers['sec-fetch-dest'] === 'document');
  expect(hops.map(({ request, response }) => `${response?.status} ${request.url}`)).toEqual([
    '302 https://shop.test/start',
    '302 https://shop.test/middle',
    '200 https://other.test/end',
  ]);
});
