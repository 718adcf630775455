import { expect, test } from 'waylay/vitest';

test('a fixture', async ({ waylay }) => {
  waylay.stubResponse('https://api.invalid/cart', { json: { items: 4 } });
  expect(await (await fetch('https://api.invalid/cart')).json()).toEqual({ items: 4 });
});
