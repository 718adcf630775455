import { expect, test } from 'waylay/playwright';

const collect = 'POST https://analytics.test/collect';

test.beforeEach(async ({ page, waylay }) => {
  // The provider never hears of the tests: every event is answered here, and stays to be asserted on.
  waylay.stubResponse('https://analytics.test/**', 204);
  await page.goto('/');
});

test('a purchase is tracked with its value, and once', async ({ page, waylay }) => {
  // `times` is exact, and holds until the end of the test.
  const purchase = waylay.expectRequest(collect, { json: { event: 'purchase' }, times: 1 });

  await page.getByRole('button', { name: 'Accept' }).click();
  await page.getByRole('button', { name: 'Buy' }).click();

  const { request } = await purchase;
  expect(request.json()).toEqual({ event: 'purchase', item: 'oolong', value: 42, currency: 'EUR' });
});

test('who leaves is tracked by a beacon that outlives the page', async ({ page, waylay }) => {
  await page.getByRole('button', { name: 'Accept' }).click();
  await page.getByRole('link', { name: 'Imprint' }).click();

  const { request } = await waylay.expectRequest(collect, { json: { event: 'page_leave' } });
  expect(request).toHaveJSON({ milliseconds: expect.any(Number) });
});

test('who declines is not tracked', async ({ page, waylay }) => {
  await page.getByRole('button', { name: 'Decline' }).click();
  await page.getByRole('button', { name: 'Buy' }).click();

  // The page has had its chance when it says thanks.
  await expect(page.getByRole('status')).toHaveText('Thank you!');
  await expect(waylay).not.toHaveReceived('https://analytics.test/**');
});
