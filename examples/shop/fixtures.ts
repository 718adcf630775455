import { test as base, expect } from 'waylay/playwright';
import { type Shop, startShop } from './server/shop.js';
import type { Traffic } from './summary-reporter.js';

export { expect };

/**
 * Waylay's `test` with the shop behind it: one shop a worker, and one proxy a test that knows where
 * the shop is. In your own project the first is not needed where the application runs already.
 */
export const test = base.extend<{ traffic: undefined }, { shop: Shop }>({
  shop: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs from this pattern
    async ({}, use) => {
      const shop = await startShop();
      await use(shop);
      await shop.close();
    },
    { scope: 'worker' },
  ],

  // Where the names are dialled, and who may sign for them. Upstream certificates are verified as
  // a browser would: without `trustedRoots` the shop's would be refused.
  waylayOptions: async ({ shop }, use) => {
    await use({ hosts: shop.hosts, trustedRoots: [shop.root] });
  },

  // Hands each test's traffic to summary-reporter.ts. `auto`: for every test, unasked.
  traffic: [
    async ({ waylay }, use, testInfo) => {
      await use(undefined);
      const traffic = waylay.exchanges.map(
        ({ request, source, mutated, error, websocket }): Traffic => ({
          host: request.parsedUrl.host,
          protocol: websocket ? 'WebSocket' : `HTTP/${request.httpVersion.replace('2.0', '2')}`,
          source,
          mutated,
          error: error?.code,
        }),
      );
      await testInfo.attach('traffic', { body: JSON.stringify(traffic), contentType: 'application/json' });
    },
    { auto: true },
  ],
});
