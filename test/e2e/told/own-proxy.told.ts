import { expect, test } from '../origins.js';

test.use({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs from this pattern
  proxy: async ({}, use) => use(undefined),
});

test('a file is to have no proxy', async ({ page, waylay }) => {
  expect(waylay.port).toBeGreaterThan(0);
  expect(page.url()).toBe('about:blank');
});
