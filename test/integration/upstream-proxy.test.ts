import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { toHar } from '../../src/journal/har/har.js';
import { connectThrough, dialTcp, RawClient } from '../client.js';
import { exchangeThrough, VERSIONS } from '../exchange-client.js';
import { ManualClock } from '../manual-clock.js';
import { closedPort, httpOrigin, httpsOrigin, listening, tcpServer, testProxy } from '../servers.js';
import { httpProxy, type ProxyOrigin, socksProxy, speaksFirst } from './proxies.js';
import { ended } from './traffic.js';

const address = (proxy: Awaited<ReturnType<typeof testProxy>>) => ({ port: proxy.port, ca: { pem: proxy.caPem } });
const shop = () => httpsOrigin((_, response) => response.end('hello'), { name: 'shop.test' });

/** The kinds of proxy, knowing names that nobody else does. */
const kinds: Record<
  string,
  (names: Record<string, number>) => Promise<{ proxy: ProxyOrigin; server: string; tunnelled: string }>
> = {
  http: async (names) => {
    const proxy = await httpProxy({ names });
    return { proxy, server: `http://127.0.0.1:${proxy.port}`, tunnelled: 'CONNECT shop.test:443' };
  },
  'http, with credentials': async (names) => {
    const proxy = await httpProxy({ names, credentials: 'me:p@ss' });
    return { proxy, server: `http://me:p%40ss@127.0.0.1:${proxy.port}`, tunnelled: 'CONNECT shop.test:443' };
  },
  https: async (names) => {
    const proxy = await httpProxy({ names, secure: 'localhost' });
    return { proxy, server: `https://localhost:${proxy.port}`, tunnelled: 'CONNECT shop.test:443' };
  },
  socks5: async (names) => {
    const proxy = await socksProxy({ names });
    return { proxy, server: `socks5://127.0.0.1:${proxy.port}`, tunnelled: 'SOCKS5 shop.test:443' };
  },
  'socks5, with credentials': async (names) => {
    const proxy = await socksProxy({ names, credentials: 'me:p@ss' });
    return { proxy, server: `socks5://me:p%40ss@127.0.0.1:${proxy.port}`, tunnelled: 'SOCKS5 shop.test:443' };
  },
  socks4: async (names) => {
    const proxy = await socksProxy({ names });
    return { proxy, server: `socks4://me@127.0.0.1:${proxy.port}`, tunnelled: 'SOCKS4 shop.test:443 me' };
  },
};

describe.each(Object.keys(kinds))('through a proxy: %s', (kind) => {
  const start = async (names: Record<string, number>) => {
    const { proxy: through, server, tunnelled } = await (kinds[kind] as (typeof kinds)[string])(names);
    return { through, tunnelled, proxy: await testProxy({ upstreamProxy: { server } }) };
  };

  test.each(VERSIONS)('https goes over %s, the upstream certificate and protocol mirrored', async (version) => {
    const origin = await shop();
    const { proxy, through, tunnelled } = await start({ 'shop.test': origin.port });
    const received = await exchangeThrough(address(proxy), version, { url: 'https://shop.test/' });
    expect(received).toMatchObject({ status: 200, body: Buffer.from('hello'), error: undefined });
    expect(through.seen).toEqual([tunnelled]);
    expect(await ended(proxy)).toMatchObject({
      source: 'upstream',
      upstream: {
        address: '127.0.0.1',
        port: through.port,
        proxy: expect.stringMatching(`:${through.port}$`),
        tls: { alpn: version, serverName: 'shop.test' },
        certificate: { subjectAltName: 'DNS:shop.test', defect: undefined },
      },
    });
    const har = toHar(proxy.journal.exchanges, { version: '0' });
    expect(har.log.entries[0]?._proxy).toMatch(new RegExp(`:${through.port}$`));
  });

  test('plain HTTP is kept alive', async () => {
    const origin = await httpOrigin((request, response) => {
      response.setHeader('Content-Length', '5');
      response.end(`<${request.url}>`.padEnd(5));
    });
    const { proxy, through } = await start({ 'shop.test': origin.port });
    const client = dialTcp(proxy.port);
    for (const path of ['/1', '/2']) {
      client.write(`GET http://shop.test${path} HTTP/1.1\r\nHost: shop.test\r\n\r\n`);
      await client.until(new RegExp(`<${path}>`));
    }
    expect(through.connections()).toBe(1);
    expect(proxy.journal.exchanges.map(({ upstream }) => [upstream?.reused, upstream?.proxy === undefined])).toEqual([
      [false, false],
      [true, false],
    ]);
  });

  test('a WebSocket gets a tunnel, also by a request in absolute-form', async () => {
    const server = await webSocketServer();
    const { proxy, through } = await start({ 'shop.test': server.port });
    const client = dialTcp(proxy.port);
    client.write(
      'GET http://shop.test/ HTTP/1.1\r\nHost: shop.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
    await client.until(/^HTTP\/1\.1 101 .*welcome/s);
    const tunnel = await connectThrough(proxy.port, 'shop.test:80');
    const socket = new WebSocket('ws://shop.test/', { createConnection: () => tunnel });
    const [message] = await once(socket, 'message');
    expect(String(message)).toBe('welcome');
    socket.terminate();
    expect(through.seen).toEqual([expect.stringMatching(/^(CONNECT|SOCKS.) shop\.test:80/), through.seen[0]]);
  });

  test('a server that speaks first is heard through a tunnel', async () => {
    const origin = await tcpServer((socket) => {
      socket.write('220 mail.test ready\r\n');
      socket.on('data', (chunk) => socket.write(`250 ${chunk}`));
    });
    speaksFirst.add(origin.port);
    onTestFinished(() => void speaksFirst.delete(origin.port));
    const { proxy } = await start({ 'mail.test': origin.port });
    const client = new RawClient(await connectThrough(proxy.port, 'mail.test:25'));
    await client.until(/^220 mail\.test ready\r\n$/);
    client.write('EHLO me\r\n');
    await client.until(/250 EHLO me/);
  });

  test('a name that the proxy does not know is its failure', async () => {
    const { proxy, through } = await start({});
    await expect(connectThrough(proxy.port, 'shop.test:443')).rejects.toThrow(/^HTTP\/1\.1 502/);
    const { error } = await ended(proxy);
    expect(error).toMatchObject({ code: 'WAYLAY_UPSTREAM_PROXY', fault: 'upstream', authority: 'shop.test:443' });
    expect(error?.message).toContain(`:${through.port} made no connection to shop.test:443: `);
  });

  test('a stubbed host needs neither the proxy nor the name', async () => {
    const through = await (kinds[kind] as (typeof kinds)[string])({});
    const answer = { status: 200, statusText: 'OK', headers: [], body: Buffer.from('stub') };
    const proxy = await testProxy(
      { upstreamProxy: { server: through.server } },
      { mayAnswer: () => true, onRequest: () => ({ action: 'answer', answer }) as never },
    );
    const received = await exchangeThrough(address(proxy), 'h2', { url: 'https://shop.test/' });
    expect(received.status).toBe(200);
    expect(through.proxy.connections()).toBe(0);
  });
});

/** Greets whoever comes. */
function webSocketServer() {
  const server = createServer();
  new WebSocketServer({ server }).on('connection', (socket) => socket.send('welcome'));
  return listening(server);
}

describe('plain HTTP through an HTTP proxy', () => {
  test('goes in absolute-form, its fields as they were, with one more', async () => {
    let seen = '';
    const through = await tcpServer((socket) => {
      socket.on('data', (chunk) => {
        seen += chunk.toString('latin1');
        if (seen.includes('\r\n\r\n')) socket.write('HTTP/1.1 200 OK\r\nX-aPPle: 1\r\ncontent-LENGTH: 2\r\n\r\nok');
      });
    });
    const server = `http://127.0.0.1:${through.port}`;
    const proxy = await testProxy({ upstreamProxy: { server, username: 'me', password: 'p@ss' } });
    const client = dialTcp(proxy.port);
    client.write(
      'GET http://shop.test:8080/a?b=c HTTP/1.1\r\nX-First: 1\r\nhOSt: shop.test:8080\r\nProxy-Connection: keep-alive\r\nProxy-Authorization: Basic bWluZQ==\r\nX-dup: 1\r\nX-DUP: 2\r\nConnection: close\r\n\r\n',
    );
    expect(await client.end()).toBe(
      'HTTP/1.1 200 OK\r\nX-aPPle: 1\r\ncontent-LENGTH: 2\r\nConnection: close\r\n\r\nok',
    );
    const authorization = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;
    expect(seen).toBe(
      `GET http://shop.test:8080/a?b=c HTTP/1.1\r\nX-First: 1\r\nhOSt: shop.test:8080\r\nX-dup: 1\r\nX-DUP: 2\r\nProxy-Authorization: ${authorization}\r\n\r\n`,
    );
    // Waylay's words to the proxy are none of the test's business.
    expect((await ended(proxy)).request.rawHeaders).not.toContain(authorization);
  });

  test.each([
    ['a body by its length', 'POST', 'Content-Length: 5\r\n\r\nhello'],
    ['a body in chunks', 'POST', 'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'],
    ['one that waits for a 100', 'POST', 'Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhello'],
  ])('passes with %s', async (_, method, rest) => {
    const origin = await httpOrigin((request, response) => request.pipe(response));
    const through = await httpProxy({ names: { 'shop.test': origin.port }, tunnels: [443] });
    const proxy = await testProxy({ upstreamProxy: { server: `127.0.0.1:${through.port}` } });
    const client = dialTcp(proxy.port);
    client.write(`${method} http://shop.test/a HTTP/1.1\r\nHost: shop.test\r\n${rest}`);
    await client.until(/HTTP\/1\.1 200 .*hello/s);
    expect(through.seen).toEqual(['POST http://shop.test/a']);
  });

  test('has an empty path for OPTIONS *', async () => {
    const through = await httpProxy({ answer: (socket) => socket.end('HTTP/1.1 204 No Content\r\n\r\n') });
    const proxy = await testProxy(
      { upstreamProxy: { server: `127.0.0.1:${through.port}` } },
      { onRequest: () => ({ action: 'forward', change: { url: 'http://shop.test/*' } }) as never },
    );
    const client = dialTcp(proxy.port);
    client.write('OPTIONS http://shop.test/* HTTP/1.1\r\nHost: shop.test\r\n\r\n');
    await client.until(/^HTTP\/1\.1 204/);
    expect(through.seen).toEqual(['OPTIONS http://shop.test/*']);
  });

  test("passes on a 502, since it may be the server's, and no 407, which is the proxy's", async () => {
    const through = await httpProxy();
    const proxy = await testProxy({ upstreamProxy: { server: `127.0.0.1:${through.port}` } });
    const client = dialTcp(proxy.port);
    client.write('GET http://shop.test/ HTTP/1.1\r\nHost: shop.test\r\n\r\n');
    await client.until(/^HTTP\/1\.1 502 .*no such server/s);
    expect((await ended(proxy)).error).toBeUndefined();

    const closed = await httpProxy({ credentials: 'me:secret' });
    const refused = await testProxy({ upstreamProxy: { server: `127.0.0.1:${closed.port}` } });
    const other = dialTcp(refused.port);
    other.write('GET http://shop.test/ HTTP/1.1\r\nHost: shop.test\r\n\r\n');
    expect(await other.end()).toBe('');
    expect((await ended(refused)).error).toMatchObject({
      code: 'WAYLAY_UPSTREAM_PROXY',
      message: `The proxy http://127.0.0.1:${closed.port} asks for credentials (407 Proxy Authentication Required). Give them as username and password in the option upstreamProxy.`,
    });
  });

  test('has a proxy that hangs up named', async () => {
    const through = await httpProxy({ answer: (socket) => socket.destroy() });
    const proxy = await testProxy({ upstreamProxy: { server: `127.0.0.1:${through.port}` } });
    const client = dialTcp(proxy.port);
    client.write('GET http://shop.test/ HTTP/1.1\r\nHost: shop.test\r\n\r\n');
    await client.end();
    expect((await ended(proxy)).error).toMatchObject({
      code: 'WAYLAY_UPSTREAM_PROXY',
      message: expect.stringContaining(`The proxy http://127.0.0.1:${through.port} ended the connection`),
    });
  });
});

describe('past the proxy', () => {
  test('a host that the host map or bypass has is dialled directly', async () => {
    const origin = await shop();
    const through = await httpProxy();
    const proxy = await testProxy({
      hosts: { 'shop.test': `127.0.0.1:${origin.port}` },
      upstreamProxy: { server: `127.0.0.1:${through.port}`, bypass: '<loopback>' },
      ignoreHTTPSErrors: true,
    });
    for (const url of ['https://shop.test/', `https://localhost:${origin.port}/`]) {
      const received = await exchangeThrough(address(proxy), 'http/1.1', { url });
      expect(received.status).toBe(200);
    }
    expect(through.connections()).toBe(0);
    expect(proxy.journal.exchanges.map(({ upstream }) => upstream?.proxy)).toEqual([undefined, undefined]);
  });
});

describe('names below localhost', () => {
  test.each([
    ['go through the proxy like others', undefined, true],
    ['go past it where the list says so', 'localhost', false],
  ])('%s', async (_, bypass, proxied) => {
    const origin = await httpsOrigin((_, response) => response.end('hello'), { name: 'app.localhost' });
    const through = await httpProxy({ names: { 'app.localhost': origin.port } });
    const proxy = await testProxy({ upstreamProxy: { server: `127.0.0.1:${through.port}`, bypass } });
    const url = `https://app.localhost:${origin.port}/`;
    const received = await exchangeThrough(address(proxy), 'http/1.1', { url });
    expect(received.body.toString()).toBe('hello');
    expect(through.seen).toEqual(proxied ? [`CONNECT app.localhost:${origin.port}`] : []);
  });
});

describe('a proxy that fails', () => {
  const errorOf = async (server: string, options: Parameters<typeof testProxy>[0] = {}, parts = {}) => {
    const upstreamProxy = { server, username: 'me', password: 'hunter2' };
    const proxy = await testProxy({ upstreamProxy, ...options }, {}, parts);
    await expect(connectThrough(proxy.port, 'shop.test:443')).rejects.toThrow(/^HTTP\/1\.1 502 .*UPSTREAM_/s);
    const { error } = await ended(proxy);
    expect(inspect(error, { depth: 10 })).not.toContain('hunter2');
    return { code: error?.code, message: error?.message };
  };

  test.each(['http', 'https', 'socks5'])('refuses: %s', async (scheme) => {
    const port = await closedPort();
    expect(await errorOf(`${scheme}://127.0.0.1:${port}`)).toEqual({
      code: 'WAYLAY_UPSTREAM_PROXY',
      message: `The proxy ${scheme}://127.0.0.1:${port} cannot be reached: ECONNREFUSED. Is it running, and is its port right in the option upstreamProxy?`,
    });
  });

  test('does not resolve', async () => {
    expect(await errorOf('http://proxy.invalid:3128')).toEqual({
      code: 'WAYLAY_UPSTREAM_PROXY',
      message: 'The proxy http://proxy.invalid:3128 does not resolve. Is its name right in the option upstreamProxy?',
    });
  });

  test.each([
    ['407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="x"', /does not accept the credentials/],
    ['407 Proxy Authentication Required\r\nProxy-Authenticate: NTLM', /asks for credentials by NTLM .* Basic only/],
    ['403 Forbidden', /made no connection to shop\.test:443: 403 Forbidden\. Have it allowed there/],
    ['502 Bad Gateway', /made no connection to shop\.test:443: 502 Bad Gateway\. Is that server running/],
  ])('answers %s', async (answer, message) => {
    const through = await httpProxy({ answer: (socket) => socket.end(`HTTP/1.1 ${answer}\r\n\r\n`) });
    expect(await errorOf(`http://127.0.0.1:${through.port}`)).toEqual({
      code: 'WAYLAY_UPSTREAM_PROXY',
      message: expect.stringMatching(message),
    });
  });

  test.each([
    ['http', 'hangs up', '', /closed the connection without an answer/],
    ['http', 'speaks no HTTP', '220 mail.test\r\n\r\n', /made no connection to shop\.test:443: Parse Error/],
    ['socks5', 'hangs up', '', /made no connection to shop\.test:443: Socket closed/],
    ['socks5', 'speaks no SOCKS', 'HTTP/1.1 400 Bad Request\r\n\r\n', /made no connection to shop\.test:443: /],
    ['https', 'speaks no TLS', 'HTTP/1.1 400 Bad Request\r\n\r\n', /failed in the TLS handshake/],
  ])('is told of where %s %s', async (scheme, _, says, message) => {
    const through = await tcpServer((socket) => {
      socket.once('data', () => socket.end(says));
    });
    expect(await errorOf(`${scheme}://127.0.0.1:${through.port}`)).toEqual({
      code: 'WAYLAY_UPSTREAM_PROXY',
      message: expect.stringMatching(message),
    });
  });

  test('does not accept the credentials of SOCKS', async () => {
    const through = await socksProxy({ credentials: 'me:other' });
    expect(await errorOf(`socks5://127.0.0.1:${through.port}`)).toEqual({
      code: 'WAYLAY_UPSTREAM_PROXY',
      message: expect.stringMatching(/made no connection to shop\.test:443: .*[Aa]uthentication/),
    });
  });

  test('is verified, by the same rules as upstreams', async () => {
    const answer = (socket: Socket) => socket.end('HTTP/1.1 403 No\r\n\r\n');
    const through = await httpProxy({ secure: 'localhost', answer });
    const other = await httpProxy({ secure: 'proxy.test', answer });
    const server = `https://localhost:${through.port}`;
    const untrusted = await errorOf(server, { trustedRoots: [] });
    expect(untrusted.message).toMatch(/failed in the TLS handshake: .*\. Its root can be given with .* trustedRoots/);
    const wrongHost = await errorOf(`https://localhost:${other.port}`);
    expect(wrongHost.message).toMatch(/failed in the TLS handshake: .*does not match/);
    expect((await errorOf(server, { trustedRoots: [], ignoreHTTPSErrors: true })).message).toContain('403 No');
  });

  test('does not answer in time', async () => {
    const through = await tcpServer(() => {});
    const clock = new ManualClock();
    const outcome = errorOf(`http://127.0.0.1:${through.port}`, {}, { clock });
    await clock.timer();
    clock.advance(30_000);
    expect(await outcome).toEqual({
      code: 'WAYLAY_UPSTREAM_PROXY',
      message: expect.stringContaining('made no connection to shop.test:443: no answer within 30 s.'),
    });
    expect(clock.running).toBe(0);
  });

  test('is Waylay itself', async () => {
    const port = await closedPort();
    const error = await errorOf(`http://127.0.0.1:${port}`, { port });
    expect(error).toEqual({
      code: 'WAYLAY_UPSTREAM_LOOP',
      message: expect.stringContaining(`The proxy http://127.0.0.1:${port} is this Waylay itself.`),
    });
  });

  test('is explained with a 502 where that is asked for', async () => {
    const port = await closedPort();
    const upstreamProxy = { server: `127.0.0.1:${port}` };
    const proxy = await testProxy({ upstreamProxy, upstreamErrors: 'respond' });
    const received = await exchangeThrough(address(proxy), 'h2', { url: 'https://shop.test/' });
    expect(received).toMatchObject({ status: 502, headers: { 'waylay-error': 'WAYLAY_UPSTREAM_PROXY' } });
  });

  test('is left alone when Waylay stops', async () => {
    const through = await tcpServer(() => {});
    const accepted = once(through.server, 'connection');
    const proxy = await testProxy({ upstreamProxy: { server: `127.0.0.1:${through.port}` } });
    const client = dialTcp(proxy.port);
    client.write('CONNECT shop.test:443 HTTP/1.1\r\nHost: shop.test:443\r\n\r\n');
    const [socket] = await accepted;
    await once(socket, 'data');
    await Promise.all([proxy.stop(), once(socket, 'end')]);
  });
});
