import { once } from 'node:events';
import { constants, createSecureServer, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { createSecureContext, type SecureContext, connect as tlsConnect } from 'node:tls';
import { describe, expect, test } from 'vitest';
import type { Interceptor } from '../../src/interceptor.js';
import type { ProxyOptions } from '../../src/options.js';
import type { RunningProxy } from '../../src/proxy.js';
import { buildCertificate, certificatePem, type Issuer } from '../../src/tls/certificate.js';
import { createSigningKey } from '../../src/tls/signing-key.js';
import { connectThrough, dialTcp, RawClient, tlsThrough } from '../client.js';
import { ask } from '../exchange-client.js';
import {
  closedPort,
  httpOrigin,
  httpsOrigin,
  listening,
  serverLeaf,
  tcpServer,
  testProxy,
  tlsServer,
} from '../servers.js';
import { ask2, ended, sessionThrough, shopThrough } from './traffic.js';

type UpstreamErrors = NonNullable<ProxyOptions['upstreamErrors']>;
const settings: UpstreamErrors[] = ['mirror', 'respond'];

/** A client's view, whichever protocol it spoke. */
interface Seen {
  status: number | undefined;
  text: string;
  /** `reset`, `closed` short of the end, `stream <code>`; undefined where all came. */
  failure: string | undefined;
}

const GET = 'GET / HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n';

async function seenBy(client: RawClient): Promise<Seen> {
  const text = await client.end();
  const [, status] = /^HTTP\/1\.1 (\d{3})/.exec(text) ?? [];
  const length = /^content-length: (\d+)/im.exec(text)?.[1];
  const body = text.slice(text.indexOf('\r\n\r\n') + 4);
  const complete = length === undefined ? body.endsWith('0\r\n\r\n') : body.length === Number(length);
  const failure = client.error?.code === 'ECONNRESET' ? 'reset' : complete ? undefined : 'closed';
  return { status: status === undefined ? undefined : Number(status), text, failure };
}

/** A client of each kind, asking shop.test for `/`. */
const clients: Record<'plain HTTP' | 'HTTP/1.1 over TLS' | 'HTTP/2', (proxy: RunningProxy) => Promise<Seen>> = {
  'plain HTTP': (proxy) => {
    const client = dialTcp(proxy.port);
    client.write(GET.replace(' / ', ' http://shop.test/ '));
    return seenBy(client);
  },
  'HTTP/1.1 over TLS': async (proxy) => {
    const client = new RawClient(await shopThrough(proxy, 'http/1.1'));
    client.write(GET);
    return seenBy(client);
  },
  'HTTP/2': async (proxy) => {
    const { status, headers, body, rstCode } = await ask2(await sessionThrough(proxy));
    const text = `${JSON.stringify(headers)}\n${body}`;
    return { status, text, failure: rstCode === 0 ? undefined : `stream ${rstCode}` };
  },
};
type Kind = keyof typeof clients;
const kinds = Object.keys(clients) as Kind[];

type Act = (socket: Socket, raw: Socket) => void;

/** HTTP/1.1 that acts on the first request as the test says; TLS where asked for. */
function origin1(kind: Kind, act: Act): Promise<{ port: number }> {
  if (kind === 'plain HTTP') return tcpServer((socket) => socket.once('data', () => act(socket, socket)));
  let raw: Socket | undefined;
  const origin = tlsServer(serverLeaf('shop.test'), (socket) => {
    socket.once('data', () => {
      if (raw !== undefined) act(socket, raw);
    });
  });
  return origin.then((started) => {
    started.server.on('connection', (socket: Socket) => {
      raw = socket;
    });
    return started;
  });
}

/** HTTP/2 that acts on the first stream as the test says. */
function origin2(act: (stream: ServerHttp2Stream, raw: Socket) => void): Promise<{ port: number }> {
  const leaf = serverLeaf('shop.test');
  const server = createSecureServer({ SNICallback: (_, done) => done(null, leaf.context) });
  let raw: Socket | undefined;
  server.on('connection', (socket: Socket) => {
    raw = socket;
  });
  server.on('sessionError', () => {});
  server.on('stream', (stream) => {
    stream.on('error', () => {});
    if (raw !== undefined) act(stream, raw);
  });
  return listening(server);
}

function proxyFor(port: number, options: ProxyOptions): Promise<RunningProxy> {
  return testProxy({ hosts: { 'shop.test': `127.0.0.1:${port}` }, ...options });
}

const upstreamFailure = { source: 'failed', ended: true, error: { fault: 'upstream' } };

describe.each(settings)('with upstreamErrors: %s', (upstreamErrors) => {
  const unreachable: [string, string, () => Promise<string | undefined>][] = [
    ['a port on which nothing listens', 'WAYLAY_UPSTREAM_REFUSED', async () => `127.0.0.1:${await closedPort()}`],
    ['a name that does not resolve', 'WAYLAY_UPSTREAM_DNS', async () => undefined],
  ];

  describe.each(unreachable)('%s', (_, code, target) => {
    const start = async (): Promise<RunningProxy> => {
      const mapped = await target();
      return testProxy({ upstreamErrors, ...(mapped !== undefined && { hosts: { 'shop.test': mapped } }) });
    };

    test.each(kinds)('is told of over %s', async (kind) => {
      const proxy = await start();
      if (upstreamErrors === 'mirror' && kind !== 'plain HTTP') {
        // The tunnel itself is refused.
        await expect(clients[kind](proxy)).rejects.toThrow(
          new RegExp(`^HTTP/1.1 502 Bad Gateway.*${code}: shop.test`, 's'),
        );
      } else {
        const seen = await clients[kind](proxy);
        if (upstreamErrors === 'mirror') expect(seen).toEqual({ status: undefined, text: '', failure: 'reset' });
        else {
          expect(seen).toMatchObject({ status: 502, failure: undefined });
          expect(seen.text).toMatch(new RegExp(`waylay-error"?: ?"?${code}`, 'i'));
          expect(seen.text).toContain(`${code}: shop.test`);
        }
      }
      const exchange = await ended(proxy);
      expect(exchange).toMatchObject(upstreamFailure);
      expect(exchange.error).toMatchObject({
        code,
        authority: kind === 'plain HTTP' ? 'shop.test:80' : 'shop.test:443',
      });
      expect(proxy.journal.exchanges).toHaveLength(1);
    });
  });

  describe.each([
    ['is reset before the response', (_socket: Socket, raw: Socket): void => void raw.resetAndDestroy()],
    ['is closed before the response', (socket: Socket): void => void socket.end()],
    [
      'is reset inside the head',
      (socket: Socket, raw: Socket) => socket.write('HTTP/1.1 200 OK\r\nA', () => raw.resetAndDestroy()),
    ],
    ['is closed inside the head', (socket: Socket): void => void socket.end('HTTP/1.1 200 OK\r\nContent-')],
  ] as const)('a connection that %s', (_, act) => {
    test.each(['plain HTTP', 'HTTP/1.1 over TLS'] as const)('is told of over %s', async (kind) => {
      const origin = await origin1(kind, act);
      const proxy = await proxyFor(origin.port, { upstreamErrors });
      const seen = await clients[kind](proxy);
      if (upstreamErrors === 'mirror') expect(seen).toEqual({ status: undefined, text: '', failure: 'reset' });
      else {
        expect(seen).toMatchObject({ status: 502, failure: undefined });
        expect(seen.text).toMatch(/\r\n\r\nWAYLAY_UPSTREAM_RESET: shop\.test/);
      }
      const exchange = await ended(proxy);
      expect(exchange).toMatchObject(upstreamFailure);
      expect(exchange.error?.code).toBe('WAYLAY_UPSTREAM_RESET');
    });
  });

  test.each([
    ['the connection is reset', (_: ServerHttp2Stream, raw: Socket) => raw.resetAndDestroy(), undefined],
    ['the session is destroyed', (stream: ServerHttp2Stream) => stream.session?.destroy(), undefined],
    [
      'the stream is refused',
      (stream: ServerHttp2Stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM),
      constants.NGHTTP2_REFUSED_STREAM,
    ],
  ])('a failure before the response is told of over HTTP/2: %s', async (_, act, code) => {
    const origin = await origin2(act);
    const proxy = await proxyFor(origin.port, { upstreamErrors });
    const seen = await clients['HTTP/2'](proxy);
    if (upstreamErrors === 'mirror') {
      expect(seen.status).toBeUndefined();
      expect(seen.failure).toMatch(code === undefined ? /^stream [1-9]/ : new RegExp(`^stream ${code}$`));
    } else {
      expect(seen).toMatchObject({ status: 502, failure: undefined });
      expect(seen.text).toMatch(/"waylay-error":"WAYLAY_UPSTREAM_RESET".*\nWAYLAY_UPSTREAM_RESET: shop\.test/s);
    }
    const exchange = await ended(proxy);
    expect(exchange).toMatchObject(upstreamFailure);
    expect(exchange.error?.code).toBe('WAYLAY_UPSTREAM_RESET');
  });

  describe.each([
    ['short of its length', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello'],
    ['without its last chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'],
  ])('a body that ends %s', (_, response) => {
    test.each(['plain HTTP', 'HTTP/1.1 over TLS'] as const)('is told of over %s', async (kind) => {
      const origin = await origin1(kind, (socket) => socket.end(response));
      const proxy = await proxyFor(origin.port, { upstreamErrors });
      const seen = await clients[kind](proxy);
      expect(seen).toMatchObject({ status: 200, failure: 'closed' });
      expect(seen.text).toMatch(/hello(\r\n)?$/);
      const exchange = await ended(proxy);
      expect(exchange).toMatchObject(upstreamFailure);
      expect(exchange.error?.code).toBe('WAYLAY_UPSTREAM_TRUNCATED');
      expect(exchange.response?.body.toString()).toBe('hello');
      expect(() => exchange.response?.text()).toThrow(/has not arrived in full/);
    });
  });

  test('a stream of HTTP/2 that is reset inside the body is told of', async () => {
    const origin = await origin2((stream) => {
      stream.respond({ ':status': 200 });
      // close() would end the body properly first.
      stream.write('hello', () => stream.destroy(new Error('cut')));
    });
    const proxy = await proxyFor(origin.port, { upstreamErrors });
    const seen = await clients['HTTP/2'](proxy);
    expect(seen).toMatchObject({ status: 200, failure: `stream ${constants.NGHTTP2_INTERNAL_ERROR}` });
    const exchange = await ended(proxy);
    expect(exchange).toMatchObject(upstreamFailure);
    expect(exchange.error?.code).toBe('WAYLAY_UPSTREAM_TRUNCATED');
  });

  test('a stream of HTTP/2 that is reset inside a body of unknown length is told of when all before has been passed on', async () => {
    let cut = () => {};
    const origin = await origin2((stream) => {
      stream.respond({ ':status': 200 });
      stream.write('hello');
      cut = () => void stream.destroy(new Error('cut'));
    });
    const proxy = await proxyFor(origin.port, { upstreamErrors });
    const asking = await ask({ port: proxy.port, ca: { pem: proxy.caPem } }, 'h2', { url: 'https://shop.test/' });
    await asking.bytes(5);
    cut();
    expect(await asking.received).toMatchObject({ status: 200, error: 'INTERNAL_ERROR' });
    expect(await ended(proxy)).toMatchObject({ ...upstreamFailure, error: { code: 'WAYLAY_UPSTREAM_TRUNCATED' } });
  });

  test('a truncated body is a stream error from an HTTP/1.1 upstream to an HTTP/2 client', async () => {
    const origin = await origin1('plain HTTP', (socket) =>
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello'),
    );
    const proxy = await testProxy(
      { upstreamErrors },
      {
        mayAnswer: () => true,
        onRequest: () => ({ action: 'forward', change: { url: `http://127.0.0.1:${origin.port}/` } }),
      },
    );
    const seen = await clients['HTTP/2'](proxy);
    expect(seen.status).toBe(200);
    expect(seen.failure).toMatch(/^stream [1-9]/);
    expect(await ended(proxy)).toMatchObject({ ...upstreamFailure, error: { code: 'WAYLAY_UPSTREAM_TRUNCATED' } });
  });

  test.each(['plain HTTP', 'HTTP/1.1 over TLS'] as const)(
    'garbage instead of HTTP is told of over %s',
    async (kind) => {
      const origin = await origin1(kind, (socket) => socket.write('SSH-2.0-OpenSSH_9.6\r\n'));
      const proxy = await proxyFor(origin.port, { upstreamErrors });
      const seen = await clients[kind](proxy);
      if (upstreamErrors === 'mirror') expect(seen).toEqual({ status: undefined, text: '', failure: 'reset' });
      else {
        expect(seen.status).toBe(502);
        expect(seen.text).toMatch(/\r\n\r\nWAYLAY_UPSTREAM_PROTOCOL: shop\.test/);
      }
      expect(await ended(proxy)).toMatchObject({ ...upstreamFailure, error: { code: 'WAYLAY_UPSTREAM_PROTOCOL' } });
    },
  );

  test('garbage instead of frames is told of over HTTP/2', async () => {
    const leaf = serverLeaf('shop.test');
    const origin = await tlsServer(leaf, (socket) => socket.once('data', () => socket.write('x'.repeat(64))), ['h2']);
    const proxy = await proxyFor(origin.port, { upstreamErrors });
    const seen = await clients['HTTP/2'](proxy);
    if (upstreamErrors === 'mirror') expect(seen.failure).toMatch(/^stream [1-9]/);
    else
      expect(seen).toMatchObject({ status: 502, text: expect.stringContaining('WAYLAY_UPSTREAM_PROTOCOL: shop.test') });
    expect(await ended(proxy)).toMatchObject({ ...upstreamFailure, error: { code: 'WAYLAY_UPSTREAM_PROTOCOL' } });
  });

  test.each([
    ['sends an alert', Buffer.from([21, 3, 3, 0, 2, 2, 112])],
    ['speaks no TLS', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['closes the connection', undefined],
  ])('a server that %s instead of a handshake is told of', async (_, answer) => {
    const origin = await tcpServer((socket) => socket.once('data', () => socket.end(answer ?? '')));
    const proxy = await proxyFor(origin.port, { upstreamErrors });
    if (upstreamErrors === 'mirror') {
      const reason =
        answer?.[0] === 21
          ? /unrecognized_name|unrecognized name|alert number 112/i
          : /alert number 40|handshake failure/;
      await expect(shopThrough(proxy, 'http/1.1')).rejects.toThrow(reason);
    } else {
      const seen = await clients['HTTP/1.1 over TLS'](proxy);
      expect(seen).toMatchObject({ status: 502, failure: undefined });
      expect(seen.text).toMatch(/\r\n\r\nWAYLAY_UPSTREAM_TLS: The TLS handshake with shop\.test:443 failed/);
    }
    expect(await ended(proxy)).toMatchObject({ ...upstreamFailure, error: { code: 'WAYLAY_UPSTREAM_TLS' } });
  });

  test('the proxy is refused as its own destination, in plain HTTP', async () => {
    const proxy = await testProxy({ upstreamErrors });
    const client = dialTcp(proxy.port);
    client.write(`GET http://127.0.0.1:${proxy.port}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    const seen = await seenBy(client);
    if (upstreamErrors === 'mirror') expect(seen.failure).toBe('reset');
    else expect(seen).toMatchObject({ status: 502, text: expect.stringContaining('WAYLAY_UPSTREAM_LOOP') });
    expect(await ended(proxy)).toMatchObject({ ...upstreamFailure, error: { code: 'WAYLAY_UPSTREAM_LOOP' } });
  });
});

test('CONNECT to the proxy itself is refused with the reason', async () => {
  const proxy = await testProxy();
  await expect(connectThrough(proxy.port, `127.0.0.1:${proxy.port}`)).rejects.toThrow(/502.*WAYLAY_UPSTREAM_LOOP/s);
  expect(await ended(proxy)).toMatchObject({ ...upstreamFailure, error: { code: 'WAYLAY_UPSTREAM_LOOP' } });
});

describe('with broken certificates', () => {
  const DAY = 86_400_000;
  const at = (days: number) => new Date(Math.floor(Date.now() / 1000) * 1000 + days * DAY);
  const key = createSigningKey();
  const issuer = (commonName: string): Issuer & { pem: string } => {
    const own: Issuer = { name: { commonName }, key: createSigningKey() };
    const content = {
      subject: own.name,
      key: own.key,
      notBefore: at(-10),
      notAfter: at(10),
      use: 'authority',
    } as const;
    return { ...own, pem: certificatePem(buildCertificate(content, own)) };
  };
  const root = issuer('Root');
  const stranger = issuer('Stranger');

  interface Broken {
    from?: number;
    to?: number;
    name?: string;
    by?: Issuer;
  }

  function contextOf({ from = -5, to = 5, name = 'shop.test', by = root }: Broken): SecureContext {
    const content = {
      subject: { commonName: name, organization: 'Shop' },
      key,
      notBefore: at(from),
      notAfter: at(to),
      use: { dnsNames: [name], ipAddresses: [] },
    };
    return createSecureContext({ key: key.pem, cert: certificatePem(buildCertificate(content, by)) });
  }

  function directly(port: number): Promise<string | undefined> {
    return new Promise((resolve) => {
      const socket = tlsConnect({ port, host: '127.0.0.1', servername: 'shop.test', ca: root.pem });
      socket.once('secureConnect', () => {
        socket.destroy();
        resolve(undefined);
      });
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    });
  }

  const cases: [string, Broken, string, RegExp][] = [
    ['expired', { from: -20, to: -10 }, 'CERT_HAS_EXPIRED', /expired on/],
    ['not yet valid', { from: 10, to: 20 }, 'CERT_NOT_YET_VALID', /not valid before/],
    ['for another host', { name: 'other.test' }, 'ERR_TLS_CERT_ALTNAME_INVALID', /but for other\.test/],
    [
      'self-signed',
      { by: { name: { commonName: 'shop.test', organization: 'Shop' }, key } },
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      /self-signed/,
    ],
    ['of an unknown issuer', { by: stranger }, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', /not issued by a trusted authority/],
  ];

  async function start(broken: Broken, options: ProxyOptions = {}): Promise<{ proxy: RunningProxy; port: number }> {
    const context = contextOf(broken);
    const origin = await httpsOrigin((_, response) => response.end('sound'), {
      leaf: { pem: '', context },
    });
    const proxy = await proxyFor(origin.port, { trustedRoots: root.pem, ...options });
    return { proxy, port: origin.port };
  }

  test('a sound certificate passes, directly and through the proxy', async () => {
    const { proxy, port } = await start({});
    expect(await directly(port)).toBeUndefined();
    expect((await shopThrough(proxy, 'http/1.1')).authorized).toBe(true);
  });

  describe.each(cases)('%s', (_, broken, code, words) => {
    // Before TLS 1.3 the server's handshake is over when the client judges.
    test.each(['TLSv1.2', 'TLSv1.3'] as const)(
      'a client that trusts the proxy sees the same fault as without it (%s)',
      async (maxVersion) => {
        const { proxy, port } = await start(broken);
        expect(await directly(port)).toBe(code);
        await expect(
          tlsThrough(proxy.port, 'shop.test:443', { servername: 'shop.test', ca: proxy.caPem, maxVersion }),
        ).rejects.toMatchObject({ code });
        const exchange = await ended(proxy);
        expect(exchange).toMatchObject(upstreamFailure);
        expect(exchange.error).toMatchObject({ code: 'WAYLAY_UPSTREAM_CERTIFICATE', authority: 'shop.test:443' });
        expect(exchange.error?.message).toMatch(words);
        expect(exchange.error?.message).toContain(`(${code})`);
      },
    );

    test('a client that does not verify gets through, and nothing failed', async () => {
      const { proxy } = await start(broken);
      const socket = await tlsThrough(proxy.port, 'shop.test:443', {
        servername: 'shop.test',
        rejectUnauthorized: false,
        ALPNProtocols: ['http/1.1'],
      });
      const client = new RawClient(socket);
      client.write('GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n');
      await client.until(/sound/);
      client.write(GET);
      expect(await client.end()).toMatch(/sound.*sound/s);
      expect(proxy.journal.exchanges.map(({ source }) => source)).toEqual(['upstream', 'upstream']);
      expect(proxy.journal.exchanges[0]?.upstream?.certificate?.defect).toContain(code);
    });

    test('a client that does not verify gets through over HTTP/2, and nothing failed', async () => {
      const { proxy } = await start(broken);
      const session = await sessionThrough(proxy, 'shop.test', { rejectUnauthorized: false });
      expect(await ask2(session)).toMatchObject({ status: 200, rstCode: 0 });
      session.destroy();
      await ended(proxy);
      expect(proxy.journal.exchanges.map(({ source }) => source)).toEqual(['upstream']);
    });

    test('ignoreHTTPSErrors gives a sound leaf', async () => {
      const { proxy } = await start(broken, { ignoreHTTPSErrors: true });
      const socket = await shopThrough(proxy, 'http/1.1');
      expect(socket.authorized).toBe(true);
      const client = new RawClient(socket);
      client.write('GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n');
      await client.until(/sound/);
      expect(proxy.journal.exchanges[0]?.error).toBeUndefined();
    });

    test('upstreamErrors: respond tells the reason', async () => {
      const { proxy } = await start(broken, { upstreamErrors: 'respond' });
      const seen = await clients['HTTP/1.1 over TLS'](proxy);
      expect(seen.status).toBe(502);
      expect(seen.text).toMatch(/\r\n\r\nWAYLAY_UPSTREAM_CERTIFICATE: /);
      expect(seen.text).toMatch(words);
      expect(await ended(proxy)).toMatchObject({ ...upstreamFailure, error: { code: 'WAYLAY_UPSTREAM_CERTIFICATE' } });
    });

    test('it is not accepted where no client was shown it', async () => {
      const context = contextOf(broken);
      const origin = await httpsOrigin((_, response) => response.end('sound'), { leaf: { pem: '', context } });
      const proxy = await testProxy(
        { hosts: { 'shop.test': `127.0.0.1:${origin.port}` }, trustedRoots: root.pem },
        { onRequest: () => ({ action: 'forward', change: { url: 'https://shop.test/' } }) },
      );
      const client = dialTcp(proxy.port);
      client.write('GET http://elsewhere.test/ HTTP/1.1\r\nHost: elsewhere.test\r\n\r\n');
      expect(await seenBy(client)).toMatchObject({ status: undefined, failure: 'reset' });
      expect(await ended(proxy)).toMatchObject({ ...upstreamFailure, error: { code: 'WAYLAY_UPSTREAM_CERTIFICATE' } });
    });
  });
});

describe('an authority that a rule may answer for needs no upstream', () => {
  const answering: Partial<Interceptor> = {
    mayAnswer: () => true,
    onRequest: ({ request }) => ({
      action: 'answer',
      answer: {
        status: 418,
        statusText: 'Teapot',
        headers: ['X-Url', request.url],
        body: Buffer.from('short and stout'),
      },
    }),
  };

  test.each(kinds)('to answer over %s', async (kind) => {
    const origin = await httpOrigin((_, response) => response.end('never'));
    const proxy = await testProxy({ hosts: { 'shop.test': `127.0.0.1:${origin.port}` } }, answering);
    const seen = await clients[kind](proxy);
    expect(seen).toMatchObject({ status: 418, failure: undefined });
    expect(seen.text).toContain('short and stout');
    expect(seen.text).toContain(kind === 'plain HTTP' ? 'http://shop.test/' : 'https://shop.test/');
    expect(await ended(proxy)).toMatchObject({ source: 'stub', error: undefined, upstream: undefined });
    expect(origin.connections()).toBe(0);
  });

  test.each(kinds)('nor a name that resolves, over %s', async (kind) => {
    const proxy = await testProxy({}, answering);
    expect(await clients[kind](proxy)).toMatchObject({ status: 418 });
  });

  test('though a request fails that needs one that cannot be reached', async () => {
    const proxy = await testProxy(
      { hosts: { 'shop.test': `127.0.0.1:${await closedPort()}` } },
      {
        ...answering,
        onRequest: (exchange, incoming) =>
          exchange.request.url.endsWith('/stub') ? answering.onRequest?.(exchange, incoming) : undefined,
      },
    );
    const session = await sessionThrough(proxy);
    const [missing, stubbed] = await Promise.all([ask2(session), ask2(session, { ':path': '/stub' })]);
    expect(missing.status).toBeUndefined();
    expect(missing.rstCode).not.toBe(0);
    expect(stubbed.status).toBe(418);
    expect((await ended(proxy, 0)).error?.code).toBe('WAYLAY_UPSTREAM_REFUSED');
    session.destroy();
    await once(session, 'close');
  });
});
