/** SOCKS clients of several kinds, over real connections. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { checkServerIdentity as checkName, type PeerCertificate, connect as tlsConnect } from 'node:tls';
import { SocksClient, type SocksClientError } from 'socks';
import { beforeEach, describe, expect, onTestFinished, type TestContext, test } from 'vitest';
import { connectThrough, dialTcp, RawClient } from '../../client.js';
import { clientHello } from '../../client-hello-bytes.js';
import { curl } from '../../interop/curl.js';
import { startProxy } from '../../interop/proxy.js';
import { closedPort, httpOrigin, httpsOrigin, publicAuthority, tcpServer, testProxy } from '../../servers.js';
import { requireTool } from '../../tools.js';

const ADDRESS = [127, 0, 0, 1];
const port16 = (port: number) => [port >> 8, port & 255];
const four = (port: number) => Buffer.from([4, 1, ...port16(port), ...ADDRESS, 0]);
const five = (port: number) => Buffer.from([5, 1, 0, 1, ...ADDRESS, ...port16(port)]);
const GREETING = Buffer.from([5, 1, 0]);
const startsWith = (...bytes: number[]) => new RegExp(`^${String.fromCharCode(...bytes)}`);
const hex = (text: string) => Buffer.from(text, 'latin1').toString('hex');

/** Through the `socks` package. */
async function through(proxyPort: number, type: 4 | 5, host: string, port: number, user?: string): Promise<Socket> {
  const { socket } = await SocksClient.createConnection({
    proxy: { host: '127.0.0.1', port: proxyPort, type, ...(user && { userId: user, password: 'secret' }) },
    command: 'connect',
    destination: { host, port },
  });
  onTestFinished(() => void socket.destroy());
  return socket;
}

describe('curl', () => {
  beforeEach((ctx) => requireTool(ctx, 'curl'));

  test.each([
    ['socks4', '127.0.0.1'],
    ['socks4a', 'shop.test'],
    ['socks5', '127.0.0.1'],
    ['socks5h', 'shop.test'],
  ])('goes through by %s, plain and over TLS', async (scheme, dialled) => {
    const plain = await httpOrigin((req, res) => res.end(`plain ${req.headers.host}`));
    const secure = await httpsOrigin((req, res) => res.end(`secure ${req.httpVersion}`), { name: 'shop.test' });
    const { waylay, caFile } = await startProxy({
      hosts: { 'shop.test': '127.0.0.1' },
      trustedRoots: publicAuthority.pem,
    });
    const url = `${scheme}://127.0.0.1:${waylay.port}`;
    const resolve = (port: number) => ['--resolve', `shop.test:${port}:127.0.0.1`];

    const first = await curl({ url }, ...resolve(plain.port), `http://shop.test:${plain.port}/`);
    expect([first.stderr, first.body]).toEqual(['', `plain shop.test:${plain.port}`]);
    const second = await curl(
      { url },
      ...resolve(secure.port),
      '--cacert',
      caFile,
      `https://shop.test:${secure.port}/`,
    );
    expect([second.stderr, second.body]).toEqual(['', 'secure 2.0']);

    expect(waylay.exchanges.map(({ request, destination, source }) => [request.url, destination, source])).toEqual([
      [`http://shop.test:${plain.port}/`, { host: dialled, port: plain.port, source: 'socks' }, 'upstream'],
      [`https://shop.test:${secure.port}/`, { host: dialled, port: secure.port, source: 'socks' }, 'upstream'],
    ]);
  });

  test('reaches IPv6 addresses', async (ctx) => {
    const origin = await ipv6Origin(ctx);
    const { waylay } = await startProxy();
    const url = `socks5h://127.0.0.1:${waylay.port}`;
    const { body, stderr } = await curl({ url }, `http://[::1]:${origin}/`);
    expect([stderr, body]).toEqual(['', 'six']);
    expect(waylay.exchanges[0]?.destination).toEqual({ host: '::1', port: origin, source: 'socks' });
  });

  test('reaches a stubbed host that exists nowhere', async () => {
    const { waylay, caFile } = await startProxy();
    waylay.stubResponse('https://nowhere.invalid/', 'stub');
    waylay.stubResponse('http://nowhere.invalid/', 'plain stub');
    const called = waylay.expectRequest('https://nowhere.invalid/');
    for (const scheme of ['socks4a', 'socks5h']) {
      const url = `${scheme}://127.0.0.1:${waylay.port}`;
      expect((await curl({ url }, '--cacert', caFile, 'https://nowhere.invalid/')).body).toBe('stub');
      expect((await curl({ url }, 'http://nowhere.invalid/')).body).toBe('plain stub');
    }
    await called;
  });

  test.each([
    ['socks5h', 'nowhere.invalid:80', /\(4\)/, 'WAYLAY_UPSTREAM_DNS'],
    ['socks5h', 'closed', /\(5\)/, 'WAYLAY_UPSTREAM_REFUSED'],
    ['socks4a', 'closed', /request rejected or failed/, 'WAYLAY_UPSTREAM_REFUSED'],
  ])('fails as the dial did, by %s to %s', async (scheme, target, said, code) => {
    const { waylay } = await startProxy();
    const authority = target === 'closed' ? `127.0.0.1:${await closedPort()}` : target;
    const result = await curl({ url: `${scheme}://127.0.0.1:${waylay.port}` }, `http://${authority}/`);
    expect(result.code).not.toBe(0);
    expect(result.stderr).toMatch(said);
    expect(waylay.exchanges.map(({ source, error }) => [source, error?.code])).toEqual([['failed', code]]);
  });

  test('is given the reason as a response with upstreamErrors: respond', async () => {
    const { waylay } = await startProxy({ upstreamErrors: 'respond' });
    const url = `socks5h://127.0.0.1:${waylay.port}`;
    const { status, body } = await curl({ url }, `http://127.0.0.1:${await closedPort()}/`);
    expect([status, body]).toEqual([502, expect.stringContaining('WAYLAY_UPSTREAM_REFUSED')]);
  });
});

async function ipv6Origin(ctx: TestContext): Promise<number> {
  const server = createServer((_, response) => response.end('six'));
  const failed = await new Promise<Error | undefined>((resolve) => {
    server.once('error', resolve);
    server.listen(0, '::1', () => resolve(undefined));
  });
  if (failed !== undefined) ctx.skip(`needs IPv6 on loopback: ${failed.message}`);
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

describe('the package socks', () => {
  test.each([
    [4, '127.0.0.1'],
    [4, 'shop.test'],
    [5, '127.0.0.1'],
    [5, 'shop.test'],
  ] as const)('goes through by version %i to %s', async (version, host) => {
    const origin = await httpsOrigin((_, res) => res.end('hello'), { name: 'shop.test' });
    const proxy = await testProxy({ hosts: { 'shop.test': '127.0.0.1' } });
    const socket = await through(proxy.port, version, host, origin.port, 'me');
    const secured = tlsConnect({ socket, servername: 'shop.test', ca: proxy.caPem });
    await once(secured, 'secureConnect');
    const client = new RawClient(secured);
    client.write(`GET /a HTTP/1.1\r\nHost: shop.test:${origin.port}\r\n\r\n`);
    await client.until(/hello/);
    expect(proxy.journal.exchanges.map(({ request }) => request.url)).toEqual([`https://shop.test:${origin.port}/a`]);
  });

  test('finds by address and without SNI the names that the server’s certificate has', async () => {
    const origin = await httpsOrigin((_, res) => res.end('hello'), { name: 'shop.test' });
    const proxy = await testProxy();
    const names = async (wanted: string): Promise<string | undefined> => {
      const socket = await through(proxy.port, 5, '127.0.0.1', origin.port);
      const options = { socket, ca: proxy.caPem, servername: '', ALPNProtocols: ['http/1.1'] };
      const checkServerIdentity = (_: string, certificate: PeerCertificate) => checkName(wanted, certificate);
      const secured = tlsConnect({ ...options, checkServerIdentity });
      const outcome = once(secured, 'secureConnect').then(
        () => secured.getPeerCertificate().subjectaltname,
        (error: NodeJS.ErrnoException) => error.code,
      );
      return outcome.finally(() => secured.destroy());
    };
    expect(await names('shop.test')).toBe('DNS:shop.test');
    expect(await names('127.0.0.1')).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  test('hears a server that speaks first', async () => {
    const origin = await tcpServer((socket) => socket.write('220 welcome\r\n'));
    const proxy = await testProxy();
    const client = new RawClient(await through(proxy.port, 5, '127.0.0.1', origin.port));
    await client.until(/220 welcome/);
    expect(proxy.journal.exchanges.map(({ source, destination }) => [source, destination.source])).toEqual([
      ['tunnel', 'socks'],
    ]);
  });

  test.each([4, 5] as const)('rejects by version %i where the dial is refused', async (version) => {
    const proxy = await testProxy();
    const error: SocksClientError = await through(proxy.port, version, '127.0.0.1', await closedPort()).then(
      () => expect.unreachable(),
      (reason) => reason,
    );
    expect(error.message).toMatch(version === 5 ? /ConnectionRefused/ : /Failed/);
  });

  test('is refused the proxy itself as a destination', async () => {
    const proxy = await testProxy();
    await expect(through(proxy.port, 5, '127.0.0.1', proxy.port)).rejects.toThrow(/NotAllowed/);
    expect(proxy.journal.exchanges.map(({ error }) => error?.code)).toEqual(['WAYLAY_UPSTREAM_LOOP']);
  });
});

describe('on the wire', () => {
  const GET = 'GET /early HTTP/1.1\r\nHost: shop.test\r\n\r\n';

  test.each([4, 5] as const)('bytes that came in the same packet are kept, with version %i', async (version) => {
    const origin = await httpOrigin((req, res) => res.end(`got ${req.url}`));
    const proxy = await testProxy();
    const client = dialTcp(proxy.port);
    const head = version === 4 ? four(origin.port) : Buffer.concat([GREETING, five(origin.port)]);
    client.write(Buffer.concat([head, Buffer.from(GET)]));
    expect(await client.until(/got \/early/)).toContain('HTTP/1.1 200');
  });

  test('a ClientHello in the same packet is kept', async () => {
    const origin = await httpsOrigin((_, res) => res.end('ok'), { name: 'shop.test' });
    const proxy = await testProxy();
    const client = dialTcp(proxy.port);
    client.write(Buffer.concat([GREETING, five(origin.port), await clientHello({ servername: 'shop.test' })]));
    // The method, the reply, and then the ServerHello.
    await client.until(startsWith(5, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0x16, 3));
  });

  test('a client may send one byte at a time', async () => {
    const origin = await httpOrigin((req, res) => res.end(`got ${req.url}`));
    const proxy = await testProxy();
    const client = dialTcp(proxy.port);
    for (const byte of Buffer.concat([GREETING, five(origin.port), Buffer.from(GET)])) {
      client.write(Buffer.from([byte]));
      await new Promise(setImmediate);
    }
    await client.until(/got \/early/);
  });

  test.each([
    ['4: BIND', Buffer.from([4, 2, 0, 80, ...ADDRESS, 0]), '005b000000000000'],
    ['4: no name', Buffer.from([4, 1, 0, 80, 0, 0, 0, 1, 0, 0]), '005b000000000000'],
    ['5: BIND', Buffer.from([5, 1, 0, 5, 2, 0, 1, ...ADDRESS, 0, 80]), '050005070001000000000000'],
    ['5: UDP', Buffer.from([5, 1, 0, 5, 3, 0, 1, ...ADDRESS, 0, 80]), '050005070001000000000000'],
    ['5: an unknown kind of address', Buffer.from([5, 1, 0, 5, 1, 0, 9]), '050005080001000000000000'],
    ['5: port 0', Buffer.from([5, 1, 0, 5, 1, 0, 1, ...ADDRESS, 0, 0]), '050005010001000000000000'],
    ['5: no method that is served', Buffer.from([5, 1, 1]), '05ff'],
    [
      '5: credentials, then BIND',
      Buffer.from([5, 1, 2, 1, 1, 97, 1, 98, 5, 2, 0, 1, ...ADDRESS, 0, 80]),
      '0502010005070001000000000000',
    ],
    ['5: a broken request', Buffer.from([5, 1, 0, 4, 1, 0, 1]), '0500'],
  ])('SOCKS %s is answered and ended', async (_, bytes, answer) => {
    const proxy = await testProxy();
    const client = dialTcp(proxy.port);
    client.write(bytes);
    expect(hex(await client.end())).toBe(answer);
    expect(proxy.journal.exchanges).toEqual([]);
  });

  test('a client that leaves in the middle leaves nothing behind', async () => {
    const proxy = await testProxy();
    const client = dialTcp(proxy.port);
    client.write(GREETING);
    await client.until(startsWith(5, 0));
    client.socket.end();
    await client.end();
    expect(proxy.journal.exchanges).toEqual([]);
  });

  test('inside CONNECT, what looks like SOCKS is relayed to the destination', async () => {
    const origin = await tcpServer((socket) => socket.on('data', (chunk) => socket.write(chunk.toString('hex'))));
    const proxy = await testProxy();
    const client = new RawClient(await connectThrough(proxy.port, `127.0.0.1:${origin.port}`));
    client.write(GREETING);
    await client.until(/050100/);
    expect(proxy.journal.exchanges.map(({ source }) => source)).toEqual(['tunnel']);
  });

  test('one port serves HTTP, CONNECT and SOCKS', async () => {
    const origin = await httpOrigin((req, res) => res.end(`got ${req.url}`));
    const proxy = await testProxy();
    const explicit = dialTcp(proxy.port);
    explicit.write(`GET http://127.0.0.1:${origin.port}/1 HTTP/1.1\r\nHost: x\r\n\r\n`);
    const connected = new RawClient(await connectThrough(proxy.port, `127.0.0.1:${origin.port}`));
    connected.write('GET /2 HTTP/1.1\r\nHost: x\r\n\r\n');
    const socks = new RawClient(await through(proxy.port, 5, '127.0.0.1', origin.port));
    socks.write('GET /3 HTTP/1.1\r\nHost: x\r\n\r\n');
    await Promise.all([explicit.until(/got \/1/), connected.until(/got \/2/), socks.until(/got \/3/)]);
    expect(proxy.journal.exchanges.map(({ destination }) => destination.source).sort()).toEqual([
      'absolute-form',
      'connect',
      'socks',
    ]);
  });
});
