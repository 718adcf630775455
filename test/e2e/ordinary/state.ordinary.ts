import type { Page } from '@playwright/test';
import { expect, record, test } from './test.js';

test('sets, reads and clears cookies', async ({ page, context, baseURL }) => {
  await context.addCookies([{ name: 'added', value: 'by test', url: baseURL as string }]);
  await page.goto('/set-cookies');
  const script = await page.evaluate('document.cookie');
  const all = (await context.cookies()).map(({ name, value, httpOnly, sameSite, path }) => [
    name,
    value,
    httpOnly,
    sameSite,
    path,
  ]);
  await page.goto('/echo');
  const echo = await page.locator('body').textContent();
  await context.clearCookies({ name: 'plain' });

  await record([script, all, echo, (await context.cookies()).map(({ name }) => name)]);
});

test('keeps its state for another context', async ({ page, context, browser }, testInfo) => {
  await page.goto('/login-form');
  await page.getByLabel('User').fill('ada');
  await page.getByLabel('Password').fill('secret');
  await page.getByRole('button').click();
  await expect(page).toHaveTitle('account');
  await page.evaluate(() => localStorage.setItem('theme', 'dark'));
  const path = testInfo.outputPath('state.json');
  const state = await context.storageState({ path });

  const other = await browser.newContext({ storageState: path });
  const again = await other.newPage();
  await again.goto(page.url());
  await expect(again.getByRole('heading')).toHaveText('Hello ada');
  expect(await again.evaluate(() => localStorage.getItem('theme'))).toBe('dark');
  await other.close();

  await record(state);
});

test('contexts know nothing of each other', async ({ page, browser, baseURL }) => {
  await page.goto('/set-cookies');
  const other = await browser.newContext({ baseURL: baseURL as string });
  const stranger = await other.newPage();
  await stranger.goto('/');

  expect(await stranger.evaluate(() => document.cookie)).toBe('');
  await other.close();
});

test.describe('elsewhere', () => {
  test.use({
    geolocation: { latitude: 48.2, longitude: 16.37 },
    permissions: ['geolocation'],
    locale: 'de-AT',
    timezoneId: 'Europe/Vienna',
    userAgent: 'Ordinary/1.0',
    extraHTTPHeaders: { 'X-Extra': 'Sent' },
    viewport: { width: 400, height: 300 },
    colorScheme: 'dark',
  });

  test('is where and what it is told', async ({ page }) => {
    await page.goto('/colors');
    const seen = await page.evaluate(async () => {
      const { coords } = await new Promise<GeolocationPosition>((resolve, reject) =>
        navigator.geolocation.getCurrentPosition(resolve, reject),
      );
      return [
        [coords.latitude, coords.longitude],
        new Date(0).toString(),
        (1234.5).toLocaleString(),
        [innerWidth, innerHeight],
        getComputedStyle(document.body).backgroundColor,
        await (await fetch('/echo')).json(),
      ];
    });

    await record(seen);
  });
});

test('rules the clock', async ({ page }) => {
  await page.clock.install({ time: new Date('2030-01-01T00:00:00Z') });
  await page.goto('/later');
  await page.clock.fastForward('01:00:01');

  await expect(page.getByText('an hour later')).toBeVisible();
  expect(await page.evaluate(() => new Date().getFullYear())).toBe(2030);
});

test.describe
  .serial('one page for several tests', () => {
    let page: Page;

    test.beforeAll(async ({ browser, baseURL }) => {
      page = await browser.newPage({ baseURL: baseURL as string });
      await page.goto('/');
    });

    test.afterAll(() => page.close());

    test('the page is used', async () => {
      await page.goto('/second');
      await expect(page).toHaveTitle('Second');
    });

    test('the page is used again', async () => {
      await expect(page).toHaveTitle('Second');
      await page.goBack();
      await expect(page).toHaveTitle('Home');
    });
  });

test('fails as it is expected to', async ({ page }) => {
  test.fail();
  await page.goto('/');
  expect(await page.title()).toBe('Somewhere else');
});

test('fails, and says why', async ({ page }) => {
  await page.goto('/');
  await test.step('look for what is not there', async () => {
    await expect(page.getByRole('heading')).toHaveText('Somewhere else', { timeout: 2_000 });
  });
});

test('needs no page', () => {
  expect.soft(1 + 1).toBe(2);
  test.info().annotations.push({ type: 'note', description: 'no page' });
});
