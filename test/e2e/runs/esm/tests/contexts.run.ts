import { expect, test } from './test.js';

test('several contexts and pages', async ({ page, browser, baseURL, waylay, mark }) => {
  waylay.stubResponse('**/api/who?*', `stub of ${mark}`);
  const contexts = [
    page.context(),
    await browser.newContext(),
    await browser.newContext({ baseURL: baseURL as string }),
  ];
  for (const context of contexts) {
    const pages = [await context.newPage(), await context.newPage()];
    for (const each of pages) await each.goto(`${baseURL}/?mark=${mark}`);
    for (const each of pages) await expect(each.getByRole('heading')).toHaveText(`stub of ${mark}`);
  }
  await contexts[1]?.close();

  await expect(waylay).toHaveReceived('**/api/who?*', { times: 6 });
});

test('popups', async ({ page, waylay, mark }) => {
  waylay.stubResponse('**/api/who?*', `stub of ${mark}`);
  await page.goto(`/?mark=${mark}`);
  const opening = page.waitForEvent('popup');
  await page.evaluate((mark) => void window.open(`/?mark=${mark}&popup`), mark);

  await expect((await opening).getByRole('heading')).toHaveText(`stub of ${mark}`);
  await expect(waylay).toHaveReceived('**/?mark=*&popup');
});

test('a persistent context', async ({ playwright, baseURL, waylay, mark }, testInfo) => {
  waylay.stubResponse('https://shop.test/**', {
    headers: { 'content-type': 'text/html' },
    body: `<link rel="icon" href="data:,"><h1>${mark}</h1>`,
  });
  const context = await playwright.chromium.launchPersistentContext(testInfo.outputPath('profile'));
  const [page = await context.newPage()] = context.pages();
  await page.goto(`${baseURL}/?mark=${mark}`);
  await expect(page.getByRole('heading')).toHaveText(`the site, to ${mark}`);
  await page.goto(`https://shop.test/?mark=${mark}`);
  await expect(page.getByRole('heading')).toHaveText(mark);
  await context.close();

  await expect(waylay).toHaveReceived('**/api/who?*');
});

test('a state that is kept', async ({ page, browser, baseURL, mark }, testInfo) => {
  await page.goto(`/log-in?mark=${mark}`);
  const path = testInfo.outputPath('state.json');
  await page.context().storageState({ path });
  const context = await browser.newContext({ storageState: path, baseURL: baseURL as string });
  const again = await context.newPage();
  await again.goto(`/who-am-i?mark=${mark}`);

  await expect(again.locator('body')).toHaveText('session=ada');
});

test.describe('with a state from the start', () => {
  test.use({
    storageState: async ({ baseURL }, use) =>
      use({ cookies: [], origins: [{ origin: `${baseURL}`, localStorage: [{ name: 'theme', value: 'dark' }] }] }),
  });

  test('it is there', async ({ page, mark }) => {
    await page.goto(`/?mark=${mark}`);
    expect(await page.evaluate(() => localStorage.getItem('theme'))).toBe('dark');
  });
});

test('no page', async ({ request, waylay, mark }) => {
  waylay.stubResponse('**/api/who?*', `stub of ${mark}`, { times: 1 });

  expect(await (await request.get(`/api/who?mark=${mark}`)).text()).toBe(`stub of ${mark}`);
  expect(await (await request.get(`/api/who?mark=${mark}`)).text()).toBe(`the site, to ${mark}`);
});

test('nothing at all', ({ mark }) => {
  expect(mark).toContain('desktop');
});
