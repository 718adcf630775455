/** Contexts that outlive the hook or the test that made them: what they ask for belongs to the test that runs. */
import type { APIRequestContext, Page, TestInfo } from '@playwright/test';
import { expect, test } from './origins.js';

// The browser asks for none by itself then, which could come in any of the tests.
const ICON = '<link rel="icon" href="data:,">';

test.describe
  .serial('with contexts made in beforeAll', () => {
    let page: Page;
    let api: APIRequestContext;
    let before: TestInfo;

    test.beforeAll(async ({ browser, playwright, waylay }) => {
      waylay.stubResponse('https://shop.test/', {
        text: `${ICON}the shop of the hook`,
        headers: { 'content-type': 'text/html' },
      });
      page = await browser.newPage({ baseURL: 'https://shop.test' });
      api = await playwright.request.newContext({ baseURL: 'https://shop.test' });
      await page.goto('/');
      await api.get('/');
      const asked = waylay.exchanges.filter(({ request }) => request.url.endsWith('.test/'));
      expect(asked.map(({ initiator }) => initiator.client)).toEqual(['page', 'request']);
    });

    test.afterAll(async () => {
      await page.close();
      await api.dispose();
    });

    test('a page goes on, and is served by the test that uses it', async ({ waylay }) => {
      waylay.stubResponse('https://shop.test/stubbed', { text: 'by the first test' });
      await expect(page.locator('body')).toHaveText('the shop of the hook');

      expect(await page.evaluate(async () => (await fetch('/stubbed')).text())).toBe('by the first test');

      expect(waylay.exchanges).toHaveLength(1);
      expect(waylay.exchanges[0]?.initiator).toMatchObject({
        client: 'page',
        resourceType: 'fetch',
        pageURL: 'https://shop.test/',
      });
    });

    test('the next test has its own stubs and journal, and the real upstream', async ({ waylay, origins }) => {
      origins.serve('/real', { body: `${ICON}<title>real</title>`, headers: { 'cache-control': 'max-age=600' } });
      waylay.stubResponse('https://shop.test/stubbed', { text: 'by the second test' });

      await page.goto('/real');
      await expect(page).toHaveTitle('real');
      expect(await page.evaluate(async () => (await fetch('/stubbed')).text())).toBe('by the second test');
      await page.evaluate(async () => (await fetch('/real', { cache: 'force-cache' })).text());

      expect(waylay.exchanges.map(({ request, source }) => [request.url, source])).toEqual([
        ['https://shop.test/real', 'upstream'],
        ['https://shop.test/stubbed', 'stub'],
      ]);
      before = test.info();
    });

    test('a response from the cache has not gone past the proxy', () => {
      expect(before.annotations.filter(({ type }) => type === 'warning')).toEqual([]);
    });

    test('a request context goes on too', async ({ waylay }) => {
      waylay.stubResponse('https://shop.test/stubbed', { text: 'by the third test' });

      expect(await (await api.get('/stubbed')).text()).toBe('by the third test');

      expect(waylay.exchanges[0]?.initiator).toMatchObject({ client: 'request' });
    });

    test('a certificate that is broken stays broken there', async ({ origins: _ }) => {
      await expect(api.get('https://expired.test/')).rejects.toThrow(/apiRequestContext.get: .*expired/);
      await expect(page.goto('https://expired.test/')).rejects.toThrow(/net::ERR_CERT/);
    });
  });

const workerTest = test.extend<object, { kept: Page }>({
  kept: [
    async ({ browser }, use) => {
      const page = await browser.newPage();
      await use(page);
      await page.close();
    },
    { scope: 'worker' },
  ],
});

workerTest.describe.serial("made by a worker's fixture", () => {
  for (const name of ['the first', 'the second']) {
    workerTest(`a page is served by ${name} test`, async ({ kept, waylay }) => {
      waylay.stubResponse('https://shop.test/', { text: name, headers: { 'content-type': 'text/html' } });

      await kept.goto('https://shop.test/');

      await expect(kept.locator('body')).toHaveText(name);
      await expect(waylay).toHaveReceived('https://shop.test/', { times: 1 });
    });
  }
});
