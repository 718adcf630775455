import { expect, test } from './fixtures.js';

// The API of a payment provider. Nobody runs it: https://api.pay.test does not even resolve.
const charges = 'https://api.pay.test/v1/charges';

// It is another origin than the page's. So the browser first asks whether the page may post to it
// (the preflight), and shows the page only answers that name its origin. Waylay is on the wire,
// where both are ordinary traffic; `cors: true` says what an API that is open to all would say.
const cors = true;

test.beforeEach(async ({ page }) => {
  await page.goto('https://shop.test/');
  await page.getByRole('article', { name: 'Ceramic teapot' }).getByRole('button', { name: 'Add to cart' }).click();
  await expect(page.getByRole('status', { name: 'Pieces in the cart' })).toHaveText('1');
});

test('an order is paid through a payment API that does not exist', async ({ page, waylay }) => {
  waylay.stubResponse(`POST ${charges}`, { status: 201, json: { id: 'ch_1' } }, { cors });

  await page.goto('https://shop.test/checkout');
  await page.getByRole('button', { name: 'Pay' }).click();

  await expect(page.getByText('Thank you! Your order is paid (ch_1).')).toBeVisible();
});

test('the charge carries the amount, the currency and an idempotency key', async ({ page, waylay }) => {
  waylay.stubResponse(`POST ${charges}`, { status: 201, json: { id: 'ch_1' } }, { cors });
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
  const declined = { status: 402, json: { error: 'insufficient funds' } };
  const paid = { status: 201, json: { id: 'ch_2' } };
  waylay.stubResponse(`POST ${charges}`, [declined, paid], { cors });

  await page.goto('https://shop.test/checkout');
  await page.getByRole('button', { name: 'Pay' }).click();
  await expect(page.getByRole('alert')).toHaveText('Your card was declined: insufficient funds.');

  await page.getByRole('button', { name: 'Retry' }).click();
  await expect(page.getByText('Thank you! Your order is paid (ch_2).')).toBeVisible();
  await expect(waylay).toHaveReceived(`POST ${charges}`, { times: 2 });
});

test('a payment whose answer was lost is tried again with the same idempotency key', async ({ page, waylay }) => {
  waylay.stubResponse(`POST ${charges}`, { status: 201, json: { id: 'ch_3' } }, { cors });
  // The charge is made, but the connection breaks before the shop hears of it.
  waylay.mutate(`POST ${charges}`, { response: { fault: 'reset' } }, { times: 1 });

  await page.goto('https://shop.test/checkout');
  await page.getByRole('button', { name: 'Pay' }).click();
  await expect(page.getByRole('alert')).toHaveText(/cannot be reached/);
  await page.getByRole('button', { name: 'Retry' }).click();
  await expect(page.getByText('Thank you! Your order is paid (ch_3).')).toBeVisible();

  const [first, second] = await waylay.expectRequest(`POST ${charges}`, { times: 2 }).all();
  expect(second?.request).toHaveHeader('idempotency-key', first?.request.headers['idempotency-key']);
});

test('the cart shows euros when its real answer is changed on the way', async ({ page, waylay }) => {
  waylay.mutate('GET https://api.shop.test/cart', {
    response: { json: (cart: object) => ({ ...cart, currency: 'EUR' }) },
  });

  await page.goto('https://shop.test/cart');

  await expect(page.getByLabel('Total')).toHaveText('€42.00');
});
