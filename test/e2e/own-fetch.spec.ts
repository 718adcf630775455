/** Requests of the test's own process in a Playwright test, which no browser makes. */
import { expect, test } from './origins.js';

test('waylay.fetch goes through the proxy of the test, where Node’s own fetch goes past it', async ({ waylay }) => {
  waylay.stubResponse('https://api.invalid/cart', { json: { items: [] } });

  await expect(fetch('https://api.invalid/cart')).rejects.toThrow('fetch failed');
  expect(waylay.exchanges).toEqual([]);
  const missed = await expect(waylay)
    .toHaveReceived('https://api.invalid/cart', { timeout: 1 })
    .catch((error: Error) => error.message);
  expect(missed).toContain("Node's own fetch goes past it; write waylay.fetch(…), or give undici waylay.dispatcher.");

  expect(await (await waylay.fetch('https://api.invalid/cart')).json()).toEqual({ items: [] });
  await expect(waylay).toHaveReceived('https://api.invalid/cart');
});
