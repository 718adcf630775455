import { expect, test } from './test.js';

test('fails at first, and not again', async ({ page, waylay, mark }, { retry }) => {
  expect(waylay.exchanges).toEqual([]);
  await page.goto(`/?mark=${mark}`);
  // Were the first attempt's stub still there, this is what it would answer.
  await expect(page.getByRole('heading')).toHaveText(`the site, to ${mark}`);
  if (retry === 0) {
    waylay.stubResponse('**/api/who?*', 'left over');
    await page.reload();
    await expect(page.getByRole('heading')).toHaveText('left over');
    waylay.expectRequest(`/never?mark=${mark}`);
  }
});

test('fails always', async ({ page, waylay, mark }) => {
  await page.goto(`/?mark=${mark}`);
  await waylay.expectRequest(`POST /api/who?mark=${mark}`, { timeout: 10 });
});
