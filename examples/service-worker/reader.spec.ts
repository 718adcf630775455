import { expect, test } from './fixtures.js';

test.beforeEach(async ({ page }) => {
  // Service workers need https without exceptions: `ignoreHTTPSErrors` would not do.
  await page.goto('/');
  await expect(page.getByRole('status')).toHaveText('Ready to be read offline.');
});

test('the service worker keeps the articles before anybody reads them', async ({ waylay }) => {
  await expect(waylay).toHaveReceived('/sw.js', { headers: { 'service-worker': 'script' } });

  const article = await waylay.expectRequest('/article.html').finished();
  expect(article.initiator.client).toBe('service worker');
  expect(article.response).toHaveStatus(200);
});

test('an article is read without asking the server again, even when it is gone', async ({ page, waylay }) => {
  // The worker's own answers never are on the wire: its own request stays the only one.
  waylay.expectRequest('/article.html', { times: 1 });
  waylay.mutate('/**', { response: { fault: 'reset' } });

  await page.getByRole('link', { name: 'How tea is made' }).click();

  await expect(page.getByRole('heading')).toHaveText('How tea is made');
});
