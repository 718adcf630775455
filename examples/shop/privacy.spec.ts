import { expect, test } from './fixtures.js';

const tracker = 'https://tracker.test/**';

test('the tracker hears of a visitor who accepts', async ({ page, waylay }) => {
  waylay.stubResponse(tracker, 204);
  const beacon = waylay.expectRequest('POST https://tracker.test/collect');

  await page.goto('https://shop.test/');
  await page.getByRole('button', { name: 'Accept' }).click();

  // A beacon (navigator.sendBeacon): page.route cannot show its body, the wire can.
  const { request } = await beacon;
  expect(request.json()).toEqual({ page: '/' });
});

test('the tracker never hears of a visitor who declines', async ({ page, waylay }) => {
  await page.goto('https://shop.test/');
  await page.getByRole('button', { name: 'Decline' }).click();
  await page.goto('https://shop.test/cart');

  // That nothing was sent says little before the page has had its chance: it asks the tracker
  // before it asks for the cart.
  await expect(page.getByLabel('Total')).toHaveText('$0.00');
  await expect(waylay).not.toHaveReceived(tracker);
});

test.describe('where unmatched requests are refused', () => {
  // Whatever has no stub is answered with an error that explains itself, and fails the test. So
  // this says more than the test above: nobody but the shop hears of the visitor.
  test.use({
    waylayOptions: async ({ waylayOptions }, use) => {
      await use({ ...waylayOptions, unmatched: 'refuse', allow: [/^(https|wss):\/\/(\w+\.)?shop\.test\//] });
    },
  });

  test('a visitor who declines is known to the shop alone', async ({ page }) => {
    await page.goto('https://shop.test/');
    await page.getByRole('button', { name: 'Decline' }).click();
    await page.goto('https://shop.test/cart');
    await expect(page.getByLabel('Total')).toHaveText('$0.00');
  });
});
