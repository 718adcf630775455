import { expect, test } from 'waylay/playwright';

// Nobody runs this API: the name does not resolve. On another origin than the page, its answers need CORS headers, from
// a stub as from a server; `cors: true` adds them.
const forecasts = 'https://api.weather.test/**';
const cors = true;

test('each city has its weather, where there is a forecast', async ({ page, waylay }) => {
  // The newest stub wins: a wide one first, exceptions after it.
  waylay.stubResponse(forecasts, { status: 404, json: { error: 'unknown city' } }, { cors });
  waylay.stubResponse({ url: forecasts, query: { city: 'Tromsø' } }, { json: { celsius: -3 } }, { cors });

  await page.goto('/');
  await page.getByRole('button', { name: 'Tromsø' }).click();
  await expect(page.getByRole('status')).toHaveText('Tromsø: -3 °C');

  await page.getByRole('button', { name: 'Lima' }).click();
  await expect(page.getByRole('status')).toHaveText('No forecast for Lima.');
});

test('a late forecast can be asked for again', async ({ page, waylay }) => {
  // A list is gone through answer by answer; its last one repeats.
  waylay.stubResponse(forecasts, [503, { json: { celsius: 19 } }], { cors });

  await page.goto('/');
  await page.getByRole('button', { name: 'Lima' }).click();
  await expect(page.getByRole('status')).toHaveText('The forecast is late. Please try again.');

  await page.getByRole('button', { name: 'Lima' }).click();
  await expect(page.getByRole('status')).toHaveText('Lima: 19 °C');
});
