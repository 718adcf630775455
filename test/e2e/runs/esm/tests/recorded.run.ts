/** A trace and, where there is an ffmpeg, a video. */
import { expect, test } from './test.js';

test.use({ trace: 'on', video: process.env.FILM ? 'on' : 'off' });

test('what happens is recorded', async ({ page, waylay, mark }) => {
  waylay.stubResponse('https://shop.test/**', {
    headers: { 'content-type': 'text/html' },
    body: `<link rel="icon" href="data:,"><h1>${mark}</h1>`,
  });
  await page.goto(`/?mark=${mark}`);
  await expect(page.getByRole('heading')).toHaveText(`the site, to ${mark}`);
  await page.goto(`https://shop.test/?mark=${mark}`);
  await expect(page.getByRole('heading')).toHaveText(mark);
});
