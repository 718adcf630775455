/** What must compile in a test, and what must not; checked by `npm run types`. */
import { expect, expectTypeOf, test } from 'vitest';
import type { Pattern } from '../../matchers/index.js';
import type { Exchange } from '../../src/exchange/exchange.js';
import type { Request } from '../../src/exchange/message.js';
import { Wire } from './wire.js';

test('the forms of the documentation compile', async () => {
  const { rules: waylay } = new Wire();
  interface Cart {
    items: number[];
  }
  const cart: Cart = { items: [1] };

  waylay.stubResponse('POST https://api.pay.test/v1/charges', { status: 402, json: { error: 'declined' } });
  waylay.stubResponse('**', [503, async (request) => ({ json: request.json() })], { times: 3 });
  waylay.stubResponse(
    (request) => request.header('a') === undefined,
    ({ url }) => url,
  );
  waylay.stubResponse({ json: cart }, { json: cart, headers: [['a', 'b']] });
  waylay.mutate('https://shop.test/api/cart', { response: { json: (old) => ({ ...old, currency: 'EUR' }) } });
  waylay.mutate('**', {
    response: { json: (old: Cart) => old.items, headers: { etag: null, age: (old) => `${old}0` } },
  });
  waylay.mutate('**', {
    request: { url: (old) => new URL('/v2', old), text: (old) => old.trim() },
    response: { json: cart },
  });
  waylay.expectRequest('**', { json: cart, times: { min: 0 } });
  waylay.expectRequest({
    url: (url) => url.port === '',
    json: { items: (items) => items.length > 1, n: { m: (m) => m } },
  });
  waylay.expectRequest('**', {
    times: { max: 2 },
    json: { amount: expect.any(Number), list: [expect.stringMatching(/a/), (one: string) => one !== ''] },
    headers: { 'x-a': expect.stringContaining('b'), 'x-b': /c/, 'x-c': null, 'x-d': ['e', /f/] },
    query: ({ page }) => page === '1',
    body: (bytes) => bytes.length > 3,
  });

  const charge = waylay.expectRequest('POST https://api.pay.test/v1/charges');
  const none = waylay.expectRequest('**', { times: 0 });
  expectTypeOf<Awaited<typeof charge>>().toEqualTypeOf<Exchange>();
  expectTypeOf<Awaited<typeof none>>().toEqualTypeOf<undefined>();
  expectTypeOf(charge.all()).toEqualTypeOf<Promise<readonly Exchange[]>>();
  expectTypeOf<(request: Request) => boolean>().toExtend<Pattern>();

  expect(() => {
    // @ts-expect-error a key that does not exist
    waylay.stubResponse({ methd: 'POST' }, 200);
  }).toThrow('methd');
  expect(() => {
    // @ts-expect-error a list has no meaning here
    waylay.expectRequest('**', { path: ['a'] });
  }).toThrow('path');
  expect(() => {
    // @ts-expect-error a status is a number
    waylay.stubResponse('**', { status: '200' });
  }).toThrow('status');
  expect(() => {
    // @ts-expect-error a response has no method
    waylay.mutate('**', { response: { method: 'GET' } });
  }).toThrow('method');
});
