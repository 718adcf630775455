import { once } from 'node:events';
import { createSecureServer, connect as http2Connect, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { Interceptor, ResponseChange } from '../../src/interceptor.js';
import type { ProxyOptions } from '../../src/options.js';
import type { RunningProxy } from '../../src/proxy.js';
import { connectThrough, dialTcp, RawClient } from '../client.js';
import { seeded } from '../journal/seeded.js';
import { httpOrigin, httpsOrigin, listening, serverLeaf, tcpServer, testProxy, tlsServer } from '../servers.js';
import { ask2, ended, outcome, reached, sessionThrough, shopThrough } from './traffic.js';

function proxyFor(port: number, interceptor: Partial<Interceptor> = {}, options: ProxyOptions = {}) {
  return testProxy({ hosts: { 'shop.test': `127.0.0.1:${port}` }, ...options }, interceptor);
}

/** HTTP/2 on its streams. */
function origin2(onStream: (stream: ServerHttp2Stream, headers: NodeJS.Dict<string | string[]>) => void) {
  const leaf = serverLeaf('shop.test');
  const server = createSecureServer({ SNICallback: (_, done) => done(null, leaf.context) });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    onStream(stream, headers);
  });
  return listening(server);
}

/** A raw client of shop.test in plain HTTP or over TLS. */
async function client1(proxy: RunningProxy, over: 'TCP' | 'TLS'): Promise<RawClient> {
  return over === 'TCP'
    ? new RawClient(await connectThrough(proxy.port, 'shop.test:80'))
    : new RawClient(await shopThrough(proxy, 'http/1.1'));
}

test.each([
  [[':method', ':authority', ':scheme', ':path']],
  [[':path', ':scheme', ':method', ':authority']],
  [[':method', ':path', ':scheme']],
])('the pseudo-header fields of HTTP/2 keep the order %j', async (order) => {
  let seen: string[] = [];
  const origin = await origin2((stream) => {
    stream.respond({ ':status': 200 });
    stream.end();
  });
  origin.server.on('stream', (...[, , , raw]: [unknown, unknown, unknown, string[]]) => {
    seen = raw.filter((name, index) => index % 2 === 0 && (name.startsWith(':') || name === 'x-own'));
  });
  const proxy = await proxyFor(origin.port);
  const values: Record<string, string> = {
    ':method': 'GET',
    ':authority': 'shop.test',
    ':scheme': 'https',
    ':path': '/',
  };
  const fields = Object.fromEntries([
    ...order.map((name) => [name, values[name]]),
    ['host', 'shop.test'],
    ['x-own', '1'],
  ]);
  const stream = (await sessionThrough(proxy)).request(fields);
  await once(stream, 'response');
  // Fields left out by the client are added where they belong: among the others, before the fields.
  const missing = Object.keys(values).filter((name) => !order.includes(name));
  expect(seen).toEqual([...order, ...missing, 'x-own']);
});

describe('with interim responses', () => {
  test('103 passes over HTTP/1.1, several times', async () => {
    const origin = await tcpServer((socket) =>
      socket.once('data', () =>
        socket.write(
          'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\nHTTP/1.1 103 Early Hints\r\nlInk: </b.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
        ),
      ),
    );
    const proxy = await proxyFor(origin.port);
    const client = dialTcp(proxy.port);
    client.write('GET http://shop.test/ HTTP/1.1\r\nHost: shop.test\r\n\r\n');
    expect(await client.until(/ok$/)).toBe(
      'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\nHTTP/1.1 103 Early Hints\r\nlInk: </b.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
    );
  });

  test('103 passes over HTTP/2', async () => {
    const origin = await origin2((stream) => {
      stream.additionalHeaders({ ':status': 103, link: '</a.css>; rel=preload' });
      stream.respond({ ':status': 200 });
      stream.end('ok');
    });
    const proxy = await proxyFor(origin.port);
    const seen = await ask2(await sessionThrough(proxy));
    expect(seen).toMatchObject({ status: 200, informational: [{ ':status': 103, link: '</a.css>; rel=preload' }] });
    expect(seen.body.toString()).toBe('ok');
  });

  test('an HTTP/2 response has the upstream’s fields and no others', async () => {
    const origin = await origin2((stream) => {
      stream.respond({ ':status': 200, 'x-only': '1' }, { sendDate: false } as object);
      stream.end();
    });
    const proxy = await proxyFor(origin.port);
    const { headers } = await ask2(await sessionThrough(proxy));
    expect(Object.keys(headers)).toEqual([':status', 'x-only']);
  });

  const EXPECTING =
    'POST http://shop.test/ HTTP/1.1\r\nHost: shop.test\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n';

  test('100-continue goes end to end: the body goes out after the upstream’s 100', async () => {
    let seen = '';
    const origin = await tcpServer((socket) =>
      socket.on('data', (chunk) => {
        seen += chunk;
        if (seen.endsWith('\r\n\r\n')) socket.write('HTTP/1.1 100 Continue\r\n\r\n');
        else if (seen.endsWith('hello')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      }),
    );
    const proxy = await proxyFor(origin.port);
    const client = dialTcp(proxy.port);
    client.write(EXPECTING);
    expect(await client.until(/\r\n\r\n/)).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    expect(seen).toMatch(/^POST \/ HTTP\/1.1\r\nHost: shop.test\r\nExpect: 100-continue\r\nContent-Length: 5\r\n/);
    expect(seen).toMatch(/\r\n\r\n$/);
    client.write('hello');
    expect(await client.until(/ok$/)).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 OK\r\n/);
    expect(proxy.journal.exchanges[0]?.request.text()).toBe('hello');
  });

  test('a final status may come instead of the 100', async () => {
    const origin = await tcpServer((socket) =>
      socket.once('data', () => socket.write('HTTP/1.1 417 Expectation Failed\r\nContent-Length: 2\r\n\r\nno')),
    );
    const proxy = await proxyFor(origin.port);
    const client = dialTcp(proxy.port);
    client.write(EXPECTING);
    expect(await client.until(/no$/)).toMatch(/^HTTP\/1.1 417 Expectation Failed\r\n/);
  });

  test('an answer made here asks for the body by itself', async () => {
    const proxy = await testProxy(
      {},
      {
        onRequest: async ({ request }, incoming) => {
          await incoming.body();
          return {
            action: 'answer',
            answer: { status: 200, statusText: 'OK', headers: [], body: Buffer.from(`got ${request.text()}`) },
          };
        },
      },
    );
    const client = dialTcp(proxy.port);
    client.write(EXPECTING);
    await client.until(/100 Continue\r\n\r\n/);
    client.write('hello');
    await client.until(/got hello$/);
  });
});

describe('trailers', () => {
  test('of requests and responses pass over HTTP/1.1, byte for byte', async () => {
    let seen = '';
    const origin = await tcpServer((socket) =>
      socket.on('data', (chunk) => {
        seen += chunk;
        if (seen.endsWith('X-Sum: abc\r\n\r\n'))
          socket.write(
            'HTTP/1.1 200 OK\r\nTrailer: X-Check\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Check: 42\r\nx-cHeck: 43\r\n\r\n',
          );
      }),
    );
    const proxy = await proxyFor(origin.port);
    const client = dialTcp(proxy.port);
    client.write(
      'POST http://shop.test/ HTTP/1.1\r\nHost: shop.test\r\nTE: trailers\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: abc\r\n\r\n',
    );
    const received = await client.until(/0\r\n.*\r\n\r\n$/s);
    expect(received).toMatch(/\r\n\r\n2\r\nok\r\n0\r\nX-Check: 42\r\nx-cHeck: 43\r\n\r\n$/);
    expect(received).toMatch(/^Trailer: X-Check\r$/m);
    expect(seen).toMatch(/5\r\nhello\r\n0\r\nX-Sum: abc\r\n\r\n$/);
    const exchange = await ended(proxy);
    expect(exchange.request.trailers).toEqual(['X-Sum', 'abc']);
    expect(exchange.response?.trailers).toEqual(['X-Check', '42', 'x-cHeck', '43']);
  });

  test('of requests and responses pass over HTTP/2', async () => {
    const origin = await origin2((stream) => {
      let trailers: object = {};
      stream.on('trailers', (fields) => {
        trailers = { ...fields };
      });
      stream.resume();
      stream.on('end', () => {
        stream.respond({ ':status': 200 }, { waitForTrailers: true });
        stream.on('wantTrailers', () => stream.sendTrailers({ 'x-check': '42' }));
        stream.end(JSON.stringify(trailers));
      });
    });
    const proxy = await proxyFor(origin.port);
    const session = await sessionThrough(proxy);
    const stream = session.request(
      { ':method': 'POST', ':authority': 'shop.test', ':path': '/', te: 'trailers' },
      { waitForTrailers: true },
    );
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': 'abc' }));
    stream.end('hello');
    const seen = await outcome(stream);
    expect(JSON.parse(seen.body.toString())).toEqual({ 'x-sum': 'abc' });
    expect(seen.trailers).toMatchObject({ 'x-check': '42' });
    const exchange = await ended(proxy);
    expect(exchange.request.trailers).toEqual(['x-sum', 'abc']);
    expect(exchange.response?.trailers).toEqual(['x-check', '42']);
  });
});

describe('with upgrades', () => {
  const HANDSHAKE =
    'Host: shop.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n';
  const SWITCHED = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n';

  test.each([
    ['absolute-form', 'http://shop.test/chat', async (proxy: RunningProxy) => dialTcp(proxy.port)],
    ['inside CONNECT', '/chat', (proxy: RunningProxy) => client1(proxy, 'TCP')],
    ['over TLS', '/chat', (proxy: RunningProxy) => client1(proxy, 'TLS')],
  ] as const)('bytes behind the 101 are relayed as they are: %s', async (how, target, dial) => {
    let head = '';
    const onSocket = (socket: Socket): void => {
      socket.once('data', (first) => {
        head = first.toString('latin1');
        // A frame in the same packet as the 101.
        socket.write(Buffer.concat([Buffer.from(SWITCHED), Buffer.from([0x81, 2, 0x68, 0x69])]));
        socket.on('data', (chunk) => socket.write(chunk));
        socket.on('end', () => socket.end());
      });
    };
    const origin = how === 'over TLS' ? await tlsServer(serverLeaf('shop.test'), onSocket) : await tcpServer(onSocket);
    const proxy = await proxyFor(origin.port);
    const client = await dial(proxy);
    client.write(`GET ${target} HTTP/1.1\r\n${HANDSHAKE}`);
    await client.until(/hi$/);
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    client.write(bytes);
    const expected = `${SWITCHED}\x81\x02hi${bytes.toString('latin1')}`;
    await client.until(/\xff$/);
    client.socket.end();
    expect(await client.end()).toBe(expected);
    expect(head).toBe(`GET /chat HTTP/1.1\r\n${HANDSHAKE}`);
    const exchange = await ended(proxy);
    expect(exchange).toMatchObject({ websocket: true, source: 'upstream', error: undefined });
    expect(exchange.response?.status).toBe(101);
  });

  test.each(['ws', 'wss'] as const)('a WebSocket passes messages of each size over %s', async (scheme) => {
    const origin =
      scheme === 'wss'
        ? await httpsOrigin(() => {}, { name: 'shop.test', alpn: ['http/1.1'] })
        : await httpOrigin(() => {});
    const server = new WebSocketServer({ noServer: true, perMessageDeflate: true });
    origin.server.on('upgrade', (request, socket, head) =>
      server.handleUpgrade(request, socket, head, (peer) =>
        peer.on('message', (data, binary) => peer.send(data, { binary })),
      ),
    );
    const proxy = await proxyFor(origin.port);
    const socket =
      scheme === 'wss' ? await shopThrough(proxy, 'http/1.1') : await connectThrough(proxy.port, 'shop.test:80');
    // The connection stands already, so the scheme is of no concern to the client.
    const client = new WebSocket('ws://shop.test/', { createConnection: () => socket, perMessageDeflate: true });
    await once(client, 'open');
    for (const size of [0, 125, 126, 65_536, 1_000_000]) {
      const message = Buffer.alloc(size, 'waylay ');
      client.send(message);
      const [echo] = (await once(client, 'message')) as [Buffer];
      expect(echo.equals(message)).toBe(true);
    }
    client.close(4000, 'done');
    const [code, reason] = (await once(client, 'close')) as [number, Buffer];
    expect([code, reason.toString()]).toEqual([4000, 'done']);
    server.close();
    expect(await ended(proxy)).toMatchObject({ websocket: true, error: undefined });
  });

  test.each([200, 403])('an upgrade that the server declines with %d gets its answer', async (status) => {
    const origin = await httpOrigin((_, response) => {
      response.writeHead(status);
      response.end('declined');
    });
    origin.server.on('upgrade', (request, socket) => {
      expect(request.headers.upgrade).toBe('websocket');
      socket.end(`HTTP/1.1 ${status} Whatever\r\nContent-Length: 8\r\n\r\ndeclined`);
    });
    const proxy = await proxyFor(origin.port);
    const client = await client1(proxy, 'TCP');
    client.write(`GET / HTTP/1.1\r\n${HANDSHAKE}`);
    expect(await client.end()).toMatch(new RegExp(`^HTTP/1.1 ${status} Whatever\r\n[^]*\r\n\r\ndeclined$`));
    expect(await ended(proxy)).toMatchObject({ source: 'upstream', error: undefined });
  });

  test('an offer of h2c is declined, and the request goes through', async () => {
    const origin = await httpOrigin(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      response.end(`<${request.headers.upgrade} ${request.headers['http2-settings']} ${body}>`);
    });
    const proxy = await proxyFor(origin.port);
    const client = dialTcp(proxy.port);
    for (const word of ['one', 'two']) {
      client.write(
        `POST http://shop.test/ HTTP/1.1\r\nHost: shop.test\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\nContent-Length: 3\r\n\r\n${word}`,
      );
      await client.until(new RegExp(`<undefined undefined ${word}>`));
    }
    await ended(proxy, 1);
    expect(proxy.journal.exchanges.map(({ error }) => error)).toEqual([undefined, undefined]);
  });
});

describe('with protocols of their own', () => {
  test('an HTTP/2 client talks with an HTTP/1.1 upstream', async () => {
    const origin = await httpsOrigin(
      async (request, response) => {
        let body = '';
        for await (const chunk of request) body += chunk;
        response.setHeader('x-version', request.httpVersion);
        response.end(`${request.headers.host} ${request.headers.cookie} ${body}`);
      },
      { name: 'shop.test', alpn: ['http/1.1'] },
    );
    const proxy = await proxyFor(origin.port, { mayAnswer: () => true });
    const session = await sessionThrough(proxy);
    const seen = await ask2(session, { cookie: ['a=1', 'b=2'] }, 'hello');
    expect(seen.body.toString()).toBe('shop.test a=1; b=2 hello');
    expect(seen.headers['x-version']).toBe('1.1');
  });

  test('an HTTP/1.1 client talks with an HTTP/2 upstream', async () => {
    const origin = await httpsOrigin(
      async (request, response) => {
        let body = '';
        for await (const chunk of request) body += chunk;
        response.setHeader('x-version', request.httpVersion);
        response.end(`${request.authority} ${request.headers['x-up']} ${body}`);
      },
      { name: 'shop.test' },
    );
    const proxy = await proxyFor(origin.port, {
      onRequest: () => ({ action: 'forward', change: { url: 'https://shop.test/' } }),
    });
    const client = dialTcp(proxy.port);
    client.write('POST http://old.test/ HTTP/1.1\r\nHost: old.test\r\nX-Up: 1\r\nContent-Length: 5\r\n\r\nhello');
    expect(await client.until(/hello/)).toMatch(/x-version: 2\.0.*shop\.test 1 hello/s);
    expect(proxy.journal.exchanges[0]?.upstream?.tls?.alpn).toBe('h2');
  });
});

describe('with large bodies', () => {
  const SIZE = 30 * 1024 * 1024;
  /** The most under way: socket buffers, HTTP/2 windows. */
  const UNDER_WAY = 16 * 1024 * 1024;
  const BLOCK = Buffer.alloc(64 * 1024, 'w');

  /** Writes SIZE bytes, as the receiver takes them; counts what has been handed to the system. */
  function pour(out: NodeJS.WritableStream & { write(chunk: Buffer): boolean }): {
    written: () => number;
    stalled: Promise<void>;
  } {
    let written = 0;
    let drained = 0;
    let stall = (): void => {};
    const stalled = new Promise<void>((resolve) => {
      stall = resolve;
    });
    const more = (): void => {
      while (written < SIZE) {
        written += BLOCK.length;
        if (!out.write(BLOCK)) {
          // When nothing has moved for so many turns of the event loop, the way is full.
          const now = ++drained;
          let turns = 0;
          const look = (): void => {
            if (drained !== now) return;
            turns += 1;
            if (turns > 2000) stall();
            else setImmediate(look);
          };
          look();
          out.once('drain', () => {
            drained += 1;
            more();
          });
          return;
        }
      }
      out.end();
    };
    more();
    return { written: () => written, stalled };
  }

  test.each(['http/1.1', 'h2'] as const)('a slow reader holds the origin back, down over %s', async (alpn) => {
    let pouring: ReturnType<typeof pour> | undefined;
    let start = (): void => {};
    const started = new Promise<void>((resolve) => {
      start = resolve;
    });
    const origin = await httpsOrigin(
      (_, response) => {
        response.setHeader('content-length', SIZE);
        pouring = pour(response.stream ?? response);
        start();
      },
      { name: 'shop.test', alpn: alpn === 'h2' ? ['h2', 'http/1.1'] : ['http/1.1'] },
    );
    const proxy = await proxyFor(origin.port, {}, { captureLimit: 1000 });
    let received = 0;
    let resume: () => void;
    let finished: Promise<unknown>;
    if (alpn === 'h2') {
      const stream = (await sessionThrough(proxy)).request({ ':authority': 'shop.test', ':path': '/' });
      resume = () => stream.on('data', (chunk: Buffer) => (received += chunk.length));
      finished = once(stream, 'close');
    } else {
      const socket = await shopThrough(proxy, 'http/1.1');
      socket.write('GET / HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n');
      resume = () => socket.on('data', (chunk: Buffer) => (received += chunk.length));
      finished = once(socket, 'close');
    }
    await started;
    await pouring?.stalled;
    expect(pouring?.written()).toBeLessThan(UNDER_WAY);
    resume();
    await finished;
    expect(received).toBeGreaterThanOrEqual(SIZE);
    const exchange = await ended(proxy);
    expect(exchange.response?.captured).toMatchObject({ size: SIZE, kept: 1000, complete: true });
    expect(() => exchange.response?.text()).toThrow(/Raise captureLimit/);
  });

  test.each(['http/1.1', 'h2'] as const)('a slow origin holds the client back, up over %s', async (alpn) => {
    let resume = (): void => {};
    let received = 0;
    const origin = await httpsOrigin(
      (request, response) => {
        request.pause();
        resume = () => request.on('data', (chunk: Buffer) => (received += chunk.length)).resume();
        request.on('end', () => response.end('thanks'));
      },
      { name: 'shop.test', alpn: alpn === 'h2' ? ['h2', 'http/1.1'] : ['http/1.1'] },
    );
    const proxy = await proxyFor(origin.port, {}, { captureLimit: 1000 });
    let pouring: ReturnType<typeof pour>;
    let finished: Promise<unknown>;
    if (alpn === 'h2') {
      const stream = (await sessionThrough(proxy)).request({
        ':method': 'POST',
        ':authority': 'shop.test',
        ':path': '/',
      });
      finished = outcome(stream);
      pouring = pour(stream);
    } else {
      const socket = await shopThrough(proxy, 'http/1.1');
      const client = new RawClient(socket);
      socket.write(`POST / HTTP/1.1\r\nHost: shop.test\r\nContent-Length: ${SIZE}\r\nConnection: close\r\n\r\n`);
      const through = new PassThrough();
      through.pipe(socket, { end: false });
      finished = client.until(/thanks/);
      pouring = pour(through);
    }
    await pouring.stalled;
    expect(pouring.written()).toBeLessThan(UNDER_WAY);
    resume();
    await finished;
    expect(received).toBe(SIZE);
    expect((await ended(proxy)).request.captured).toMatchObject({ size: SIZE, kept: 1000, complete: true });
  });

  test.each(['http/1.1', 'h2'] as const)('over %s the first byte comes before the last has left', async (alpn) => {
    let finish = (): void => {};
    const origin = await httpsOrigin(
      (_, response) => {
        response.write('first');
        finish = () => response.end('last');
      },
      { name: 'shop.test', alpn: [alpn] },
    );
    const proxy = await proxyFor(origin.port);
    if (alpn === 'h2') {
      const stream = (await sessionThrough(proxy)).request({ ':authority': 'shop.test', ':path': '/' });
      const all = outcome(stream);
      await once(stream, 'data');
      finish();
      expect((await all).body.toString()).toBe('firstlast');
    } else {
      const client = await client1(proxy, 'TLS');
      client.write('GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n');
      await client.until(/first/);
      finish();
      await client.until(/last/);
    }
  });
});

describe('header sections', () => {
  test('of 100 kB pass both ways', async () => {
    const long = 'x'.repeat(100_000);
    const origin = await tcpServer((socket) => {
      let seen = '';
      socket.on('data', (chunk) => {
        seen += chunk;
        if (seen.endsWith('\r\n\r\n'))
          socket.write(`HTTP/1.1 200 OK\r\nX-Seen: ${seen.length}\r\nX-Long: ${long}\r\nContent-Length: 0\r\n\r\n`);
      });
    });
    const proxy = await proxyFor(origin.port);
    const client = await client1(proxy, 'TCP');
    const request = `GET / HTTP/1.1\r\nHost: shop.test\r\nX-Long: ${long}\r\n\r\n`;
    client.write(request);
    const received = await client.until(/Content-Length: 0\r\n\r\n$/);
    expect(received).toContain(`X-Seen: ${request.length}\r\nX-Long: ${long}\r\n`);
  });

  test('pass where they are odd: empty, repeated, with odd characters, many', async () => {
    const fields = `X-Empty:\r\nX-Dup: 1\r\nx-dup: 2\r\nX_Under.score!: a\tb\r\n1: 2\r\n__proto__: x\r\nconstructor: y\r\n${Array.from({ length: 500 }, (_, i) => `X-${i}: ${i}\r\n`).join('')}`;
    let seen = '';
    const origin = await tcpServer((socket) => {
      socket.on('data', (chunk) => {
        seen += chunk;
        if (seen.endsWith('\r\n\r\n')) socket.write(`HTTP/1.1 200 OK\r\n${fields}Content-Length: 0\r\n\r\n`);
      });
    });
    const proxy = await proxyFor(origin.port);
    const client = await client1(proxy, 'TCP');
    client.write(`GET / HTTP/1.1\r\nHost: shop.test\r\n${fields}\r\n`);
    const received = await client.until(/Content-Length: 0\r\n\r\n$/);
    const sent = fields.replace('X-Empty:\r\n', 'X-Empty: \r\n');
    expect(seen).toBe(`GET / HTTP/1.1\r\nHost: shop.test\r\n${sent}\r\n`);
    expect(received).toBe(`HTTP/1.1 200 OK\r\n${sent}Content-Length: 0\r\n\r\n`);
  });
});

describe('a client that goes away', () => {
  test.each(['TCP', 'TLS', 'h2 stream', 'h2 connection', 'h2 connection, by FIN'] as const)(
    'has its upstream told in the middle of a response (%s)',
    async (over) => {
      let gone = (): void => {};
      const aborted = new Promise<void>((resolve) => {
        gone = resolve;
      });
      const listener = (_: unknown, response: NodeJS.WritableStream): void => {
        response.write('begun');
        response.on('close', gone);
      };
      const origin = over === 'TCP' ? await httpOrigin(listener) : await httpsOrigin(listener, { name: 'shop.test' });
      const proxy = await proxyFor(origin.port);
      if (over.startsWith('h2')) {
        const socket = await shopThrough(proxy, 'h2');
        const session = http2Connect('https://shop.test', { createConnection: () => socket });
        session.on('error', () => {});
        const stream = session.request({ ':authority': 'shop.test', ':path': '/' });
        stream.on('error', () => {});
        await once(stream, 'data');
        if (over === 'h2 stream') stream.close(8);
        else if (over === 'h2 connection') session.destroy();
        else socket.end();
      } else {
        const client = await client1(proxy, over as 'TCP' | 'TLS');
        client.write('GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n');
        await client.until(/begun/);
        client.socket.destroy();
      }
      await aborted;
      const exchange = await ended(proxy);
      expect(exchange.error).toMatchObject({ code: 'WAYLAY_CLIENT_ABORTED', fault: 'client' });
      await expect(exchange.finished()).rejects.toBe(exchange.error);
    },
  );

  test('has its upstream told before there is a response', async () => {
    let gone = (): void => {};
    const aborted = new Promise<void>((resolve) => {
      gone = resolve;
    });
    const origin = await tcpServer((socket) =>
      socket
        .resume()
        .once('close', gone)
        .once('end', () => socket.end()),
    );
    const proxy = await proxyFor(origin.port);
    const client = dialTcp(proxy.port);
    client.write('GET http://shop.test/ HTTP/1.1\r\nHost: shop.test\r\n\r\n');
    await reached(proxy, 'request');
    client.socket.destroy();
    await aborted;
    expect(await ended(proxy)).toMatchObject({ source: 'failed', error: { code: 'WAYLAY_CLIENT_ABORTED' } });
  });

  test('is gone where it half-closes, as servers see it', async () => {
    const origin = await tcpServer((socket) => socket.resume().once('end', () => socket.end()));
    const proxy = await proxyFor(origin.port);
    const client = dialTcp(proxy.port);
    client.socket.end('GET http://shop.test/ HTTP/1.1\r\nHost: shop.test\r\n\r\n');
    await client.end();
    expect((await ended(proxy)).error?.code).toBe('WAYLAY_CLIENT_ABORTED');
  });

  test('still gets its answer where it half-closes a tunnel', async () => {
    const origin = await tcpServer((socket) => socket.resume().once('end', () => socket.end('late')));
    const proxy = await proxyFor(origin.port);
    const client = new RawClient(await connectThrough(proxy.port, 'shop.test:80'));
    client.socket.end('\0not http');
    expect(await client.end()).toBe('late');
    expect(await ended(proxy)).toMatchObject({ source: 'tunnel', error: undefined });
  });

  test.each(['absolute', 'h2'] as const)(
    'fails its exchange in the middle of its request, while the upstream is dialled (%s)',
    async (how) => {
      const proxy = await testProxy({}, { mayAnswer: () => true });
      if (how === 'absolute') {
        const client = dialTcp(proxy.port);
        client.write(
          'POST http://shop.test/ HTTP/1.1\r\nHost: shop.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n',
        );
        await reached(proxy, 'request');
        client.socket.resetAndDestroy();
      } else {
        const stream = (await sessionThrough(proxy)).request({
          ':method': 'POST',
          ':authority': 'shop.test',
          ':path': '/',
        });
        stream.on('error', () => {});
        stream.write('hello');
        await reached(proxy, 'request');
        stream.close(8);
      }
      expect((await ended(proxy)).source).toBe('failed');
    },
  );
});

describe('handlers that throw', () => {
  const boom = (): never => {
    throw new Error('boom');
  };
  const handlers: [string, Partial<Interceptor>][] = [
    ['onRequest', { onRequest: boom }],
    ['onRequest, later', { onRequest: async () => boom() }],
    ['onResponse', { onResponse: boom }],
    ['onResponse, later', { onResponse: async () => boom() }],
    ['the change of a response’s whole body', { onResponse: () => ({ body: { kind: 'whole', change: boom } }) }],
    ['the same, later', { onResponse: () => ({ body: { kind: 'whole', change: async () => boom() } }) }],
    [
      'the change of a request’s whole body',
      { onRequest: () => ({ action: 'forward', change: { body: { kind: 'whole', change: boom } } }) },
    ],
    ['a URL that is none', { onRequest: () => ({ action: 'forward', change: { url: 'nowhere' } }) }],
    [
      'an answer with an impossible status',
      {
        onRequest: () => ({
          action: 'answer',
          answer: { status: 42, statusText: '', headers: [], body: Buffer.alloc(0) },
        }),
      },
    ],
  ];

  test.each(handlers)('make a 500 over both versions: %s', async (name, interceptor) => {
    const origin = await httpsOrigin((_, response) => response.end('fine'), { name: 'shop.test' });
    const proxy = await proxyFor(origin.port, interceptor);
    const client = await client1(proxy, 'TLS');
    client.write('POST / HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi');
    const received = await client.end();
    expect(received).toMatch(/^HTTP\/1.1 500 Internal Server Error\r\n/);
    const code = name.includes('impossible') ? 'WAYLAY_INTERNAL' : 'WAYLAY_HANDLER';
    expect(received).toContain(`\r\n\r\n${code}: `);
    const seen = await ask2(await sessionThrough(proxy), {}, 'hi');
    expect(seen).toMatchObject({ status: 500, rstCode: 0, headers: { 'waylay-error': code } });
    for (const at of [0, 1]) {
      expect(await ended(proxy, at)).toMatchObject({ source: 'failed', error: { code } });
    }
  });

  test('end the response short in a body stream', async () => {
    const origin = await httpOrigin((_, response) => response.end('fine'));
    const proxy = await proxyFor(origin.port, {
      onResponse: () => ({
        body: {
          kind: 'stream',
          change: async function* (decoded) {
            for await (const chunk of decoded) {
              if (chunk.length > 0) throw new Error('boom');
              yield chunk;
            }
          },
        },
      }),
    });
    const client = await client1(proxy, 'TCP');
    client.write('GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n');
    expect(await client.end()).not.toMatch(/0\r\n\r\n$/);
    expect((await ended(proxy)).error?.code).toBe('WAYLAY_HANDLER');
  });
});

describe('changes', () => {
  const upper = (text: Buffer): Buffer => Buffer.from(text.toString().toUpperCase());
  async function* shout(decoded: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
    for await (const chunk of decoded) yield upper(chunk);
  }
  const forms: [string, () => ResponseChange, object, string][] = [
    ['status', () => ({ status: 404 }), { status: 404, 'x-a': '1' }, 'fine'],
    ['headers', () => ({ headers: ['X-New', '1', 'Content-Length', '4'] }), { 'x-new': '1', 'x-a': undefined }, 'fine'],
    ['replace', () => ({ body: { kind: 'replace', bytes: Buffer.from('other') } }), { 'content-length': '5' }, 'other'],
    [
      'whole',
      () => ({ body: { kind: 'whole', change: (b) => Buffer.concat([upper(b), upper(b)]) } }),
      { 'content-length': '8' },
      'FINEFINE',
    ],
    ['stream', () => ({ body: { kind: 'stream', change: shout } }), { 'content-length': undefined }, 'FINE'],
  ];

  describe.each(['decided at once', 'decided later'] as const)('of a response, %s,', (when) => {
    test.each(forms)('reach the client: %s', async (_, change, fields, body) => {
      const origin = await httpsOrigin(
        (_request, response) => {
          response.setHeader('x-a', '1');
          response.setHeader('content-length', 4);
          response.end('fine');
        },
        { name: 'shop.test' },
      );
      const proxy = await proxyFor(origin.port, {
        onResponse: () => (when === 'decided later' ? Promise.resolve(change()) : change()),
      });
      const client = await client1(proxy, 'TLS');
      client.write('GET / HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n');
      const received = await client.end();
      const seen = await ask2(await sessionThrough(proxy));
      const { status = 200, ...expected } = fields as { status?: number };
      expect(seen.status).toBe(status);
      expect(received).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
      for (const [name, value] of Object.entries(expected)) expect(seen.headers[name]).toBe(value);
      expect(seen.body.toString()).toBe(body);
      expect(received.slice(received.indexOf('\r\n\r\n'))).toContain(body);
      for (const at of [0, 1]) {
        const exchange = await ended(proxy, at);
        expect(exchange).toMatchObject({ mutated: true, error: undefined });
        expect(exchange.response?.text()).toBe(body);
        expect(exchange.response?.status).toBe(status);
      }
    });
  });

  test.each([
    ['gzip', gzipSync('fine')],
    ['br', brotliCompressSync('fine')],
  ])('are of the whole of a body in %s', async (coding, bytes) => {
    const origin = await httpsOrigin(
      (_, response) => {
        response.setHeader('content-encoding', coding);
        response.end(bytes);
      },
      { name: 'shop.test' },
    );
    const proxy = await proxyFor(origin.port, { onResponse: () => ({ body: { kind: 'whole', change: upper } }) });
    const client = await client1(proxy, 'TLS');
    client.write('GET / HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n');
    const received = await client.end();
    expect(received).toMatch(/content-length: 4\r\n.*\r\n\r\nFINE$/is);
    expect(received).not.toMatch(/content-encoding/i);
    const seen = await ask2(await sessionThrough(proxy));
    expect(seen.body.toString()).toBe('FINE');
    expect(seen.headers).toMatchObject({ 'content-length': '4' });
    expect(seen.headers['content-encoding']).toBeUndefined();
  });

  test('of a request reach the upstream: method, URL, fields and body, over both versions', async () => {
    const first = await httpsOrigin((_, response) => response.end('wrong one'), { name: 'shop.test' });
    const second = await httpsOrigin(
      async (request, response) => {
        let body = '';
        for await (const chunk of request) body += chunk;
        const { 'x-new': added, 'x-old': old, 'content-length': length } = request.headers;
        response.end(JSON.stringify([request.method, request.url, added, old, length, body]));
      },
      { name: 'other.test' },
    );
    const proxy = await testProxy(
      { hosts: { 'shop.test': `127.0.0.1:${first.port}`, 'other.test': `127.0.0.1:${second.port}` } },
      {
        onRequest: () => ({
          action: 'forward',
          change: {
            method: 'PUT',
            url: 'https://other.test/b?c=d',
            headers: ['Host', 'shop.test', 'X-New', '1', 'Content-Length', '5'],
            body: { kind: 'whole', change: (b) => Buffer.concat([upper(b), Buffer.from('!')]) },
          },
        }),
      },
    );
    const expected = JSON.stringify(['PUT', '/b?c=d', '1', null, '6', 'HELLO!']);
    const client = await client1(proxy, 'TLS');
    client.write(
      'POST / HTTP/1.1\r\nHost: shop.test\r\nX-Old: 1\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello',
    );
    expect(await client.end()).toContain(expected);
    const seen = await ask2(await sessionThrough(proxy), { 'x-old': '1' }, 'hello');
    expect(seen.body.toString()).toBe(expected);
    expect((await ended(proxy, 1)).request.text()).toBe('hello');
  });

  test.each([
    ['replace', { kind: 'replace', bytes: Buffer.from('other') } as const, 'other'],
    ['stream', undefined, 'HELLO'],
  ])('of a request’s body reach the upstream: %s, over both versions', async (_, change, expected) => {
    const origin = await httpsOrigin(
      async (request, response) => {
        let body = '';
        for await (const chunk of request) body += chunk;
        response.end(`<${body}>`);
      },
      { name: 'shop.test' },
    );
    const proxy = await proxyFor(origin.port, {
      onRequest: () => ({ action: 'forward', change: { body: change ?? { kind: 'stream', change: shout } } }),
    });
    const client = await client1(proxy, 'TLS');
    client.write('POST / HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 5\r\n\r\nhello');
    await client.until(new RegExp(`<${expected}>`));
    const seen = await ask2(await sessionThrough(proxy), {}, 'hello');
    expect(seen.body.toString()).toBe(`<${expected}>`);
  });
});

test('pipelined requests with bodies are answered in order', async () => {
  const origin = await httpOrigin(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    response.end(`<${body}>`);
  });
  const proxy = await proxyFor(origin.port);
  const client = dialTcp(proxy.port);
  const request = (body: string) =>
    `POST http://shop.test/ HTTP/1.1\r\nHost: shop.test\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  client.write(request('one') + request('x'.repeat(100_000)) + request('three'));
  const received = await client.until(/<three>/);
  expect(received.match(/<\w+>/g)?.map((body) => body.length)).toEqual([5, 100_002, 7]);
});

test('random bytes, to the port and inside tunnels, neither crash nor hang anything', async () => {
  const random = seeded(20_260_101);
  const origin = await httpsOrigin((_, response) => response.end('fine'), { name: 'shop.test' });
  const proxy = await proxyFor(origin.port);
  const starts = [
    '',
    'GET / HTTP/1.1\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    '\x16\x03\x01',
    'CONNECT ',
    '\x05\x01\x00',
    'POST http://shop.test/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n',
  ];
  for (let i = 0; i < 120; i += 1) {
    const start = starts[Math.floor(random() * starts.length)] ?? '';
    const noise = Buffer.from(Array.from({ length: Math.floor(random() * 300) }, () => Math.floor(random() * 256)));
    const bytes = Buffer.concat([Buffer.from(start, 'latin1'), noise]);
    const client =
      i % 3 === 0
        ? dialTcp(proxy.port)
        : i % 3 === 1
          ? new RawClient(await connectThrough(proxy.port, 'shop.test:443'))
          : new RawClient(await shopThrough(proxy, i % 2 === 0 ? 'h2' : 'http/1.1'));
    client.write(bytes);
    if (i % 4 === 0) client.socket.end();
    if (i % 10 === 0) client.socket.destroy();
  }
  // Still in its senses.
  expect(await ask2(await sessionThrough(proxy))).toMatchObject({ status: 200 });
  await proxy.stop();
  for (const exchange of proxy.journal.exchanges) expect(exchange.ended).toBe(true);
});
