import https from 'node:https';
import { text } from 'node:stream/consumers';
import { useWaylay } from 'waylay/jest';

const { WAYLAY_TIMEOUT } = process.env;
const waylay = useWaylay({ timeout: WAYLAY_TIMEOUT === undefined ? undefined : Number(WAYLAY_TIMEOUT) });

const get = (url: string): Promise<string> =>
  new Promise((resolve, reject) => {
    https.get(url, (response) => text(response).then(resolve, reject)).on('error', reject);
  });

test('the cart of this process', async () => {
  waylay.stubResponse('https://api.invalid/cart', { json: { items: 2 } });
  const cart = waylay.expectRequest('https://api.invalid/cart');
  expect(JSON.parse(await get('https://api.invalid/cart'))).toEqual({ items: 2 });
  const { request, response } = await cart;
  expect(request).toHaveHeader('host', 'api.invalid');
  expect(response).toHaveStatus(200);
  await expect(waylay).toHaveReceived('https://api.invalid/cart', { times: 1 });
});

test('the next test has a journal of its own, and programs', async () => {
  await expect(waylay).not.toHaveReceived('https://api.invalid/**');
  waylay.stubResponse('https://api.invalid/cart', { json: { items: 3 } });
  const script = `fetch('https://api.invalid/cart').then((response) => response.text()).then(console.log)`;
  const { stdout } = await waylay.spawn(process.execPath, ['-e', script]);
  expect(stdout).toBe('{"items":3}\n');
});
