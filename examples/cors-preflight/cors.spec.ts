import { expect, test } from 'waylay/playwright';

const item = 'http://api.cart.test/items/teapot';

test('the browser asks once whether the page may change the cart', async ({ page, waylay }) => {
  const preflight = waylay.expectRequest(`OPTIONS ${item}`, { times: 1 });

  await page.goto('/');
  await page.getByRole('button', { name: 'Save' }).click();

  const { request, response } = await preflight.finished();
  expect(request).toHaveHeader('origin', 'http://cart.test');
  expect(request).toHaveHeader('access-control-request-method', 'PUT');
  expect(request).toHaveHeader('access-control-request-headers', 'content-type,x-client');
  expect(response).toHaveStatus(204);
  expect(response).toHaveHeader('access-control-allow-origin', 'http://cart.test');
  expect(response).toHaveHeader('access-control-allow-methods', /\bPUT\b/);

  // The answer holds for ten minutes: the next change needs no question.
  await page.getByLabel('Pieces').fill('2');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('status')).toHaveText('2 saved.');
  await waylay.expectOrder([preflight, `PUT ${item}`, `PUT ${item}`]);
});

test('where the API says no, nothing is changed', async ({ page, waylay }) => {
  waylay.mutate(`OPTIONS ${item}`, { response: { headers: { 'access-control-allow-headers': 'content-type' } } });

  await page.goto('/');
  await page.getByRole('button', { name: 'Save' }).click();

  await expect(page.getByRole('status')).toHaveText('Not saved.');
  await expect(waylay).not.toHaveReceived(`PUT ${item}`);
});
