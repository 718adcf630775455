/** Pages that use another origin's stubbed answers, as far as a browser lets them. */
import type { Page } from '@playwright/test';
import { expect, test } from './origins.js';

const api = 'https://api.invalid/charges';

/** What a script of `https://shop.test` gets. */
async function fetched(page: Page) {
  return page.evaluate(async (url) => {
    try {
      const response = await fetch(url, {
        method: 'PUT',
        credentials: 'include',
        headers: { 'content-type': 'application/json', 'x-trace': '7' },
        body: '{"amount":4200}',
      });
      return { status: response.status, trace: response.headers.get('x-trace'), json: await response.json() };
    } catch (error) {
      return String(error);
    }
  }, api);
}

test('cors: true permits a request with credentials and fields of its own, and lets its answer be read', async ({
  page,
  waylay,
}) => {
  const stub = waylay.stubResponse(
    `PUT ${api}`,
    (request) => ({ status: 201, headers: { 'x-trace': request.header('x-trace') ?? '' }, json: request.json() }),
    { cors: true, times: 1 },
  );
  await page.goto('https://shop.test/');

  expect(await fetched(page)).toEqual({ status: 201, trace: '7', json: { amount: 4200 } });

  expect(stub.hits).toBe(1);
  const methods = waylay.exchanges.filter(({ request }) => request.url === api).map(({ request }) => request.method);
  expect(methods).toEqual(['OPTIONS', 'PUT']);
});

test('nothing is permitted that was not asked for', async ({ page, waylay }) => {
  waylay.stubResponse(api, { json: {} });
  await page.goto('https://shop.test/');

  expect(await fetched(page)).toBe('TypeError: Failed to fetch');
});
