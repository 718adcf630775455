import { expect, test } from '../origins.js';

test.use({ proxy: { server: 'http://127.0.0.1:9' } });

test('a file has a proxy of its own', async ({ page, waylay }) => {
  expect(waylay.port).toBeGreaterThan(0);
  expect(page.url()).toBe('about:blank');
});
