/** Tests that stub the same URL, each with an answer of its own, side by side. */
import { expect, test } from './test.js';

for (const name of ['first', 'second', 'third']) {
  test(`the ${name} sibling has its own answer`, async ({ page, waylay, mark }) => {
    const stub = waylay.stubResponse('**/api/who?*', `stub of ${mark}`);
    await page.goto(`/?mark=${mark}`);

    await expect(page.getByRole('heading')).toHaveText(`stub of ${mark}`);
    expect((await page.getByRole('heading').textContent()) ?? '').toBeOf(mark);
    await expect(waylay).toHaveReceived(`/api/who?mark=${mark}`);
    expect(stub.hits).toBe(1);
  });
}
