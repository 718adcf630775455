/** Mutations that must compile, and that must not; checked by `npm run types`. */
import { createGzip } from 'node:zlib';
import { expect, expectTypeOf, test } from 'vitest';
import type { Exchange } from '../../../src/journal/exchange.js';
import { Wire } from '../wire.js';

test('every form compiles', () => {
  const { rules: waylay } = new Wire();
  interface Cart {
    items: number[];
  }
  waylay.mutate('**', { request: { fault: 'reset', after: 10, delay: 5, jitter: 2, bandwidth: 10, slice: 1 } });
  waylay.mutate('**', { response: { fault: 'malformed-chunk', after: 0 } }, { times: 1, probability: 0.5, seed: 3 });
  waylay.mutate('**', { response: { fault: 'empty' } });
  waylay.mutate('https://api.test/**', { tls: { alert: 'handshake_failure' } });
  waylay.mutate('https://api.test/**', { tls: { alert: 40 } });
  waylay.mutate('https://api.test/**', { tls: { leaf: 'wrong-host' } });
  waylay.mutate('**', ({ request }) =>
    request.json<{ amount: number }>().amount > 1 ? { response: { status: 402 } } : undefined,
  );
  waylay.mutate('**', async (exchange) => ({ response: { json: (old: Cart) => ({ ...old, id: exchange.id }) } }));
  waylay.mutate('**', {
    response: {
      stream: async function* (chunks, exchange) {
        expectTypeOf(exchange).toExtend<Exchange>();
        for await (const chunk of chunks) {
          expectTypeOf(chunk).toEqualTypeOf<Buffer>();
          yield chunk;
          yield 'text';
        }
      },
      statusText: async (old) => `${old}!`,
      trailers: { a: null, b: (old) => `${old}`, c: ['1', 2] },
    },
  });
  waylay.mutate('**', { request: { stream: () => createGzip() } });
  waylay.mutate('**', { response: { stream: () => new CompressionStream('gzip') } });
  waylay.mutate('**', {
    response: {
      text: async (old, { request }) => old + request.method,
      headers: async (old, { id }) => ({ ...old, id }),
    },
  });
});

test('a form that is wrong does not compile', () => {
  const { rules: waylay } = new Wire();
  // @ts-expect-error two bodies
  expect(() => waylay.mutate('**', { response: { json: {}, text: 'a' } })).toThrow('two bodies');
  // @ts-expect-error a stream and a body
  expect(() => waylay.mutate('**', { request: { stream: () => createGzip(), body: 'a' } })).toThrow('two bodies');
  // @ts-expect-error a fault of responses
  expect(() => waylay.mutate('**', { request: { fault: 'empty' } })).toThrow('empty');
  // @ts-expect-error nothing happens after these bytes
  expect(() => waylay.mutate('**', { response: { after: 5 } })).toThrow('after');
  // @ts-expect-error no byte of an empty response is sent
  expect(() => waylay.mutate('**', { response: { fault: 'empty', after: 5 } })).toThrow('empty');
  // @ts-expect-error there is no delay
  expect(() => waylay.mutate('**', { response: { jitter: 5 } })).toThrow('jitter');
  // @ts-expect-error tls stands alone
  expect(() => waylay.mutate('https://a.test/**', { tls: { alert: 40 }, response: { status: 500 } })).toThrow('alone');
  // @ts-expect-error one of the two
  expect(() => waylay.mutate('https://a.test/**', { tls: { alert: 40, leaf: 'expired' } })).toThrow('either');
  // @ts-expect-error no such alert
  expect(() => waylay.mutate('https://a.test/**', { tls: { alert: 'handshake_failed' } })).toThrow('handshake_failure');
  // @ts-expect-error requests have no trailers to change
  expect(() => waylay.mutate('**', { request: { trailers: { a: '1' } } })).toThrow('trailers');
  // @ts-expect-error a stream is a function
  expect(() => waylay.mutate('**', { response: { stream: 'abc' } })).toThrow('no function');
  // @ts-expect-error an option that does not exist
  expect(() => waylay.mutate('**', { response: { status: 500 } }, { time: 1 })).toThrow('times');
  // @ts-expect-error a function returns a change
  waylay.mutate('**', () => 500);
});
