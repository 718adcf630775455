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

test('looks in vain, not awaited', ({ waylay }) => {
  void expect(waylay).toHaveReceived('https://shop.test/api/late');
});

test('fails by itself', ({ waylay }) => {
  expect(waylay.exchanges).toHaveLength(0);
});

test('leaves a stub unused', ({ waylay }) => {
  waylay.stubResponse('GET https://shop.test/api/charges', 200);
});

test('leaves stubs unused, and fails by itself', ({ waylay }) => {
  waylay.stubResponse({ method: 'PUT', url: 'https://shop.test/api/charges', json: { amount: 4200 } }, 200);
  waylay.stubResponse('https://shop.test/api/recommendations?session=0123456789abcdef&limit=20', { json: [] });
  waylay.mutate('POST https://shop.test/api/charge', { response: { delay: 300 } });
  expect(waylay.exchanges).toHaveLength(0);
});

test('expects softly, and goes on', async ({ waylay }, testInfo) => {
  await expect.soft(waylay).toHaveReceived('https://shop.test/api/refunds', { timeout: 50 });
  testInfo.annotations.push({ type: 'went on' });
});

test('polls in vain', async ({ waylay }) => {
  const last = () => waylay.exchanges.at(-1)?.request;
  await expect.poll(last, { timeout: 50, intervals: [10] }).toHaveHeader('x-retry', '3');
});

test.describe('with another mask', () => {
  test.use({ waylayOptions: { mask: ['x-secret'] } });

  test('compares a secret', async ({ page, waylay }) => {
    // Put together, since reports show this code.
    const secret = ['s3c', 'r3t'].join('');
    await page.evaluate((value) => fetch('/secret', { headers: { 'x-secret': value } }), secret);
    const { request } = await waylay.expectRequest('https://shop.test/secret');
    expect(request).toHaveHeader('x-secret', `not the ${secret}`);
  });
});

test.describe('while stubs must be used', () => {
  test.use({ waylayOptions: { unusedStubs: 'fail' } });

  test('does not use one', ({ waylay }) => {
    waylay.stubResponse('GET https://shop.test/api/charges', 200);
  });
});

test.describe('while unmatched requests are refused', () => {
  test.use({ waylayOptions: { unmatched: 'refuse' } });

  test('asks for what is not stubbed', async ({ page }) => {
    await page.evaluate(() => fetch('https://tracker.invalid/pixel').catch(() => undefined));
  });
});
