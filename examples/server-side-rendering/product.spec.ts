import { expect, test } from './fixtures.js';

// Half of a page is made by the server, half in the browser; both ask the same API, which does not exist.
const product = 'https://api.tea.test/products/oolong';
const stock = 'https://api.tea.test/stock/oolong';

test('the server renders the price, the browser adds what is left', async ({ page, waylay }) => {
  waylay.stubResponse(product, { json: { name: 'Spring oolong', price: 42 } });
  waylay.stubResponse(stock, { json: { left: 3 } }, { cors: true });

  await page.goto('/oolong');
  await expect(page.getByRole('heading')).toHaveText('Spring oolong, € 42');
  await expect(page.getByRole('status')).toHaveText('3 left');

  const [byServer, byBrowser] = await waylay.expectOrder([product, stock]);
  expect(byServer.request).toHaveHeader('user-agent', /^(node|undici)$/);
  expect(byBrowser.request).toHaveHeader('origin', 'http://tea.test');
});

test('an API that fails costs the page, not the server', async ({ page, waylay }) => {
  // The same server, in the same worker: but this test has stubs and traffic of its own.
  await expect(waylay).not.toHaveReceived('https://api.tea.test/**');
  waylay.expectRequest(product, { times: 1 });
  waylay.stubResponse(product, 500);

  const response = await page.goto('/oolong');

  expect(response?.status()).toBe(503);
  await expect(page.getByRole('heading')).toHaveText('We are having tea. Come back soon.');
  await expect(waylay).not.toHaveReceived(stock);
});
