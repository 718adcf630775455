import { expect, test } from 'waylay/playwright';

test('the cart of a page', async ({ page, waylay }) => {
  waylay.stubResponse('https://shop.invalid/', {
    headers: { 'content-type': 'text/html' },
    text: `<title>Cart</title><script>fetch('/cart').then((r) => r.json()).then((c) => { document.title = c.items + ' items'; });</script>`,
  });
  waylay.stubResponse('https://shop.invalid/cart', { json: { items: 2 } });
  waylay.mutate('https://shop.invalid/cart', { response: { json: { items: 3 } } });
  const cart = waylay.expectRequest('https://shop.invalid/cart');
  await page.goto('https://shop.invalid/');
  await expect(page).toHaveTitle('3 items');
  const { request, response } = await cart;
  expect(request).toHaveHeader('referer', 'https://shop.invalid/');
  expect(response).toHaveStatus(200);
  await expect(waylay).not.toHaveReceived('https://tracker.invalid/**');
});
