import { constants } from 'node:http2';
import { describe, expect, test } from 'vitest';
import { TestError } from '../../src/errors.js';
import type { FaultKind } from '../../src/faults.js';
import type { Answer, Interceptor, MessageFault, Shape } from '../../src/interceptor.js';
import type { RunningProxy } from '../../src/proxy.js';
import { connectThrough, dialTcp, RawClient } from '../client.js';
import { ask, exchangeThrough, VERSIONS } from '../exchange-client.js';
import { ManualClock } from '../manual-clock.js';
import { httpOrigin, httpsOrigin, tcpServer, testProxy } from '../servers.js';
import { ask2, ended, reached, sessionThrough } from './traffic.js';

const URL = 'https://shop.test/';
const BODY = Buffer.from('0123456789'.repeat(10));
const address = (proxy: RunningProxy) => ({ port: proxy.port, ca: { pem: proxy.caPem } });

function fault(kind: FaultKind, after?: number): MessageFault {
  const error = new TestError('WAYLAY_FAULT', `The test asked for ${kind}.`);
  return after === undefined ? { kind, error } : { kind, after, error };
}

const ANSWER: Answer = { status: 200, statusText: 'OK', headers: [], body: BODY };

/** Where responses come from: a stub, or an upstream that speaks the client's version. */
const SOURCES = ['an answer', 'an upstream'] as const;

async function shaping(
  from: (typeof SOURCES)[number],
  shape: Shape,
  { clock, version = 'http/1.1' }: { clock?: ManualClock; version?: string } = {},
): Promise<RunningProxy> {
  const parts = clock && { clock };
  const onResponse: Interceptor['onResponse'] = () => ({ shape });
  if (from === 'an answer') {
    return testProxy(
      {},
      { mayAnswer: () => true, onRequest: () => ({ action: 'answer', answer: ANSWER }), onResponse },
      parts,
    );
  }
  const origin = await httpsOrigin(
    (_, response) => {
      response.writeHead(200, { 'content-length': BODY.length });
      response.end(BODY);
    },
    { name: 'shop.test', alpn: [version] },
  );
  return testProxy({ hosts: { 'shop.test': `127.0.0.1:${origin.port}` } }, { onResponse }, parts);
}

/** Each fault of a response, as a client sees it. */
const RESPONSE_FAULTS: { kind: FaultKind; after?: number; seen: number | undefined; http1: string; h2: string }[] = [
  { kind: 'truncate', seen: 0, http1: 'ECONNRESET', h2: 'INTERNAL_ERROR' },
  { kind: 'truncate', after: 25, seen: 25, http1: 'ECONNRESET', h2: 'INTERNAL_ERROR' },
  { kind: 'reset', seen: undefined, http1: 'ECONNRESET', h2: 'INTERNAL_ERROR' },
  { kind: 'reset', after: 25, seen: 25, http1: 'ECONNRESET', h2: 'INTERNAL_ERROR' },
  { kind: 'empty', seen: undefined, http1: 'ECONNRESET', h2: 'INTERNAL_ERROR' },
  { kind: 'malformed-chunk', seen: 0, http1: 'HPE_INVALID_CHUNK_SIZE', h2: 'PROTOCOL_ERROR' },
  { kind: 'malformed-chunk', after: 25, seen: 25, http1: 'HPE_INVALID_CHUNK_SIZE', h2: 'PROTOCOL_ERROR' },
];

describe.each(VERSIONS)('over %s', (version) => {
  describe.each(SOURCES)('a response from %s', (from) => {
    test.each(RESPONSE_FAULTS)('has the fault: $kind after $after', async ({ kind, after, seen, http1, h2 }) => {
      const asked = fault(kind, after);
      const proxy = await shaping(from, { fault: asked }, { version });
      const received = await exchangeThrough(address(proxy), version, { url: URL });
      expect(received.error).toBe(version === 'h2' ? h2 : http1);
      expect(received.status).toBe(seen === undefined ? undefined : 200);
      expect(received.body.length).toBe(seen ?? 0);
      const exchange = await ended(proxy);
      expect(exchange).toMatchObject({ source: 'failed', mutated: true });
      expect(exchange.error).toBe(asked.error);
      expect(exchange.response?.body.length).toBe(seen);
    });

    test.each([
      ['before its head', undefined],
      ['inside its body', 25],
    ])('hangs %s until the client leaves', async (_, after) => {
      const asked = fault('hang', after);
      const proxy = await shaping(from, { fault: asked }, { version });
      const asking = await ask(address(proxy), version, { url: URL });
      if (after === undefined) await reached(proxy, 'request');
      else expect((await asking.bytes(after)).body).toEqual(BODY.subarray(0, after));
      asking.leave();
      const exchange = await ended(proxy);
      expect(exchange).toMatchObject({ source: 'failed', response: after === undefined ? undefined : { status: 200 } });
    });

    test('hangs until the proxy stops', async () => {
      const asked = fault('hang', 25);
      const proxy = await shaping(from, { fault: asked }, { version });
      const asking = await ask(address(proxy), version, { url: URL });
      await asking.bytes(25);
      await proxy.stop();
      expect(proxy.journal.exchanges[0]).toMatchObject({ ended: true, source: 'failed' });
      expect(proxy.journal.exchanges[0]?.error).toBe(asked.error);
    });

    test('is delayed', async () => {
      const clock = new ManualClock();
      const proxy = await shaping(from, { delay: 400 }, { clock, version });
      const asking = await ask(address(proxy), version, { url: URL });
      await clock.timer();
      clock.advance(399);
      expect(proxy.journal.exchanges[0]?.response).toBeUndefined();
      clock.advance(1);
      expect(await asking.received).toMatchObject({ status: 200, body: BODY, error: undefined });
      expect(clock.running).toBe(0);
    });

    test('whose client leaves during the delay leaves no timer behind', async () => {
      const clock = new ManualClock();
      const proxy = await shaping(from, { delay: 400 }, { clock, version });
      const asking = await ask(address(proxy), version, { url: URL });
      await clock.timer();
      asking.leave();
      expect((await ended(proxy)).error?.code).toBe('WAYLAY_CLIENT_ABORTED');
      expect(clock.running).toBe(0);
    });

    test('takes the time that its bandwidth gives it, in small portions', async () => {
      const clock = new ManualClock();
      const proxy = await shaping(from, { bandwidth: 200 }, { clock, version });
      const start = clock.now();
      const asking = await ask(address(proxy), version, { url: URL });
      let over = false;
      const received = asking.received.finally(() => {
        over = true;
      });
      while (!over) {
        await new Promise((resolve) => setImmediate(resolve));
        if (clock.running > 0) clock.advance(10);
      }
      expect(await received).toMatchObject({ body: BODY, error: undefined });
      // 100 bytes at 200 a second.
      expect(clock.now() - start).toBeGreaterThanOrEqual(500);
      expect(clock.now() - start).toBeLessThan(600);
    });

    test('comes in slices', async () => {
      const proxy = await shaping(from, { slice: 30 }, { version });
      const received = await exchangeThrough(address(proxy), version, { url: URL });
      expect(received).toMatchObject({ body: BODY, error: undefined });
      expect(received.pieces.map(({ length }) => length)).toEqual([30, 30, 30, 10]);
    });
  });

  test.each(['reset', 'empty', 'hang'] as const)('a request fails later where it is to: %s', async (kind) => {
    const clock = new ManualClock();
    const asked = fault(kind);
    const onRequest: Interceptor['onRequest'] = () => ({ action: 'fail', fault: asked, delay: 70 });
    const proxy = await testProxy({}, { mayAnswer: () => true, onRequest }, { clock });
    const asking = await ask(address(proxy), version, { url: URL, body: 'text' });
    await clock.timer();
    clock.advance(70);
    if (kind === 'hang') asking.leave();
    const received = await asking.received;
    expect(received).toMatchObject({ status: undefined, body: Buffer.alloc(0), error: expect.any(String) });
    const exchange = await ended(proxy);
    expect(exchange).toMatchObject({ source: 'failed', response: undefined });
    expect(exchange.error).toBe(asked.error);
  });
});

describe('on the wire of HTTP/1.1', () => {
  const GET = 'GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n';
  const HEAD = 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n';
  const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';

  /** All that a client in plain HTTP gets, and how its connection ends. */
  async function wire(asked: MessageFault, request = GET): Promise<[string, string]> {
    const proxy = await shaping('an answer', { fault: asked });
    const client = new RawClient(await connectThrough(proxy.port, 'shop.test:80'));
    client.write(request);
    const received = await client.end();
    return [received, client.error?.code ?? 'FIN'];
  }

  test.each<[FaultKind, number | undefined, string, string]>([
    ['truncate', undefined, HEAD, 'FIN'],
    ['truncate', 3, `${HEAD}012`, 'FIN'],
    ['reset', undefined, '', 'ECONNRESET'],
    ['reset', 0, HEAD, 'ECONNRESET'],
    ['reset', 3, `${HEAD}012`, 'ECONNRESET'],
    ['empty', undefined, '', 'FIN'],
    ['malformed-chunk', undefined, `${CHUNKED}no size\r\n`, 'FIN'],
    ['malformed-chunk', 3, `${CHUNKED}3\r\n012\r\nno size\r\n`, 'FIN'],
  ])('a response with the fault %s after %s ends as it says', async (kind, after, bytes, end) => {
    const [received, how] = await wire(fault(kind, after));
    expect(received.replace('Connection: keep-alive\r\n', '')).toBe(bytes);
    expect(how).toBe(end);
  });

  test.each<[FaultKind, number | undefined, string, string]>([
    ['truncate', 3, `${HEAD}012`, 'FIN'],
    ['reset', undefined, '', 'ECONNRESET'],
    ['empty', undefined, '', 'FIN'],
    ['malformed-chunk', 3, `${CHUNKED}3\r\n012\r\nno size\r\n`, 'FIN'],
  ])('the answer to an upgrade with the fault %s after %s ends as it says', async (kind, after, bytes, end) => {
    const upgrade = 'GET / HTTP/1.1\r\nHost: shop.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
    const [received, how] = await wire(fault(kind, after), upgrade);
    expect(received.replace('Connection: close\r\n', '')).toBe(bytes);
    expect(how).toBe(end);
  });

  test('a body that ends with the connection is reset, lest it look complete', async () => {
    async function* body() {
      yield BODY;
    }
    const answer: Answer = { ...ANSWER, body: body() };
    const asked = fault('truncate', 3);
    const proxy = await testProxy(
      {},
      {
        mayAnswer: () => true,
        onRequest: () => ({ action: 'answer', answer }),
        onResponse: () => ({ shape: { fault: asked } }),
      },
    );
    const client = new RawClient(await connectThrough(proxy.port, 'shop.test:80'));
    client.write('GET / HTTP/1.0\r\nHost: shop.test\r\n\r\n');
    expect(await client.end()).toMatch(/\r\n\r\n012$/);
    expect(client.error?.code).toBe('ECONNRESET');
  });

  test('a fault beyond the end of the body comes at its end', async () => {
    const asked = fault('reset', 1000);
    const [received, how] = await wire(asked);
    // By its length it would be whole.
    expect(received.replace('Connection: keep-alive\r\n', '')).toBe(`${CHUNKED}64\r\n${BODY}\r\n`);
    expect(how).toBe('ECONNRESET');
  });

  test('a reset within the response of an upstream is one, though that connection ends as well', async () => {
    const { port } = await httpOrigin(
      (_, response) => void response.writeHead(200, { 'content-length': 100 }).end(BODY),
    );
    const proxy = await testProxy(
      { hosts: { 'shop.test:80': `127.0.0.1:${port}` } },
      { onResponse: () => ({ shape: { fault: fault('reset', 3) } }) },
    );
    const client = new RawClient(await connectThrough(proxy.port, 'shop.test:80'));
    client.write(GET);
    expect(await client.end()).toMatch(/\r\n\r\n012$/);
    expect(client.error?.code).toBe('ECONNRESET');
  });

  test('slices are chunks and packets of their own', async () => {
    const proxy = await shaping('an answer', { slice: 40, fault: fault('malformed-chunk', 100) });
    const client = new RawClient(await connectThrough(proxy.port, 'shop.test:80'));
    client.write(GET);
    expect(await client.end()).toContain(`28\r\n${BODY.subarray(0, 40)}\r\n28\r\n${BODY.subarray(40, 80)}\r\n14\r\n`);
  });
});

// A browser that reads a head and the reset at once tells nobody of the head.
test('over HTTP/2 a stream is reset when its client has read what came before', async () => {
  const proxy = await shaping('an answer', { fault: fault('truncate', 25) });
  const session = await sessionThrough(proxy);
  const seen: string[] = [];
  session.on('ping', () => seen.push('ping'));
  const stream = session.request({ ':authority': 'shop.test', ':path': '/' });
  stream.on('response', () => seen.push('response'));
  stream.on('data', ({ length }: Buffer) => seen.push(`${length} bytes`));
  await new Promise<void>((resolve) => {
    stream.on('error', () => seen.push('error')).on('close', resolve);
  });
  session.close();
  expect(seen.at(-1)).toBe('error');
  expect(seen.slice(0, -1).sort()).toEqual(['25 bytes', 'ping', 'response']);
});

test('over HTTP/2 so many at once are all reset', async () => {
  const proxy = await shaping('an answer', { fault: fault('truncate', 25) });
  const session = await sessionThrough(proxy);
  const streams = Array.from({ length: 50 }, () => session.request({ ':authority': 'shop.test', ':path': '/' }));
  const codes = streams.map(
    (stream) =>
      new Promise((resolve) => {
        stream.on('error', () => {}).on('close', () => resolve(stream.rstCode));
        stream.resume();
      }),
  );
  expect(new Set(await Promise.all(codes))).toEqual(new Set([constants.NGHTTP2_INTERNAL_ERROR]));
  session.close();
});

test('over HTTP/2 only the stream is reset, its neighbours go on', async () => {
  const asked = fault('reset', 10);
  const proxy = await testProxy(
    {},
    {
      mayAnswer: () => true,
      onRequest: () => ({ action: 'answer', answer: ANSWER }),
      onResponse: ({ request }) => (request.url.endsWith('/broken') ? { shape: { fault: asked } } : undefined),
    },
  );
  const session = await sessionThrough(proxy);
  const [broken, fine] = await Promise.all([
    ask2(session, { ':path': '/broken' }),
    ask2(session, { ':path': '/fine' }),
  ]);
  expect(broken).toMatchObject({ rstCode: 2, body: BODY.subarray(0, 10) });
  expect(fine).toMatchObject({ rstCode: 0, body: BODY });
  expect(await ask2(session, { ':path': '/later' })).toMatchObject({ rstCode: 0, body: BODY });
});

/** A request of its own connection says so, which is a matter of that connection. */
const withoutConnection = (received: string): string => received.replace(/Connection: .*\r\n/, '');

describe('a request to an HTTP/1.1 upstream', () => {
  const POST = `POST / HTTP/1.1\r\nHost: shop.test\r\nContent-Length: ${BODY.length}\r\n\r\n`;

  /** A proxy that shapes requests, and what its upstream is sent. */
  async function toUpstream(shape: Shape, { clock, reply }: { clock?: ManualClock; reply?: string } = {}) {
    const connections: RawClient[] = [];
    let onConnection = () => {};
    const connected = new Promise<void>((resolve) => {
      onConnection = resolve;
    });
    const origin = await tcpServer((socket) => {
      connections.push(new RawClient(socket));
      socket.on('end', () => void socket.end(reply ?? ''));
      onConnection();
    });
    const onRequest: Interceptor['onRequest'] = () => ({ action: 'forward', change: { shape } });
    const hosts = { 'shop.test': `127.0.0.1:${origin.port}` };
    const proxy = await testProxy({ hosts }, { onRequest }, clock && { clock });
    const client = dialTcp(proxy.port);
    return { proxy, client, origin, connected, upstream: () => connections[0] as RawClient };
  }
  const send = (client: RawClient) => client.write(POST.replace('POST /', 'POST http://shop.test/') + BODY);

  test.each([0, 25, BODY.length])(
    'is truncated after %d bytes: FIN, and the client sees what follows',
    async (after) => {
      const asked = fault('truncate', after);
      const reply = 'HTTP/1.1 400 Bad Request\r\nContent-Length: 5\r\n\r\nshort';
      const { proxy, client, connected, upstream } = await toUpstream({ fault: asked }, { reply });
      send(client);
      await connected;
      expect(withoutConnection(await upstream().end())).toBe(POST + BODY.subarray(0, after));
      expect(upstream().error).toBeUndefined();
      await client.until(/short$/);
      expect((await ended(proxy)).error).toBe(asked.error);
    },
  );

  test('that is truncated and gets no answer has the client’s connection reset', async () => {
    const asked = fault('truncate', 25);
    const { proxy, client, connected } = await toUpstream({ fault: asked });
    send(client);
    await connected;
    expect(await client.end()).toBe('');
    expect(client.error?.code).toBe('ECONNRESET');
    const exchange = await ended(proxy);
    expect(exchange).toMatchObject({ source: 'failed' });
    expect(exchange.error).toBe(asked.error);
  });

  test.each([0, 25])('is reset after %d bytes, on both sides', async (after) => {
    const asked = fault('reset', after);
    const { proxy, client, connected, upstream } = await toUpstream({ fault: asked });
    send(client);
    await connected;
    expect(withoutConnection(await upstream().end())).toBe(POST + BODY.subarray(0, after));
    expect(upstream().error?.code).toBe('ECONNRESET');
    expect(await client.end()).toBe('');
    expect(client.error?.code).toBe('ECONNRESET');
    const exchange = await ended(proxy);
    expect(exchange).toMatchObject({ source: 'failed' });
    expect(exchange.error).toBe(asked.error);
  });

  test('without a body is reset after its head', async () => {
    const asked = fault('reset', 0);
    const { proxy, client, connected, upstream } = await toUpstream({ fault: asked });
    client.write('GET http://shop.test/ HTTP/1.1\r\nHost: shop.test\r\n\r\n');
    await connected;
    expect(withoutConnection(await upstream().end())).toBe('GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n');
    expect(upstream().error?.code).toBe('ECONNRESET');
    expect((await ended(proxy)).error).toBe(asked.error);
  });

  test.each(['reset', 'hang'] as const)('with the fault %s before its head dials no upstream', async (kind) => {
    const asked = fault(kind);
    const { proxy, client, origin } = await toUpstream({ fault: asked });
    send(client);
    if (kind === 'hang') {
      await reached(proxy, 'request-complete');
      client.socket.destroy();
    } else {
      await client.end();
      expect(client.error?.code).toBe('ECONNRESET');
    }
    const exchange = await ended(proxy);
    expect(exchange.error).toBe(asked.error);
    expect(exchange.source).toBe('failed');
    expect(origin.connections()).toBe(0);
  });

  test('hangs inside its body until the client leaves', async () => {
    const asked = fault('hang', 25);
    const { proxy, client, connected, upstream } = await toUpstream({ fault: asked });
    send(client);
    await connected;
    await upstream().until(/01234$/);
    expect(withoutConnection(upstream().received)).toBe(POST + BODY.subarray(0, 25));
    client.socket.destroy();
    const exchange = await ended(proxy);
    expect(exchange.error).toBe(asked.error);
    await upstream().end();
  });

  test('is delayed before the upstream is dialled', async () => {
    const clock = new ManualClock();
    const { client, origin, connected, upstream } = await toUpstream({ delay: 90 }, { clock });
    send(client);
    await clock.timer();
    expect(origin.connections()).toBe(0);
    clock.advance(90);
    await connected;
    await upstream().until(/6789$/);
  });

  test('takes the time that its bandwidth gives it', async () => {
    const clock = new ManualClock();
    const start = clock.now();
    const { client, connected, upstream } = await toUpstream({ bandwidth: 200 }, { clock });
    send(client);
    await clock.timer();
    clock.advance(20);
    await connected;
    const whole = POST + BODY;
    while (upstream().received !== whole) {
      await new Promise((resolve) => setImmediate(resolve));
      if (clock.running > 0) clock.advance(10);
    }
    expect(clock.now() - start).toBeGreaterThanOrEqual(500);
    expect(clock.now() - start).toBeLessThan(650);
  });
});

describe('a request to an HTTP/2 upstream', () => {
  test.each([
    ['truncate', 25],
    ['reset', 25],
  ] as const)('with the fault %s after %d bytes has its stream reset, while others go on', async (kind, after) => {
    const asked = fault(kind, after);
    const seen: Promise<{ body: string; ended: boolean; code: number }>[] = [];
    const origin = await httpsOrigin(
      (request, response) => {
        if (request.url !== '/broken') {
          response.end('fine');
          return;
        }
        let body = '';
        let complete = false;
        request.on('data', (chunk) => {
          body += chunk;
        });
        request.on('aborted', () => {});
        request.stream.on('end', () => {
          complete = request.stream.rstCode === 0;
        });
        seen.push(
          new Promise((resolve) => {
            request.stream.on('close', () => resolve({ body, ended: complete, code: request.stream.rstCode ?? -1 }));
          }),
        );
      },
      { name: 'shop.test', alpn: ['h2'] },
    );
    const proxy = await testProxy(
      { hosts: { 'shop.test': `127.0.0.1:${origin.port}` } },
      {
        onRequest: ({ request }) =>
          request.url.endsWith('/broken') ? { action: 'forward', change: { shape: { fault: asked } } } : undefined,
      },
    );
    const session = await sessionThrough(proxy);
    const [broken, fine] = await Promise.all([
      ask2(session, { ':path': '/broken' }, BODY),
      ask2(session, { ':path': '/fine' }),
    ]);
    expect(broken).toMatchObject({ status: undefined, rstCode: 2 });
    expect(fine).toMatchObject({ status: 200, rstCode: 0 });
    expect(await seen[0]).toEqual({ body: BODY.subarray(0, after).toString(), ended: false, code: 8 });
    const exchange = proxy.journal.exchanges.find(({ request }) => request.url.endsWith('/broken'));
    expect(exchange?.error).toBe(asked.error);
  });
});
