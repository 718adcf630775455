const { mergeTests, test: plainTest } = require('@playwright/test');
const { test: waylayTest, expect, exactly } = require('waylay/playwright');

// biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs from this pattern
const test = mergeTests(waylayTest, plainTest.extend({ mark: async ({}, use, { testId }) => use(testId) }));

test('asserts on the wire', async ({ page, waylay, mark }) => {
  await page.goto(`/?mark=${mark}`);

  const { request } = await waylay.expectRequest('**/api/who?*', { query: exactly({ mark }) });
  expect(request).toHaveHeader('referer');
  await expect(waylay).not.toHaveReceived('https://tracker.test/**');
});

test('answers over TLS, and in the API', async ({ page, request, waylay, mark }) => {
  waylay.stubResponse('https://shop.test/**', { headers: { 'content-type': 'text/html' }, body: `<h1>${mark}</h1>` });
  waylay.stubResponse('**/api/who?*', { json: { mark } });
  await page.goto('https://shop.test/');
  await expect(page.getByRole('heading')).toHaveText(mark);

  expect(await (await request.get('/api/who?x')).json()).toEqual({ mark });
});

test.describe('with options', () => {
  test.use({ waylayOptions: { attach: 'always' } });

  test('attaches its traffic', async ({ page }) => {
    await page.goto('/');
  });
});

test('needs no page', ({ waylay }) => {
  expect(waylay.exchanges).toHaveLength(0);
});
