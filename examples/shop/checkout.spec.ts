import { expect, test } from './fixtures.js';

// The API of a payment provider. Nobody runs it: https://api.pay.test does not even resolve.
const charges = 'https://api.pay.test/v1/charges';

// It is another origin than the page's. So the browser first asks whether the page may post to it
// (the preflight), and shows the page only answers that name its origin. Waylay is on the wire,
// where both are ordinary traffic, so a stub says what the real API would say.
const cors = {
  'access-control-allow-origin': 'https://shop.test',
  'access-control-allow-headers': 'content-type, idempotency-key',
};

test.beforeEach(async ({ page, waylay }) => {
  waylay.stubResponse(`OPTIONS ${charges}`, { status: 204, headers: cors });

  await page.goto('https://shop.test/');
  await page.getByRole('article', { name: 'Ceramic teapot' }).getByRole('button', { name: 'Add to cart' }).click();
  await expect(page.getByRole('status', { name: 'Pieces in the cart' })).toHaveText('1');
});

test('an order is paid through a payment API that does not exist', async ({ page, waylay }) => {
  waylay.stubResponse(`POST ${charges}`, { status: 201, headers: cors, json: { id: 'ch_1' } });

  await page.goto('https://shop.test/checkout');
  await page.getByRole('button', { name: 'Pay' }).click();

  await expect(page.getByText('Thank you! Your order is paid (ch_1).')).toBeVisible();
});

test('the charge carries the amount, the currency and an idempotency key', async ({ page, waylay }) => {
  waylay.stubResponse(`POST ${charges}`, { status: 201, headers: cors, json: { id: 'ch_1' } });
  // Registered before it is needed, awaited when it should have come. `json` matches as a subset.
  const charge = waylay.expectRequest(`POST ${charges}`, { json: { amount: 4200 } });

  await page.goto('https://shop.test/checkout');
  await page.getByRole('button', { name: 'Pay' }).click();

  const { request } = await charge;
  expect(request.json()).toEqual({ amount: 4200, currency: 'USD' });
  expect(request).toHaveHeader('content-type', 'application/json');
  expect(request).toHaveHeader('idempotency-key', /^[0-9a-f-]{36}$/);
});

test('a declined card shows the reason and a retry button', async ({ page, waylay }) => {
  // A list of replies is a sequence; its last one repeats.
  waylay.stubResponse(`POST ${charges}`, [
    { status: 402, headers: cors, json: { error: 'insufficient funds' } },
    { status: 201, headers: cors, json: { id: 'ch_2' } },
  ]);

  await page.goto('https://shop.test/checkout');
  await page.getByRole('button', { name: 'Pay' }).click();
  await expect(page.getByRole('alert')).toHaveText('Your card was declined: insufficient funds.');

  await page.getByRole('button', { name: 'Retry' }).click();
  await expect(page.getByText('Thank you! Your order is paid (ch_2).')).toBeVisible();
  await expect(waylay).toHaveReceived(`POST ${charges}`, { times: 2 });
});

test('a payment whose answer was lost is tried again with the same idempotency key', async ({ page, waylay }) => {
  await page.goto('https://shop.test/checkout');
  // No stub for POST yet: the request goes out, and there is nobody to take it.
  await page.getByRole('button', { name: 'Pay' }).click();
  await expect(page.getByRole('alert')).toHaveText(/cannot be reached/);

  waylay.stubResponse(`POST ${charges}`, { status: 201, headers: cors, json: { id: 'ch_3' } });
  await page.getByRole('button', { name: 'Retry' }).click();
  await expect(page.getByText('Thank you! Your order is paid (ch_3).')).toBeVisible();

  const keys = waylay.exchanges
    .filter(({ request }) => request.method === 'POST' && request.url === charges)
    .map(({ request }) => request.headers['idempotency-key']);
  expect(keys.length).toBeGreaterThan(1);
  expect(new Set(keys).size).toBe(1);
});

test('the cart shows euros when its real answer is changed on the way', async ({ page, waylay }) => {
  waylay.mutate('GET https://api.shop.test/cart', {
    response: { json: (cart: object) => ({ ...cart, currency: 'EUR' }) },
  });

  await page.goto('https://shop.test/cart');

  await expect(page.getByLabel('Total')).toHaveText('€42.00');
});
