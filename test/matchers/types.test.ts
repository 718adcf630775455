/** Code that must compile in a test, or must not; checked by `npm run types`. */
import { expect, expectTypeOf, test } from 'vitest';
import { exactly, type Pattern } from '../../matchers/index.js';
import type { Exchange } from '../../src/journal/exchange.js';
import type { Request } from '../../src/journal/message.js';
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
  waylay.mutate<Cart>('https://shop.test/api/cart', { response: { json: (old) => ({ ...old, currency: 'EUR' }) } });
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

test('the JSON of an exchange is typed by the pattern', () => {
  const { rules: waylay } = new Wire();
  interface Charge {
    amount: number;
    currency: 'EUR' | 'USD';
  }
  const typed = waylay.expectRequest('POST https://api.pay.test/v1/charges', {
    json: {
      amount: 4200,
      currency: expect.any(String),
      name: /^A/,
      list: [1, 'a', { paid: true }],
      at: (value: number) => value > 1,
      kind: (value: unknown): value is 'card' => value === 'card',
      untyped: (value) => value !== null,
      none: null,
      when: new Date(0),
    },
    times: 2,
  });
  const readTyped = async () => (await typed).request.json();
  type Body = Awaited<ReturnType<typeof readTyped>>;
  expectTypeOf<Body['amount']>().toEqualTypeOf<number>();
  expectTypeOf<Body['currency']>().toEqualTypeOf<unknown>();
  expectTypeOf<Body['name']>().toEqualTypeOf<string>();
  expectTypeOf<Body['list'][0]>().toEqualTypeOf<number>();
  expectTypeOf<Body['list'][2]['paid']>().toEqualTypeOf<boolean>();
  expectTypeOf<Body['at']>().toEqualTypeOf<number>();
  expectTypeOf<Body['kind']>().toEqualTypeOf<'card'>();
  expectTypeOf<Body['untyped']>().toEqualTypeOf<unknown>();
  expectTypeOf<Body['none']>().toEqualTypeOf<null>();
  expectTypeOf<Body['when']>().toEqualTypeOf<string>();
  // A subset: what else there is, is not known.
  expectTypeOf<Body['more']>().toEqualTypeOf<unknown>();

  const whole = waylay.expectRequest('**', { json: exactly({ amount: 4200, tax: { rate: 19 } }) });
  const readWhole = async () => (await whole).request.json();
  type Whole = Awaited<ReturnType<typeof readWhole>>;
  expectTypeOf<Whole['tax']['rate']>().toEqualTypeOf<number>();
  expectTypeOf<keyof Whole>().toEqualTypeOf<'amount' | 'tax'>();

  const inPattern = waylay.expectRequest({ method: 'POST', json: { amount: 1 } });
  const readAmount = async () => (await inPattern).request.json().amount;
  expectTypeOf(readAmount).returns.resolves.toEqualTypeOf<number>();
  const named = waylay.expectRequest<Charge>('POST https://api.pay.test/v1/charges', { json: { amount: 4200 } });
  expectTypeOf<Awaited<typeof named>>().toEqualTypeOf<Exchange<Charge>>();
  expectTypeOf<Awaited<ReturnType<typeof named.finished>>['request']>().toEqualTypeOf<Request<Charge>>();
  const plain = waylay.expectRequest('**');
  expectTypeOf<Awaited<typeof plain>>().toEqualTypeOf<Exchange>();
  const ownWord = (exchange: Exchange<Charge>) => exchange.request.json<{ other: 1 }>();
  expectTypeOf(ownWord).returns.toEqualTypeOf<{ other: 1 }>();
  expectTypeOf<Exchange<Charge>>().toExtend<Exchange>();

  expect(() => {
    // @ts-expect-error a key that does not exist, beside one that does
    waylay.expectRequest('**', { json: { amount: 1 }, methd: 'POST' });
  }).toThrow('methd');
});

test('a group gives a tuple', () => {
  const { rules: waylay } = new Wire();
  const login = waylay.expectRequest<{ user: string }>('POST **/login');
  const order = waylay.expectOrder([login, '**/cart', { method: 'POST', json: { amount: 1 } }]);
  type Given = Awaited<typeof order>;
  expectTypeOf<Given['length']>().toEqualTypeOf<3>();
  expectTypeOf<Given[0]>().toEqualTypeOf<Exchange<{ user: string }>>();
  expectTypeOf<Given[1]>().toEqualTypeOf<Exchange>();
  const readAmount = async () => (await order)[2].request.json().amount;
  expectTypeOf(readAmount).returns.resolves.toEqualTypeOf<number>();
  const members: string[] = ['**/a', '**/b'];
  const overlap = waylay.expectOverlap(members, { timeout: 1 });
  expectTypeOf<Awaited<typeof overlap>>().toEqualTypeOf<Exchange[]>();

  expect(() => {
    // @ts-expect-error what is expected not to come has no place in time
    waylay.expectOrder(['**', waylay.expectRequest('**', { times: 0 })]);
  }).toThrow('times: 0');
});
