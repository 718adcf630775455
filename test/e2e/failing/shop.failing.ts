import { expect, test } from '../../../fixtures/playwright.js';

test.beforeEach(async ({ page, waylay }) => {
  waylay.stubResponse('https://shop.test/**', {
    headers: { 'content-type': 'text/html' },
    body: '<title>shop</title>',
  });
  waylay.stubResponse('POST https://shop.test/api/charges', { status: 402, json: { error: 'declined' } });
  await page.goto('https://shop.test/');
  await page.evaluate(() => fetch('/api/charges', { method: 'POST', body: JSON.stringify({ amount: 4100 }) }));
});

test('passes', async ({ waylay }) => {
  await waylay.expectRequest('POST https://shop.test/api/charges', { json: { amount: 4100 } });
});

test('expects in vain, awaited', async ({ waylay }) => {
  await waylay.expectRequest('POST https://shop.test/api/charges', { json: { amount: 4200 }, timeout: 50 });
});

test('expects in vain, not awaited', ({ waylay }) => {
  waylay.expectRequest('DELETE https://shop.test/api/cart');
});

test('fails by itself', ({ waylay }) => {
  expect(waylay.exchanges).toHaveLength(0);
});

test.describe('while unmatched requests are refused', () => {
  test.use({ waylayOptions: { unmatched: 'refuse' } });

  test('asks for what is not stubbed', async ({ page }) => {
    await page.evaluate(() => fetch('https://tracker.invalid/pixel').catch(() => undefined));
  });
});
