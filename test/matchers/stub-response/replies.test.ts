/** Every form of a reply over a real connection, in both versions of HTTP. */
import { connect } from 'node:http2';
import { Readable } from 'node:stream';
import { text as readText } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { describe, expect, onTestFinished, test } from 'vitest';
import { passthrough, type Reply } from '../../../matchers/index.js';
import { tlsThrough } from '../../client.js';
import { ask, exchangeThrough, type Received, type SentRequest, VERSIONS } from '../../exchange-client.js';
import { httpsOrigin, publicAuthority } from '../../servers.js';
import { type Stubbed, stubbed, until } from './stubbed.js';

const URL_OF_STUB = 'https://api.test/thing';
const FILES = 'test/matchers/stub-response/files';

interface Expected {
  status?: number;
  headers?: Record<string, unknown>;
  body?: string;
  trailers?: Received['trailers'];
  informational?: Received['informational'];
}

/** Completes what is expected by what is there by default. */
function whole({ status = 200, headers = {}, body = '', trailers = {}, informational = [] }: Expected): object {
  return { status, headers, body, trailers, informational, error: undefined };
}

function seen({ status, headers, body, trailers, informational, error }: Received): object {
  const { connection, 'keep-alive': keepAlive, 'transfer-encoding': coding, ...fields } = headers;
  return { status, headers: fields, body: body.toString(), trailers, informational, error };
}

/** Fields of each file, whatever it is: it may be asked for in parts, and it is asked for again. */
const ofFile = {
  'accept-ranges': 'bytes',
  'cache-control': 'no-cache',
  etag: expect.stringMatching(/^"[0-9a-f]+-[0-9a-f]+"$/),
  'last-modified': expect.stringMatching(/ GMT$/),
};
const json = { 'content-type': 'application/json' };
const text = { 'content-type': 'text/plain; charset=utf-8' };

async function* generated(): AsyncGenerator<string | Uint8Array> {
  yield 'one ';
  yield Buffer.from('two');
}

function readable<T extends string | Uint8Array>(...chunks: T[]): ReadableStream<T> {
  return new ReadableStream({
    start: (controller) => {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

function fetched(): Response {
  const response = new Response('plain', {
    headers: { 'content-encoding': 'gzip', 'content-length': '3', 'x-a': 'b' },
  });
  Object.defineProperty(response, 'url', { value: 'https://upstream.test/' });
  return response;
}

/** A `Response` of another realm, as in the sandbox of a runner. */
const foreign = runInContext(
  `({ [Symbol.toStringTag]: 'Response', status: 201, statusText: 'Made', headers: new Map([['x-realm', 'other']]),
     bodyUsed: false, body: undefined, type: 'default', url: '',
     arrayBuffer: async () => new Uint8Array([104, 105]).buffer, clone() { return this; } })`,
  createContext({}),
);

const forms: [name: string, reply: () => Reply, expected: Expected][] = [
  ['a status', () => 503, { status: 503, headers: { 'content-length': '0' } }],
  ['a text', () => 'hällo', { headers: { ...text, 'content-length': '6' }, body: 'hällo' }],
  ['json', () => ({ json: [1] }), { headers: { ...json, 'content-length': '3' }, body: '[1]' }],
  [
    'text',
    () => ({ status: 404, text: '<p>', headers: { 'Content-Type': 'text/html' } }),
    { status: 404, headers: { 'content-type': 'text/html', 'content-length': '3' }, body: '<p>' },
  ],
  ['body', () => ({ body: Buffer.from('raw') }), { headers: { 'content-length': '3' }, body: 'raw' }],
  ['nothing', () => ({ status: 204 }), { status: 204 }],
  [
    'repeated headers',
    () => ({ headers: { 'set-cookie': ['a=1', 'b=2'] } }),
    { headers: { 'set-cookie': ['a=1', 'b=2'], 'content-length': '0' } },
  ],
  [
    'a file',
    () => ({ file: `${FILES}/cart.json` }),
    {
      headers: { ...ofFile, 'content-type': 'application/json; charset=utf-8', 'content-length': '20' },
      body: '{ "items": [1, 2] }\n',
    },
  ],
  [
    'a file by URL, with a type of its own',
    () => ({ file: pathToFileURL(`${FILES}/page.html`), headers: { 'content-type': 'text/plain' } }),
    {
      headers: { ...ofFile, 'content-type': 'text/plain', 'content-length': '28' },
      body: '<!doctype html><p>hällo</p>',
    },
  ],
  [
    'a file by the text of a URL',
    () => ({ file: pathToFileURL(`${FILES}/page.html`).href, status: 404 }),
    {
      status: 404,
      headers: { 'content-type': 'text/html; charset=utf-8', 'content-length': '28' },
      body: '<!doctype html><p>hällo</p>',
    },
  ],
  [
    'a file without a type',
    () => ({ file: `${FILES}/plain` }),
    { headers: { ...ofFile, 'content-length': '3' }, body: 'raw' },
  ],
  ['an empty file', () => ({ file: `${FILES}/empty.txt` }), { headers: { ...ofFile, ...text, 'content-length': '0' } }],
  [
    'a file with trailers',
    () => ({ file: `${FILES}/plain`, trailers: { 'x-sum': 'abc' } }),
    { headers: ofFile, body: 'raw', trailers: { 'x-sum': 'abc' } },
  ],
  ['a stream from a list', () => ({ stream: ['one ', Buffer.from('two')] }), { body: 'one two' }],
  ['a stream from an iterable', () => ({ stream: new Set(['one ', 'two']) }), { body: 'one two' }],
  ['a stream from a generator', () => ({ stream: generated() }), { body: 'one two' }],
  ['a stream from a function', () => ({ stream: () => generated() }), { body: 'one two' }],
  ['a stream from a generator function', () => ({ stream: generated }), { body: 'one two' }],
  [
    'a stream from a promise of a Readable',
    () => ({ stream: async () => Readable.from(['one ', 'two']) }),
    { body: 'one two' },
  ],
  ['a Readable', () => ({ stream: Readable.from(['one ', 'two']) }), { body: 'one two' }],
  ['a ReadableStream', () => ({ stream: readable('one ', 'two') }), { body: 'one two' }],
  ['a stream with empty chunks', () => ({ stream: ['', 'a', Buffer.alloc(0), 'b'] }), { body: 'ab' }],
  [
    'server-sent events',
    () => ({ sse: ['hello', { event: 'price', data: { eur: 42 } }] }),
    { headers: { 'content-type': 'text/event-stream' }, body: 'data: hello\n\nevent: price\ndata: {"eur":42}\n\n' },
  ],
  [
    'a redirect',
    () => ({ redirect: '/login' }),
    { status: 302, headers: { location: '/login', 'content-length': '0' } },
  ],
  [
    'a redirect with a status',
    () => ({ redirect: new URL('https://b.test/ä'), status: 308 }),
    { status: 308, headers: { location: 'https://b.test/%C3%A4', 'content-length': '0' } },
  ],
  [
    'trailers',
    () => ({ text: 'Hello', trailers: { 'x-sum': ['a', 'b'] } }),
    { headers: text, body: 'Hello', trailers: { 'x-sum': 'a, b' } },
  ],
  [
    'trailers after a stream',
    () => ({ stream: ['a', 'b'], trailers: [['X-Sum', '1']] }),
    { body: 'ab', trailers: { 'x-sum': '1' } },
  ],
  [
    'informational responses',
    () => ({
      informational: [{ status: 103, headers: { link: '</a.css>; rel=preload' } }, { status: 103 }],
      body: 'x',
    }),
    {
      informational: [
        { status: 103, headers: { link: '</a.css>; rel=preload' } },
        { status: 103, headers: {} },
      ],
      headers: { 'content-length': '1' },
      body: 'x',
    },
  ],
  [
    'a Response',
    () =>
      new Response('Hello', {
        status: 418,
        headers: [
          ['X-A', 'b'],
          ['set-cookie', 'a=1'],
          ['set-cookie', 'b=2'],
        ],
      }),
    {
      status: 418,
      headers: { 'content-type': 'text/plain;charset=UTF-8', 'x-a': 'b', 'set-cookie': ['a=1', 'b=2'] },
      body: 'Hello',
    },
  ],
  ['a Response without a body', () => new Response(null, { status: 204 }), { status: 204 }],
  [
    'a Response that streams',
    () => new Response(readable(Buffer.from('one '), Buffer.from('two'))),
    { body: 'one two' },
  ],
  [
    'a Response that was fetched',
    fetched,
    { headers: { 'content-type': 'text/plain;charset=UTF-8', 'x-a': 'b' }, body: 'plain' },
  ],
  [
    'a redirecting Response',
    () => Response.redirect('https://b.test/', 307),
    { status: 307, headers: { location: 'https://b.test/', 'content-length': '0' } },
  ],
  ['a Response of another realm', () => foreign, { status: 201, headers: { 'x-realm': 'other' }, body: 'hi' }],
];

describe.each(VERSIONS)('over %s, a stub replies with', (version) => {
  test.each(forms)('%s', async (_, reply, expected) => {
    const proxy = await stubbed();
    const stub = proxy.rules.stubResponse(URL_OF_STUB, reply());
    const received = await exchangeThrough(proxy, version, { url: URL_OF_STUB });
    expect(seen(received)).toEqual(whole(expected));
    expect(stub.hits).toBe(1);
    expect(stub.exchanges[0]).toMatchObject({ source: 'stub', error: undefined });
    expect(proxy.rules.verify()).toBeUndefined();
  });

  test.each(forms)('%s, from a function', async (_, reply, expected) => {
    const proxy = await stubbed();
    proxy.rules.stubResponse(URL_OF_STUB, async () => reply() as never);
    expect(seen(await exchangeThrough(proxy, version, { url: URL_OF_STUB }))).toEqual(whole(expected));
  });

  test.each(forms)('%s, to a HEAD without its body', async (_, reply, expected) => {
    const proxy = await stubbed();
    proxy.rules.stubResponse(URL_OF_STUB, reply());
    const received = await exchangeThrough(proxy, version, { url: URL_OF_STUB, method: 'HEAD' });
    const { status = 200, headers: { 'content-length': length, ...headers } = {} } = expected;
    expect(received).toMatchObject({ status, headers, error: undefined });
    expect(received.body).toHaveLength(0);
    // Zero need not be said.
    expect(length === '0' ? [undefined, '0'] : [length]).toContain(received.headers['content-length']);
  });

  test('a list of all that, in order, the last of which repeats', async () => {
    const proxy = await stubbed();
    proxy.rules.stubResponse(URL_OF_STUB, [
      503,
      ({ method }) => ({ json: { method } }),
      new Response('a'),
      { stream: ['b'] },
      async () => new Response('c'),
    ]);
    const bodies: string[] = [];
    for (let i = 0; i < 6; i += 1) {
      const { status, body } = await exchangeThrough(proxy, version, { url: URL_OF_STUB });
      bodies.push(`${status} ${body}`);
    }
    expect(bodies).toEqual(['503 ', '200 {"method":"GET"}', '200 a', '200 b', '200 c', '200 c']);
  });

  test('bodies that can be read again as often as they are asked for', async () => {
    const proxy = await stubbed();
    const reading: [Reply, string][] = [
      [new Response('Hello'), 'Hello'],
      [{ stream: new Set(['a', 'b']) }, 'ab'],
      [{ stream: generated }, 'one two'],
      [{ sse: ['a'] }, 'data: a\n\n'],
      [{ file: `${FILES}/plain` }, 'raw'],
    ];
    for (const [index, [reply, body]] of reading.entries()) {
      const url = `https://api.test/${index}`;
      proxy.rules.stubResponse(url, reply);
      for (let i = 0; i < 3; i += 1) expect(String((await exchangeThrough(proxy, version, { url })).body)).toBe(body);
    }
  });

  test('informational responses, and after its delay the rest', async () => {
    const proxy = await stubbed();
    const reply = { delay: 60_000, informational: [{ status: 103 }], text: 'late' };
    proxy.rules.stubResponse(URL_OF_STUB, reply);
    const asking = await ask(proxy, version, { url: URL_OF_STUB });
    const delays = () => [...proxy.coreTimer.pending].map(({ milliseconds }) => milliseconds);
    await until(() => delays().includes(60_000));
    expect(proxy.journal.exchanges[0]?.response).toBeUndefined();
    proxy.coreTimer.fire();
    expect(seen(await asking.received)).toMatchObject({ status: 200, body: 'late', informational: [{ status: 103 }] });
  });

  test('nothing but a broken connection for Response.error()', async () => {
    const proxy = await stubbed();
    const stub = proxy.rules.stubResponse(URL_OF_STUB, Response.error());
    const received = await exchangeThrough(proxy, version, { url: URL_OF_STUB });
    expect(received.status).toBeUndefined();
    expect(received.error).toBeDefined();
    const [exchange] = stub.exchanges;
    expect(exchange?.error).toMatchObject({ code: 'WAYLAY_FAULT', fault: 'test' });
    expect(exchange?.error?.message).toMatch(
      /replies\.test\.ts:\d+ answered GET https:\/\/api\.test\/thing with a network error/,
    );
    expect(proxy.rules.verify()).toBeUndefined();
  });
});

describe.each(VERSIONS)('passthrough over %s', (version) => {
  async function upstream() {
    const origin = await httpsOrigin((_, response) => response.end('real'), { name: 'api.test' });
    return { hosts: { 'api.test': `127.0.0.1:${origin.port}` }, trustedRoots: publicAuthority.pem };
  }
  const bodyOf = async (proxy: Stubbed, request: Partial<SentRequest>) => {
    const { status, body } = await exchangeThrough(proxy, version, { url: URL_OF_STUB, ...request });
    return `${status} ${body}`;
  };

  test('carves a hole in an older stub', async () => {
    const proxy = await stubbed({}, await upstream());
    proxy.rules.stubResponse('https://api.test/**', 503);
    const hole = proxy.rules.stubResponse('https://api.test/health', passthrough(), { times: 1 });
    expect(await bodyOf(proxy, { url: 'https://api.test/health' })).toBe('200 real');
    expect(hole.hits).toBe(1);
    expect(hole.exchanges[0]?.source).toBe('upstream');
    expect(await bodyOf(proxy, { url: 'https://api.test/health' })).toBe('503 ');
    expect(await bodyOf(proxy, { url: 'https://api.test/other' })).toBe('503 ');
  });

  test('is a reply among others, and one that a function gives', async () => {
    const proxy = await stubbed({}, await upstream());
    proxy.rules.stubResponse(URL_OF_STUB, [
      503,
      passthrough(),
      (request) => (request.method === 'POST' ? passthrough() : 404),
    ]);
    expect(await bodyOf(proxy, {})).toBe('503 ');
    expect(await bodyOf(proxy, {})).toBe('200 real');
    expect(await bodyOf(proxy, {})).toBe('404 ');
    expect(await bodyOf(proxy, { body: 'x' })).toBe('200 real');
  });

  test('is permission where unmatched requests are refused, and is mutated', async () => {
    const proxy = await stubbed({ unmatched: 'refuse' }, await upstream());
    proxy.rules.stubResponse(URL_OF_STUB, passthrough());
    proxy.rules.mutate('**', { response: { status: 203 } });
    expect(await bodyOf(proxy, {})).toBe('203 real');
    expect(await bodyOf(proxy, { url: 'https://api.test/other' })).toMatch(/^502 WAYLAY_REFUSED/);
  });
});

describe.each(VERSIONS)('over %s, a function', (version) => {
  test.each<[string, () => never | Promise<never>]>([
    [
      'throws',
      () => {
        throw new RangeError('no such card');
      },
    ],
    ['rejects', () => Promise.reject(new RangeError('no such card'))],
  ])('that %s is a 500 to the client, and fails the test with its own stack', async (_, reply) => {
    const proxy = await stubbed();
    const stub = proxy.rules.stubResponse(URL_OF_STUB, reply);
    const received = await exchangeThrough(proxy, version, { url: URL_OF_STUB, body: 'x' });
    expect(received).toMatchObject({ status: 500, error: undefined });
    expect(received.body.toString()).toMatch(/WAYLAY_HANDLER.*RangeError: no such card/);
    expect(stub.exchanges[0]?.error).toMatchObject({ code: 'WAYLAY_HANDLER', cause: new RangeError('no such card') });
    const problem = proxy.rules.verify();
    expect(problem?.code).toBe('WAYLAY_HANDLER');
    expect(problem?.message).toMatch(/RangeError: no such card\n.*replies\.test\.ts:\d+/);
  });

  test.each<[string, unknown, RegExp]>([
    ['a text', 'no card', /failed: no card$/],
    ['an object', { code: 7 }, /failed: \{ code: 7 \}$/],
    ['an object without a prototype', Object.create(null), /failed: \[Object: null prototype\] \{\}$/],
    ['nothing', undefined, /failed: undefined$/],
    [
      'an error without a stack that could be read',
      Object.defineProperty(new Error('its message'), 'stack', {
        get: () => {
          throw new Error('no stack');
        },
      }),
      /failed: its message$/,
    ],
    [
      'what cannot be shown',
      Object.defineProperties(new Error(''), {
        stack: {
          get: () => {
            throw new Error('no stack');
          },
        },
        message: {
          get: () => {
            throw new Error('no message');
          },
        },
      }),
      /failed: what it threw cannot be shown$/,
    ],
  ])('that throws %s is a 500 as well', async (_, thrown, told) => {
    const proxy = await stubbed();
    proxy.rules.stubResponse(URL_OF_STUB, () => {
      throw thrown;
    });
    expect((await exchangeThrough(proxy, version, { url: URL_OF_STUB })).status).toBe(500);
    expect(proxy.journal.exchanges[0]?.error?.message).toMatch(told);
    expect(proxy.rules.verify()?.code).toBe('WAYLAY_HANDLER');
  });

  test('that never answers keeps neither the client nor the end of the test', async () => {
    const proxy = await stubbed();
    proxy.rules.stubResponse(URL_OF_STUB, () => new Promise<never>(() => {}));
    const asking = await ask(proxy, version, { url: URL_OF_STUB });
    await until(() => proxy.journal.exchanges.length === 1);
    asking.leave();
    await until(() => proxy.journal.exchanges[0]?.ended === true);
    expect(proxy.journal.exchanges[0]?.error?.code).toBe('WAYLAY_CLIENT_ABORTED');

    await ask(proxy, version, { url: URL_OF_STUB });
    await until(() => proxy.journal.exchanges.length === 2);
    const [, exchange] = proxy.journal.exchanges;
    await proxy.stop();
    await expect(exchange?.finished()).rejects.toMatchObject({ code: 'WAYLAY_STOPPED' });
  });
});

describe('times: 1', () => {
  /** 32 requests over as many connections. */
  async function overConnections(proxy: Stubbed): Promise<string[]> {
    const all = Array.from({ length: 32 }, () => exchangeThrough(proxy, 'http/1.1', { url: URL_OF_STUB }));
    return (await Promise.all(all)).map(({ body }) => String(body));
  }

  /** 32 requests over one connection. */
  async function overStreams({ port, ca }: Stubbed): Promise<string[]> {
    const options = { ca: ca.pem, servername: 'api.test', ALPNProtocols: ['h2'] };
    const socket = await tlsThrough(port, 'api.test:443', options);
    const session = connect(URL_OF_STUB, { createConnection: () => socket });
    onTestFinished(() => session.destroy());
    const all = Array.from({ length: 32 }, () => session.request({ ':path': '/thing' }));
    return Promise.all(all.map(readText));
  }

  test.each([
    ['32 connections of http/1.1', overConnections],
    ['32 streams of one h2 connection', overStreams],
  ])('answers one of the parallel requests over %s; the others reach the upstream', async (_, send) => {
    const origin = await httpsOrigin((_, response) => response.end('real'), { name: 'api.test' });
    const proxy = await stubbed({}, { hosts: { 'api.test': `127.0.0.1:${origin.port}` } });
    const stub = proxy.rules.stubResponse(URL_OF_STUB, async () => 'stub', { times: 1 });
    const bodies = await send(proxy);
    expect(bodies.sort()).toEqual([...Array.from({ length: 31 }, () => 'real'), 'stub']);
    expect(stub.hits).toBe(1);
  });
});
