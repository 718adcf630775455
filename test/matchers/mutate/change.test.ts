import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { changeRequest, changeResponse } from '../../../matchers/mutate/apply-change.js';
import type { MessageChange as Change } from '../../../matchers/mutate/change.js';
import { checkChange } from '../../../matchers/mutate/check-change.js';
import { CallSite } from '../../../matchers/rule/call-site.js';
import { RuleEffects } from '../../../matchers/rule/effect-log.js';
import { TestError } from '../../../src/errors.js';
import type { BodyChange, RequestChange, ResponseChange, WholeBody } from '../../../src/interceptor.js';
import { exchange, type Sent } from '../wire.js';

const sent: Sent = {
  method: 'POST',
  url: 'https://shop.test/api/cart',
  headers: ['Host', 'shop.test', 'Content-Type', 'application/json', 'X-A', '1'],
  body: { n: 1 },
};

/** Applies the change to `body`, as the core does. */
async function made(change: BodyChange | undefined, body: string | Buffer = ''): Promise<WholeBody | undefined> {
  if (change === undefined) return undefined;
  if (change.kind === 'replace') return change.bytes;
  if (change.kind === 'whole') return change.change(Buffer.from(body));
  return Buffer.concat(await collected(change.change(Readable.from([Buffer.from(body)]))));
}

async function collected(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return all;
}

/** Applies it, and reads a text in UTF-8. */
async function applied(change: BodyChange | undefined, body: string | Buffer = ''): Promise<string | undefined> {
  const whole = await made(change, body);
  return whole === undefined ? undefined : String(Buffer.isBuffer(whole) ? whole : whole.bytes);
}

type MessageChange = Change<ReturnType<typeof JSON.parse>>;

const written = (changes: readonly MessageChange[]) =>
  changes.map((change) => ({
    change,
    site: Object.assign(new CallSite(), { toString: () => 'cart.spec.ts:3:10' }),
    effects: new RuleEffects({
      site: new CallSite(),
      described: { kind: 'mutation', pattern: '**', place: undefined },
    }),
    draws: { request: 0.5, response: 0.5 },
  }));

function ofRequest(changes: MessageChange[], one: Sent = sent): Promise<RequestChange | undefined> {
  for (const change of changes) checkChange(change);
  return changeRequest(written(changes), exchange(one));
}

interface Head {
  status?: number;
  headers?: readonly string[];
  method?: string;
}

function ofResponse(changes: MessageChange[], { status = 200, headers = [], method = 'GET' }: Head = {}) {
  for (const change of changes) checkChange(change);
  return changeResponse(written(changes), exchange({ method, url: 'https://shop.test/api/cart' }), {
    status,
    statusText: '',
    headers,
  });
}

describe('a request', () => {
  test('is left alone by changes of the response', async () => {
    expect(await ofRequest([{ response: { status: 500 } }])).toEqual({});
  });

  test.each<[string, MessageChange, Partial<RequestChange>]>([
    ['method', { request: { method: 'PUT' } }, { method: 'PUT' }],
    ['method, by function', { request: { method: (old) => `X${old}` } }, { method: 'XPOST' }],
    ['url', { request: { url: 'https://other.test/' } }, { url: 'https://other.test/' }],
    [
      'url, by function',
      { request: { url: (old) => old.replace('cart', 'kart') } },
      { url: 'https://shop.test/api/kart' },
    ],
    ['url, as URL', { request: { url: (old) => new URL('/x', old) } }, { url: 'https://shop.test/x' }],
    ['the same method', { request: { method: 'POST' } }, {}],
    [
      'headers: set, delete, add',
      { request: { headers: { 'x-a': 2, 'content-type': null, 'X-B': ['1', '2'] } } },
      { headers: ['Host', 'shop.test', 'X-A', '2', 'X-B', '1', 'X-B', '2'] },
    ],
    [
      'headers: a function of one field',
      { request: { headers: { 'x-a': (old) => `${old}!`, 'x-none': (old) => String(old) } } },
      { headers: ['Host', 'shop.test', 'Content-Type', 'application/json', 'X-A', '1!', 'x-none', 'undefined'] },
    ],
    [
      'headers: a function of all',
      { request: { headers: ({ 'x-a': _, ...others }) => ({ ...others, 'x-c': '3' }) } },
      { headers: ['Host', 'shop.test', 'Content-Type', 'application/json', 'x-c', '3'] },
    ],
  ])('is changed by its head: %s', async (_, change, result) => {
    expect(await ofRequest([change])).toEqual(result);
  });

  test.each<[string, MessageChange, string]>([
    ['json', { request: { json: { n: 2 } } }, '{"n":2}'],
    ['json: null', { request: { json: null } }, 'null'],
    ['json, by function', { request: { json: (old) => ({ ...old, m: 1 }) } }, '{"n":1,"m":1}'],
    ['json, asynchronously', { request: { json: async (old) => [old] } }, '[{"n":1}]'],
    ['text', { request: { text: 'hi' } }, 'hi'],
    ['text, by function', { request: { text: (old) => old.replace('1', '7') } }, '{"n":7}'],
    ['body', { request: { body: Buffer.from('raw') } }, 'raw'],
    ['body, by function', { request: { body: (old) => old.subarray(0, 2) } }, '{"'],
  ])('is changed by its body: %s', async (_, change, body) => {
    expect(await applied((await ofRequest([change]))?.body, '{"n":1}')).toBe(body);
  });

  test('without a body is not given to functions', async () => {
    const change = await ofRequest([{ request: { json: (old) => old.n, headers: { a: 'b' } } }], {
      url: 'https://shop.test/',
    });
    expect(change).toEqual({ headers: ['a', 'b'] });
  });

  test('whose body is still coming is', async () => {
    const change = await ofRequest([{ request: { text: (old) => `${old}!` } }], { ...sent, body: '', complete: false });
    expect(await applied(change?.body, 'late')).toBe('late!');
  });
});

describe('a response', () => {
  test.each<[string, MessageChange, Head, ResponseChange]>([
    ['status', { response: { status: 404 } }, {}, { status: 404 }],
    ['status, by function', { response: { status: (old) => old + 1 } }, { status: 200 }, { status: 201 }],
    [
      'headers',
      { response: { headers: { etag: null } } },
      { headers: ['ETag', '"1"', 'A', 'b'] },
      { headers: ['A', 'b'] },
    ],
  ])('is changed: %s', async (_, change, head, result) => {
    expect(await ofResponse([change], head)).toEqual(result);
  });

  test('keeps the lines of what a function of all headers does not change', async () => {
    const headers = ['Set-Cookie', 'a=1', 'X-A', '1', 'set-cookie', 'b=2'];
    const change = await ofResponse([{ response: { headers: (old) => ({ ...old, 'x-a': '2' }) } }], { headers });
    expect(change?.headers).toEqual(['Set-Cookie', 'a=1', 'X-A', '2', 'set-cookie', 'b=2']);
  });

  test('is told of with its beginning where it is not JSON', async () => {
    const change = await ofResponse([{ response: { json: (old) => old } }]);
    await expect(applied(change?.body, '<html>')).rejects.toThrow(
      "The change written at cart.spec.ts:3:10 cannot be made to the 200 response to GET https://shop.test/api/cart: its body is not JSON: '<html>'.",
    );
  });

  test.each<[string, Head, boolean]>([
    ['of a redirect', { status: 302 }, true],
    ['of a preflight', { method: 'OPTIONS' }, true],
    ['of an ordinary response', {}, false],
  ])('has an empty body %s', async (_, head, stays) => {
    const body = applied((await ofResponse([{ response: { json: (old) => old } }], head))?.body, '');
    if (stays) expect(await body).toBe('');
    else await expect(body).rejects.toMatchObject({ code: 'WAYLAY_INVALID_CHANGE' });
  });

  const LATIN1 = ['Content-Type', 'text/html; charset=iso-8859-1'];

  test('has its text read in the charset of its type and sent in the same', async () => {
    const change = await ofResponse([{ response: { text: (old) => `${old}ö→` } }], { headers: LATIN1 });
    expect(await made(change?.body, Buffer.from('käse', 'latin1'))).toEqual(Buffer.from('käseö&#8594;', 'latin1'));
    expect(change?.headers).toBeUndefined();
  });

  test('has a text that is no HTML sent in UTF-8 where its charset lacks a character, and its type says so', async () => {
    const headers = ['Content-Type', 'text/csv; header=present; charset = "latin1"'];
    const change = await ofResponse([{ response: { text: (old) => `${old}→` } }], { headers });
    expect(await made(change?.body, Buffer.from('käse', 'latin1'))).toEqual({
      bytes: Buffer.from('käse→'),
      contentType: 'text/csv; header=present; charset=utf-8',
    });
    const replaced = await ofResponse([{ response: { text: '→' } }], { headers });
    expect(replaced).toEqual({
      headers: ['Content-Type', 'text/csv; header=present; charset=utf-8'],
      body: { kind: 'replace', bytes: Buffer.from('→') },
    });
  });

  test('has a content type that changes with the text say in which charset it is sent', async () => {
    const change = await ofResponse(
      [{ response: { headers: { 'content-type': 'text/html; charset=utf-8' }, text: (old) => `${old}→` } }],
      { headers: LATIN1 },
    );
    expect(await made(change?.body, Buffer.from('käse', 'latin1'))).toEqual(Buffer.from('käse→'));
  });

  test('has its JSON escape what its charset lacks', async () => {
    const change = await ofResponse([{ response: { json: (old) => [...old, '→'] } }], {
      headers: ['Content-Type', 'application/json; charset=latin1'],
    });
    expect(await made(change?.body, Buffer.from('["ä"]', 'latin1'))).toEqual(Buffer.from('["ä","\\u2192"]', 'latin1'));
  });

  test('has NDJSON as the list of its lines', async () => {
    const headers = ['Content-Type', 'application/x-ndjson'];
    const change = await ofResponse([{ response: { json: (old) => [...old.slice(1), { id: 3 }] } }], { headers });
    expect(await made(change?.body, '{"id":1}\n{"id": 2.0}\n')).toEqual(Buffer.from('{"id": 2.0}\n{"id":3}\n'));
    const replaced = await ofResponse([{ response: { json: [1, 2] } }], { headers });
    expect(replaced?.body).toEqual({ kind: 'replace', bytes: Buffer.from('1\n2\n') });
  });

  test('has a text refused that cannot say its charset behind a stream', async () => {
    const change = await ofResponse(
      [{ response: { stream: (chunks) => chunks } }, { response: { text: (old) => `${old}→` } }],
      { headers: ['Content-Type', 'text/csv; charset=latin1'] },
    );
    await expect(applied(change?.body, Buffer.from('ä', 'latin1'))).rejects.toThrow(
      "write { headers: { 'content-type': 'text/csv; charset=utf-8' } } in the same change",
    );
  });

  test('has a text of an unknown charset read as UTF-8', async () => {
    const change = await ofResponse([{ response: { text: (old) => old } }], {
      headers: ['Content-Type', 'a/b;charset=nope'],
    });
    expect(await applied(change?.body, 'käse')).toBe('käse');
  });

  test('keeps UTF-8, and types without a charset, as they are', async () => {
    for (const type of ['text/html; charset=UTF-8', 'text/html', 'application/json']) {
      const change = await ofResponse([{ response: { text: 'x' } }], { headers: ['Content-Type', type] });
      expect(change?.headers).toBeUndefined();
    }
  });

  test('has no header changed by json', async () => {
    const change = await ofResponse([{ response: { json: { a: 1 } } }], { headers: ['Content-Type', 'text/plain'] });
    expect(change).toEqual({ body: { kind: 'replace', bytes: Buffer.from('{"a":1}') } });
  });
});

describe('among several changes', () => {
  test('each applies in its order to what the one before it left', async () => {
    const change = await ofResponse(
      [
        { response: { status: 500, headers: { a: '1' }, json: (old) => [...old, 'first'] } },
        { request: { method: 'PUT' } },
        {
          response: { status: (old) => old + 3, headers: { a: (old) => `${old}2` }, json: (old) => [...old, 'second'] },
        },
      ],
      { headers: [] },
    );
    expect(change?.status).toBe(503);
    expect(change?.headers).toEqual(['a', '12']);
    expect(await applied(change?.body, '["zero"]')).toBe('["zero","first","second"]');
  });

  test('a replacement is what later functions get', async () => {
    const change = await ofResponse([
      { response: { json: ['new'] } },
      { response: { json: (old) => [...old, 'more'] } },
    ]);
    expect(await applied(change?.body, 'ignored')).toBe('["new","more"]');
  });

  test('a later replacement wins', async () => {
    const change = await ofResponse([
      { response: { json: (old) => old.missing.property } },
      { response: { text: 'last' } },
    ]);
    expect(change?.body).toEqual({ kind: 'replace', bytes: Buffer.from('last') });
  });

  test('the charset is changed once', async () => {
    const headers = ['Content-Type', 'text/plain; charset=latin1'];
    const append = { response: { text: (old: string) => `${old}ä` } };
    const change = await ofResponse([append, append], { headers });
    expect(await made(change?.body, Buffer.from('ö', 'latin1'))).toEqual(Buffer.from('öää', 'latin1'));
    const escaped = await ofResponse([append, { response: { text: (old: string) => `${old}→` } }, append], { headers });
    expect(await made(escaped?.body, Buffer.from('ö', 'latin1'))).toEqual({
      bytes: Buffer.from('öä→ä'),
      contentType: 'text/plain; charset=utf-8',
    });
  });
});

describe('the result of a function is checked', () => {
  test.each<[MessageChange, string]>([
    [{ request: { method: () => 'a b' } }, "method 'a b' is no method such as PUT"],
    [{ request: { method: () => 'CONNECT' } }, "method 'CONNECT' opens a tunnel and sends no request"],
    [{ request: { url: () => '/v2' } }, "url '/v2' is no absolute URL such as 'https://api.test/v2/cart'"],
    [
      { request: { headers: { a: () => 'b\nc' } } },
      "the value of the header 'a' has a character that no header may have: 'b\\nc'",
    ],
    [{ request: { headers: () => null as never } }, 'the function for headers returned null, and no object'],
  ])('where it is for a head: %s, row %#', async (change, why) => {
    await expect(ofRequest([change])).rejects.toThrow(
      new TestError(
        'WAYLAY_INVALID_CHANGE',
        `The change written at cart.spec.ts:3:10 cannot be made to POST https://shop.test/api/cart: ${why}.`,
      ),
    );
  });

  test.each<[MessageChange, string]>([
    [{ response: { json: () => undefined } }, 'json is undefined, which JSON does not have'],
    [{ response: { text: () => 5 as never } }, 'text is 5, and no string'],
    [{ response: { body: () => ({}) as never } }, 'body is {}, and no string and no bytes'],
  ])('where it is for a body: %s', async (change, why) => {
    await expect(applied((await ofResponse([change]))?.body, '{}')).rejects.toThrow(why);
  });

  test('where it is a status out of range', async () => {
    await expect(ofResponse([{ response: { status: () => 99 } }])).rejects.toThrow(
      'status 99 is no whole number from 200 to 599',
    );
  });
});

function refused(change: unknown): string {
  try {
    checkChange(change);
  } catch (error) {
    expect(error).toBeInstanceOf(TestError);
    expect(error).toMatchObject({ code: 'WAYLAY_INVALID_CHANGE', fault: 'test' });
    return (error as Error).message;
  }
  throw new Error('not refused');
}

describe('a value that is no change is refused', () => {
  test.each<[unknown, string]>([
    [
      undefined,
      "Invalid change undefined: a change is an object with request, response or both. Write { response: { json: { currency: 'EUR' } } }.",
    ],
    [
      () => {},
      "Invalid change () => {}: a change is an object with request, response or both. Write { response: { json: { currency: 'EUR' } } }.",
    ],
    [{}, "Invalid change {}: it changes nothing. Write { response: { json: { currency: 'EUR' } } }."],
    [
      { request: {} },
      "Invalid change { request: {} }: it changes nothing. Write { response: { json: { currency: 'EUR' } } }.",
    ],
    [
      { respons: { status: 500 } },
      "Invalid change { respons: { status: 500 } }: there is no key 'respons'; the nearest is 'response'. Write { response: { json: { currency: 'EUR' } } }.",
    ],
    [
      { json: { a: 1 } },
      "Invalid change { json: { a: 1 } }: there is no key 'json' beside request and response. Write { response: { json: { currency: 'EUR' } } }.",
    ],
    [
      { response: 500 },
      "Invalid change { response: 500 }: response is an object of what to change. Write { response: { json: { currency: 'EUR' } } }.",
    ],
    [
      { response: { stauts: 500 } },
      "Invalid change { response: { stauts: 500 } }: there is no key 'stauts' in response; the nearest is 'status'. Write { response: { status: 500 } }.",
    ],
    [
      { response: { method: 'GET' } },
      "Invalid change { response: { method: 'GET' } }: a response has no method. Write { request: { method: 'PUT' } }.",
    ],
    [
      { request: { status: 500 } },
      'Invalid change { request: { status: 500 } }: a request has no status. Write { response: { status: 500 } }.',
    ],
    [
      { response: { status: 'OK' } },
      "Invalid change { response: { status: 'OK' } }: response.status 'OK' is no whole number from 200 to 599. Write { response: { status: 500 } }.",
    ],
    [
      { response: { status: 101 } },
      'Invalid change { response: { status: 101 } }: response.status 101 is no whole number from 200 to 599. Write { response: { status: 500 } }.',
    ],
    [
      { response: { status: undefined } },
      'Invalid change { response: { status: undefined } }: response.status is undefined; leave it out, or use null to delete a header. Write { response: { status: 500 } }.',
    ],
    [
      { request: { method: 'A B' } },
      "Invalid change { request: { method: 'A B' } }: request.method 'A B' is no method such as PUT. Write { request: { method: 'PUT' } }.",
    ],
    [
      { request: { url: '/v2' } },
      "Invalid change { request: { url: '/v2' } }: request.url '/v2' is no absolute URL such as 'https://api.test/v2/cart'. Write { request: { url: 'https://api.test/v2/cart' } }.",
    ],
    [
      { request: { headers: 'a: b' } },
      "Invalid change { request: { headers: 'a: b' } }: request.headers: headers are an object or a function, and not 'a: b'. Write { request: { headers: { 'x-trace': '1', 'x-debug': null } } }.",
    ],
    [
      { request: { headers: { a: undefined } } },
      "Invalid change { request: { headers: { a: undefined } } }: request.headers: the value of the header 'a' is undefined, and not a string, a number or a list of these. Write { request: { headers: { 'x-trace': '1', 'x-debug': null } } }.",
    ],
    [
      { request: { headers: { 'a b': '' } } },
      "Invalid change { request: { headers: { 'a b': '' } } }: request.headers: 'a b' is no header name. Write { request: { headers: { 'x-trace': '1', 'x-debug': null } } }.",
    ],
    [
      { request: { json: 10n } },
      "Invalid change { request: { json: 10n } }: request.json cannot be written as JSON: Do not know how to serialize a BigInt. Write { request: { json: { currency: 'EUR' } } }.",
    ],
    [
      { request: { json: {}, text: '' } },
      "Invalid change { request: { json: {}, text: '' } }: json and text are two bodies. Write { request: { json: { currency: 'EUR' } } }.",
    ],
    [
      { request: { text: 5 } },
      "Invalid change { request: { text: 5 } }: request.text is 5, and no string. Write { request: { text: (old) => old.replace('a', 'b') } }.",
    ],
    [
      { request: { body: { a: 1 } } },
      "Invalid change { request: { body: { a: 1 } } }: request.body is { a: 1 }, and no string and no bytes. Write { request: { body: Buffer.from('…') } }.",
    ],
  ])('as a whole: %s', (change, message) => {
    expect(refused(change)).toBe(message);
  });

  test.each<[unknown, string]>([
    [{ delay: 100 }, "there is no key 'delay' beside request and response. Write { response: { delay: 300 } }"],
    [{ response: { delya: 5 } }, "the nearest is 'delay'. Write { response: { delay: 300 } }"],
    [{ response: { delay: -1 } }, 'response.delay -1 is no number of milliseconds from 0 to 2147483647'],
    [{ response: { delay: () => 5 } }, 'response.delay is a function; to decide by the exchange, give a function'],
    [
      { response: { jitter: 5 } },
      'jitter is by how much a delay varies, and there is none. Write { response: { delay: 300, jitter: 100 } }',
    ],
    [{ response: { bandwidth: 0 } }, 'response.bandwidth 0 is no number of bytes a second from 1 on'],
    [{ request: { slice: 1.5 } }, 'request.slice 1.5 is no whole number from 1 on. Write { request: { slice: 10 } }'],
    [
      { response: { fault: 'rest' } },
      "fault 'rest' is none of truncate, reset, hang, empty, malformed-chunk; the nearest is 'reset'",
    ],
    [
      { request: { fault: 'malformed-chunk' } },
      "fault 'malformed-chunk' is one of responses; those of requests are truncate, reset, hang",
    ],
    [
      { response: { after: 5 } },
      "after says when a fault happens, and there is none. Write { response: { fault: 'truncate', after: 1000 } }",
    ],
    [{ response: { fault: 'empty', after: 5 } }, 'an empty response has no byte after which it could end'],
    [
      { request: { trailers: { a: '1' } } },
      "a request has no trailers. Write { response: { trailers: { 'server-timing': 'db;dur=53' } } }",
    ],
    [
      { response: { stream: 'abc' } },
      "stream is 'abc', and no function. Write { response: { stream: async function* (chunks)",
    ],
    [{ response: { statusText: 'a\nb' } }, "response.statusText 'a\\nb' is no reason phrase"],
    [
      { tls: 'expired' },
      "tls is an object with an alert or a leaf. Write { tls: { leaf: 'expired' } } or { tls: { alert: 'handshake_failure' } }",
    ],
    [{ tls: { leaf: 'old' } }, "tls.leaf 'old' is none of expired, wrong-host, self-signed"],
    [
      { tls: { alert: 'handshake-failure' } },
      "is no alert of RFC 8446, section 6.2; the nearest is 'handshake_failure'",
    ],
    [{ tls: { alert: 256 } }, 'tls.alert 256 is no whole number from 0 to 255'],
    [{ tls: { alrt: 40 } }, "there is no key 'alrt' in tls; the nearest is 'alert'"],
    [{ tls: {} }, 'tls has either an alert or a leaf'],
    [
      { tls: { alert: 40 }, response: { status: 500 } },
      "tls stands alone, since a handshake that fails has no requests; 'response' is one too many",
    ],
  ])('by its keys: %j', (change, message) => {
    expect(refused(change)).toContain(message);
  });
});

describe('a field of one connection', () => {
  test.each([
    ['Keep-Alive', 'timeout=5'],
    ['transfer-encoding', 'chunked'],
    ['proxy-connection', ['close']],
    ['TE', 'gzip'],
  ])('is refused where it is written: %s', (name, value) => {
    const why = `headers: '${name}' is a field of one connection and not of the message, and would not be sent (RFC 9110, section 7.6.1); leave it out. Write {`;
    for (const side of ['request', 'response'])
      expect(() => checkChange({ [side]: { headers: { [name]: value } } } as Change)).toThrow(why);
  });

  test.each([
    ['te', 'trailers'],
    ['transfer-encoding', null],
    ['keep-alive', (old: string | undefined) => old ?? null],
    // A WebSocket handshake's.
    ['upgrade', 'websocket'],
    ['connection', 'Upgrade'],
  ])('is taken where it may say something: %s', (name, value) => {
    expect(() => checkChange({ request: { headers: { [name]: value } } } as Change)).not.toThrow();
  });
});
