import { createGzip, gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Change } from '../../../matchers/mutate/change.js';
import { ask, exchangeThrough, VERSIONS } from '../../exchange-client.js';
import { httpsOrigin } from '../../servers.js';
import { ANSWERERS, BODY, CART, CODINGS, shop, started, upstream } from './wire-setup.js';

const PAIRS = VERSIONS.flatMap((version) => ANSWERERS.map((answerer) => ({ version, answerer })));

interface Outcome {
  status?: number;
  headers?: Record<string, unknown>;
  /** Default: {@link BODY}. */
  body?: string;
  trailers?: Record<string, unknown>;
}

/** Fields of the old body only, and those that a changed one is sent with. */
const CHANGED = { etag: expect.stringMatching(/^"v1;waylay-\d+"$/), 'content-encoding': undefined };

const ROWS: readonly [string, Change, Outcome][] = [
  ['status', { response: { status: 404 } }, { status: 404, headers: { etag: '"v1"' } }],
  ['status, by function', { response: { status: async (old) => old + 1 } }, { status: 201 }],
  ['statusText', { response: { statusText: 'Not Today' } }, { status: 200 }],
  [
    'headers',
    { response: { headers: { 'x-new': ['1', '2'], 'x-old': null, age: 5 } } },
    { headers: { 'x-new': '1, 2', 'x-old': undefined, age: '5' } },
  ],
  [
    'headers, by functions of one',
    { response: { headers: { 'x-old': async (old, { request }) => `${old} ${request.method}` } } },
    { headers: { 'x-old': 'old GET' } },
  ],
  [
    'headers, by a function of all',
    { response: { headers: async ({ 'x-old': _, ...others }) => ({ ...others, 'x-new': '1' }) } },
    { headers: { 'x-old': undefined, 'x-new': '1', etag: '"v1"' } },
  ],
  ['json', { response: { json: { m: 2 } } }, { body: '{"m":2}', headers: CHANGED }],
  [
    'json, by function',
    { response: { json: async (old: { n: number }, { id }: { id: number }) => ({ ...old, id: id > 0 }) } },
    { body: '{"n":1,"id":true}', headers: CHANGED },
  ],
  ['text', { response: { text: (old) => old.replace('n', 'nn') } }, { body: '{"nn":1}', headers: CHANGED }],
  ['body', { response: { body: (old) => old.subarray(1) } }, { body: '"n":1}', headers: CHANGED }],
  ['an empty body', { response: { body: '' } }, { body: '', headers: CHANGED }],
  [
    'stream',
    {
      response: {
        stream: async function* (chunks) {
          yield '[';
          for await (const chunk of chunks) yield chunk;
          yield ']';
        },
      },
    },
    { body: '[{"n":1}]', headers: { ...CHANGED, 'content-length': undefined } },
  ],
  [
    'stream, by a transform',
    {
      response: {
        stream: () =>
          new TransformStream<Uint8Array, string>({
            transform: (chunk, controller) => controller.enqueue(Buffer.from(chunk).toString().toUpperCase()),
          }),
      },
    },
    { body: '{"N":1}', headers: CHANGED },
  ],
  ['trailers', { response: { trailers: { 'x-sum': null, 'x-more': ['1', '2'] } } }, { trailers: { 'x-more': '1, 2' } }],
  [
    'trailers, by functions, and a body',
    { response: { trailers: async (old) => ({ ...old, 'x-more': '1' }), text: 'x' } },
    { body: 'x', trailers: { 'x-sum': 'abc', 'x-more': '1' } },
  ],
  ['how it travels', { response: { delay: 1, jitter: 1, bandwidth: 10_000, slice: 2 } }, { headers: { etag: '"v1"' } }],
];

describe.each(PAIRS)('a response over $version from $answerer', ({ version, answerer }) => {
  test.each(ROWS)(
    'comes with what was changed: %s',
    async (_, change, { status = 200, headers = {}, body = BODY, trailers }) => {
      const { waylay } = await shop(answerer);
      const mutation = waylay.mutate(CART, change);
      const received = await exchangeThrough(waylay, version, { url: CART, headers: { te: 'trailers' } });
      expect({ ...received, body: String(received.body) }).toMatchObject({ error: undefined, status, body });
      for (const [name, value] of Object.entries(headers))
        expect({ [name]: received.headers[name] }).toEqual({ [name]: value });
      expect(received.trailers).toEqual(trailers ?? { 'x-sum': 'abc' });
      expect(mutation.hits).toBe(1);
      await expect.poll(() => waylay.exchanges[0]?.ended).toBe(true);
      expect(waylay.exchanges[0]).toMatchObject({ mutated: true, error: undefined });
      expect(waylay.verify()).toBeUndefined();
    },
  );

  test.each(Object.keys(CODINGS) as (keyof typeof CODINGS)[])(
    'is changed by json and by a stream in %s',
    async (coding) => {
      const { waylay } = await shop(answerer, coding);
      waylay.mutate(CART, { response: { json: (old: object) => ({ ...old, m: 2 }) } });
      waylay.mutate('https://shop.test/stream', {
        response: {
          stream: async function* (chunks) {
            for await (const chunk of chunks) yield String(chunk).toUpperCase();
          },
        },
      });
      const whole = await exchangeThrough(waylay, version, { url: CART });
      expect([String(whole.body), whole.headers['content-encoding']]).toEqual(['{"n":1,"m":2}', undefined]);
      const stream = await exchangeThrough(waylay, version, { url: 'https://shop.test/stream' });
      expect([String(stream.body), stream.headers['content-encoding']]).toEqual(['{"N":1}', undefined]);
    },
  );

  test('has several changes apply in their order, streams among them', async () => {
    const { waylay } = await shop(answerer);
    const append = (text: string): Change => ({
      response: {
        stream: async function* (chunks) {
          yield* chunks;
          yield text;
        },
      },
    });
    const urls = ['whole', 'replaced', 'streams', 'then-whole'].map((name) => `https://shop.test/${name}`);
    const [whole, replaced, streams, thenWhole] = urls as [string, string, string, string];
    waylay.mutate(whole, { response: { text: (old) => `<${old}>` } });
    waylay.mutate(whole, append('a'));
    waylay.mutate(replaced, { response: { text: 'new' } });
    waylay.mutate(replaced, append('a'));
    waylay.mutate(streams, append('a'));
    waylay.mutate(streams, append('b'));
    waylay.mutate(thenWhole, append('a'));
    waylay.mutate(thenWhole, { response: { text: (old) => `<${old}>` } });
    const bodies = await Promise.all(
      urls.map(async (url) => String((await exchangeThrough(waylay, version, { url })).body)),
    );
    expect(bodies).toEqual([`<${BODY}>a`, 'newa', `${BODY}ab`, `<${BODY}a>`]);
  });

  test('is compressed by a stream', async () => {
    const { waylay } = await shop(answerer);
    waylay.mutate(CART, { response: { stream: () => createGzip(), headers: { 'x-zipped': '1' } } });
    const { body } = await exchangeThrough(waylay, version, { url: CART });
    expect(String(gunzipSync(body))).toBe(BODY);
  });

  test.each<[string, Change]>([
    ['bytes', { response: { headers: { 'Content-Encoding': 'gzip' }, body: (old) => gzipSync(old) } }],
    ['a stream', { response: { headers: { 'content-encoding': () => 'gzip' }, stream: () => createGzip() } }],
    [
      'what its function of all fields says',
      { response: { headers: (old) => ({ ...old, 'content-encoding': 'gzip' }), body: gzipSync(BODY) } },
    ],
  ])('says so where the test encodes it: %s', async (_, change) => {
    const { waylay } = await shop(answerer, 'br');
    waylay.mutate(CART, change);
    const { body, headers } = await exchangeThrough(waylay, version, { url: CART });
    expect([headers['content-encoding'], String(gunzipSync(body))]).toEqual(['gzip', BODY]);
  });

  test('is encoded anew where its coding is the same before and after', async () => {
    const { waylay } = await shop(answerer, 'gzip');
    const headers = { 'content-encoding': 'gzip' };
    waylay.mutate(CART, { response: { headers, body: (old) => gzipSync(`<${old}>`) } });
    const received = await exchangeThrough(waylay, version, { url: CART });
    expect(received.headers).toMatchObject(headers);
    expect(String(gunzipSync(received.body))).toBe(`<${BODY}>`);
  });

  test('without a body has none to change', async () => {
    const { waylay } = await shop(answerer);
    waylay.mutate('**', { response: { json: (old: object) => ({ ...old, m: 2 }) } });
    const { status, body, error, headers } = await exchangeThrough(waylay, version, { url: CART, method: 'HEAD' });
    expect([status, body.length, error, headers['content-length']]).toEqual([200, 0, undefined, undefined]);
  });

  test.each([
    { response: { status: 204 } },
    { response: { status: 304, json: (old: object) => old } },
    { response: { status: 205 } },
    { response: { status: 205, json: { n: 2 } } },
  ])('has no body where it becomes one without: %o', async (change) => {
    const { waylay } = await shop(answerer);
    waylay.mutate(CART, change);
    const received = await exchangeThrough(waylay, version, { url: CART });
    expect([received.status, received.body.length, received.error]).toEqual([change.response.status, 0, undefined]);
  });

  test.each<[string, Change]>([
    [
      'a head',
      {
        response: {
          status: () => {
            throw new RangeError('no such cart');
          },
        },
      },
    ],
    [
      'a body',
      {
        response: {
          json: () => {
            throw new RangeError('no such cart');
          },
        },
      },
    ],
  ])('is a 500 where a function of %s throws, and the test fails with its stack', async (_, change) => {
    const { waylay } = await shop(answerer);
    waylay.mutate(CART, change);
    const { status } = await exchangeThrough(waylay, version, { url: CART });
    expect(status).toBe(500);
    const problem = waylay.verify();
    expect(problem?.code).toBe('WAYLAY_HANDLER');
    expect(problem?.message).toMatch(
      /RangeError: no such cart\n +at \w+ \(test\/matchers\/mutate\/responses\.test\.ts:\d+\)/,
    );
  });

  test.each<[string, Change, string]>([
    ['reset', { response: { fault: 'reset' } }, ''],
    ['reset within', { response: { fault: 'reset', after: 3 } }, '{"n'],
    ['truncate', { response: { fault: 'truncate', after: 3 } }, '{"n'],
    ['truncate at once', { response: { fault: 'truncate' } }, ''],
    ['empty', { response: { fault: 'empty' } }, ''],
    ['malformed-chunk', { response: { fault: 'malformed-chunk', after: 3 } }, '{"n'],
  ])('breaks off: %s', async (_, change, body) => {
    const { waylay } = await shop(answerer);
    waylay.mutate(CART, change);
    const received = await exchangeThrough(waylay, version, { url: CART });
    expect(received.error).toBeDefined();
    // A reset throws bytes away: neither side can tell.
    if (!('response' in change) || change.response?.fault !== 'reset') {
      expect(String(received.body)).toBe(body);
    }
    await expect.poll(() => waylay.exchanges[0]?.ended).toBe(true);
    expect(waylay.exchanges[0]).toMatchObject({
      source: 'failed',
      error: { code: 'WAYLAY_FAULT', fault: 'test', message: expect.stringContaining('responses.test.ts') },
    });
    expect(waylay.verify()).toBeUndefined();
  });

  test('hangs, at once or within', async () => {
    const { waylay } = await shop(answerer);
    waylay.mutate(CART, { response: { fault: 'hang', after: 3 } });
    const asking = await ask(waylay, version, { url: CART });
    expect(String((await asking.bytes(3)).body)).toBe('{"n');
    asking.leave();
    await expect.poll(() => waylay.exchanges[0]?.ended).toBe(true);
    expect(waylay.exchanges[0]?.error?.code).toBe('WAYLAY_FAULT');
  });
});

describe.each(VERSIONS)('over %s', (version) => {
  test.each<[string, Change, string]>([
    ['fields only', { response: { headers: { 'x-new': '1' } } }, 'first'],
    [
      'a stream',
      {
        response: {
          stream: async function* (chunks) {
            for await (const chunk of chunks) yield String(chunk).toUpperCase();
          },
        },
      },
      'FIRST',
    ],
    [
      'a stream, by a transform',
      {
        response: {
          stream: () =>
            new TransformStream<Uint8Array, string>({
              transform: (chunk, controller) => controller.enqueue(Buffer.from(chunk).toString().toUpperCase()),
            }),
        },
      },
      'FIRST',
    ],
  ])('a change of %s delivers the first byte before the last has come', async (_, change, first) => {
    let finish = () => {};
    const origin = await httpsOrigin(
      (_request, response) => {
        response.write('first');
        finish = () => void response.end('last');
      },
      { name: 'shop.test' },
    );
    const waylay = await started({ hosts: { 'shop.test': `127.0.0.1:${origin.port}` } });
    waylay.mutate(CART, change);
    const asking = await ask(waylay, version, { url: CART });
    expect(String((await asking.bytes(5)).body)).toBe(first);
    finish();
    expect((await asking.received).body.length).toBe(9);
  });

  test('a client revalidates what it has, changed or not', async () => {
    const { origin, seen } = await upstream(version, ({ headers }, response) => {
      const known = headers['if-none-match'] === '"v1"';
      response.writeHead(known ? 304 : 200, { etag: '"v1"', 'last-modified': 'Tue, 24 Nov 2020 06:00:00 GMT' });
      response.end(known ? '' : 'real');
    });
    const waylay = await started({ hosts: { 'shop.test': `127.0.0.1:${origin.port}` } });
    const get = async (headers: Record<string, string> = {}) => {
      const { status, body, headers: fields } = await exchangeThrough(waylay, version, { url: CART, headers });
      return { status, body: String(body), etag: String(fields.etag), date: fields['last-modified'] };
    };
    expect(await get()).toMatchObject({ body: 'real', etag: '"v1"' });
    const mutation = waylay.mutate(CART, { response: { text: (old) => `un${old}` } });
    const changed = await get({ 'if-none-match': '"v1"' });
    expect(changed).toEqual({ status: 200, body: 'unreal', etag: '"v1;waylay-2"', date: undefined });
    mutation.remove();
    expect(await get({ 'if-none-match': changed.etag })).toMatchObject({ status: 200, body: 'real', etag: '"v1"' });
    expect(await get({ 'if-none-match': `${changed.etag}, "v1"` })).toMatchObject({ status: 304, body: '' });
    await get({ 'if-match': changed.etag });
    expect(seen.at(-1)?.headers['if-match']).toBe('"v1"');
  });
});
