/** Playwright's own use of the network, beside Waylay. */
import { expect, test } from './test.js';

test('page.route fulfils before the wire, and lets the rest through', async ({ page, waylay, mark }) => {
  await page.route('**/api/who?*', (route) => route.fulfill({ body: `route of ${mark}` }));
  await page.goto(`/?mark=${mark}`);
  await expect(page.getByRole('heading')).toHaveText(`route of ${mark}`);
  await expect(waylay).not.toHaveReceived('**/api/who?*');

  await page.unroute('**/api/who?*');
  await page.route('**/api/who?*', (route) =>
    route.continue({ headers: { ...route.request().headers(), 'x-routed': mark } }),
  );
  await page.reload();
  await waylay.expectRequest('**/api/who?*', { headers: { 'x-routed': mark } });
});

test.describe('while unmatched requests are refused', () => {
  test.use({ waylayOptions: { unmatched: 'refuse', allow: ['http://localhost:*/?mark=*'], attach: 'never' } });

  test('test.use takes the place of the project’s options', async ({ page, waylay, mark }) => {
    waylay.stubResponse('**/api/who?*', `stub of ${mark}`);
    await page.goto(`/?mark=${mark}`);
    await expect(page.getByRole('heading')).toHaveText(`stub of ${mark}`);
  });
});
