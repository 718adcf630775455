/** Playwright's own ways to expect, with what went over the wire. */
import { expect, test } from './origins.js';

test.beforeEach(async ({ page, waylay }) => {
  waylay.stubResponse('https://shop.test/api/**', ({ headers }) => ({
    json: { attempt: Number(headers['x-attempt']) },
  }));
  await page.goto('https://shop.test/');
});

/** Asks again and again, as an impatient page does, until the test ends. */
const retry = () => {
  let attempt = 0;
  const again = (): Promise<void> =>
    fetch('/api/charges', { headers: { 'x-attempt': String(++attempt) } }).then(() => {
      if (attempt < 3) return again();
    });
  void again();
};

test('expect.poll sees requests as they come', async ({ page, waylay }) => {
  const charges = () => waylay.exchanges.filter(({ request }) => request.url.endsWith('/charges'));
  await page.evaluate(retry);

  await expect.poll(() => charges().length).toBe(3);
  await expect.poll(() => charges().at(-1)?.request).toHaveHeader('x-attempt', '3');
  await expect.poll(() => charges().at(-1)?.request).not.toHaveHeader('x-attempt', '1');
  await expect
    .poll(async () => (await waylay.expectRequest('https://shop.test/api/charges')).request)
    .toMatchRequest('GET https://shop.test/api/charges', { headers: { 'x-attempt': '1' } });
});

test('toPass tries until the matchers agree', async ({ page, waylay }) => {
  await page.evaluate(retry);

  await expect(async () => {
    const exchange = waylay.exchanges.at(-1);
    expect(exchange?.request).toHaveHeader('x-attempt', '3');
    expect(exchange?.response).toHaveJSON({ attempt: 3 });
    expect(exchange).toHaveStatus(200);
  }).toPass();
});

test('expect.soft and .not pass where they should', async ({ page, waylay }) => {
  await page.evaluate(retry);

  await expect.soft(waylay).toHaveReceived('https://shop.test/api/charges', { times: 3 });
  await expect(waylay).not.toHaveReceived('https://shop.test/api/refunds');
  const { request } = await waylay.expectRequest('https://shop.test/api/charges');
  expect.soft(request).not.toMatchRequest('POST **');
  expect(request).not.toHaveHeader('authorization');
});
