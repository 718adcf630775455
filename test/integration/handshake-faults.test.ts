/** Handshakes that the interceptor lets fail: what Node sees of them, and what the journal keeps. */
import { X509Certificate } from 'node:crypto';
import { connect as http2Connect } from 'node:http2';
import { type ConnectionOptions, type SecureVersion, type TLSSocket, connect as tlsConnect } from 'node:tls';
import { describe, expect, test, vi } from 'vitest';
import { TestError } from '../../src/errors.js';
import type { Handshake, HandshakeFault, Interceptor } from '../../src/interceptor.js';
import type { ProxyOptions } from '../../src/options.js';
import { ALERTS, type AlertName, alertOf } from '../../src/tls/alert.js';
import { connectThrough, dialTcp, RawClient, tlsThrough } from '../client.js';
import { VERSIONS } from '../exchange-client.js';
import { closedPort, httpsOrigin, serverLeaf, tcpServer, testProxy } from '../servers.js';
import { ask2, ended, reached, sessionThrough, shopThrough } from './traffic.js';

const error = new TestError('WAYLAY_FAULT', 'The test asked for it.');
const DEFECTS = [
  ['expired', 'CERT_HAS_EXPIRED'],
  ['wrong-host', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ['self-signed', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
] as const;
type Defect = (typeof DEFECTS)[number][0];

/** A proxy in front of shop.test, in whose handshakes the fault happens. */
async function shop(
  fault: (handshake: Handshake) => HandshakeFault | undefined,
  { options = {}, interceptor = {} }: { options?: ProxyOptions; interceptor?: Partial<Interceptor> } = {},
) {
  const origin = await httpsOrigin((request, response) => response.end(String(request.headers['x-echo'])), {
    name: 'shop.test',
  });
  const onHandshake = vi.fn(fault);
  const hosts = { 'shop.test': `127.0.0.1:${origin.port}`, '127.0.0.2': `127.0.0.1:${origin.port}` };
  const proxy = await testProxy({ hosts, ...options }, { ...interceptor, onHandshake });
  const journal = () =>
    proxy.journal.exchanges.map(({ request, source, error }) => [request.method, request.url, source, error?.code]);
  return { origin, proxy, onHandshake, journal };
}

const failed = (code: string) => ['CONNECT', 'https://shop.test/', 'failed', code];

/** The error that the client reports. */
async function refusal(handshake: Promise<TLSSocket>): Promise<NodeJS.ErrnoException> {
  try {
    await handshake;
  } catch (cause) {
    return cause as NodeJS.ErrnoException;
  }
  throw new Error('The handshake succeeded.');
}

describe.each(VERSIONS)('a client of %s', (version) => {
  describe.each<SecureVersion>(['TLSv1.2', 'TLSv1.3'])('over %s', (tls) => {
    const versions = { minVersion: tls, maxVersion: tls };

    test.each<AlertName>(['handshake_failure', 'certificate_unknown', 'internal_error', 'unrecognized_name'])(
      'is sent the alert %s',
      async (name) => {
        const { proxy, onHandshake, journal } = await shop(() => ({ alert: ALERTS[name], error }));
        const options = { ca: proxy.caPem, ...versions };
        expect(alertOf(await refusal(shopThrough(proxy, version, undefined, options)))).toBe(ALERTS[name]);
        expect((await ended(proxy)).error).toBe(error);
        expect(journal()).toEqual([failed('WAYLAY_FAULT')]);
        expect(onHandshake.mock.calls).toEqual([[{ host: 'shop.test', port: 443, serverName: 'shop.test' }]]);
      },
    );

    test.each(DEFECTS)('finds that the leaf is %s', async (leaf, code) => {
      const { origin, proxy, onHandshake, journal } = await shop(() => ({ leaf, error }));
      const options = { ca: proxy.caPem, ...versions };
      expect((await refusal(shopThrough(proxy, version, undefined, options))).code).toBe(code);
      expect((await ended(proxy)).error).toBe(error);
      // Another connection: each is recorded, and once.
      await refusal(shopThrough(proxy, version, undefined, options));
      const [first, second] = [await ended(proxy, 0), await ended(proxy, 1)];
      expect(first.client.port).not.toBe(second.client.port);
      expect(journal()).toEqual([failed('WAYLAY_FAULT'), failed('WAYLAY_FAULT')]);
      expect(onHandshake).toHaveBeenCalledTimes(2);
      // Dialled for the CONNECTs, and then not asked.
      expect(origin.connections()).toBe(2);
    });

    test.each(DEFECTS)('goes on although the leaf is %s', async (leaf) => {
      const { proxy, journal } = await shop(() => ({ leaf, error }));
      const options = { rejectUnauthorized: false, ...versions };
      const body = await get(proxy, version, options);
      expect(body).toContain('hello');
      expect((await ended(proxy)).source).toBe('upstream');
      expect(journal()).toEqual([['GET', 'https://shop.test/', 'upstream', undefined]]);
    });
  });

  test('that resumes the session of a sound leaf is shown the other one', async () => {
    let fault: HandshakeFault | undefined;
    const { proxy } = await shop(() => fault);
    const before = await shopThrough(proxy, version);
    const [session] = await new Promise<[Buffer]>((resolve) => before.once('session', (ticket) => resolve([ticket])));
    fault = { leaf: 'expired', error };
    const after = await refusal(shopThrough(proxy, version, undefined, { ca: proxy.caPem, session }));
    expect(after.code).toBe('CERT_HAS_EXPIRED');
  });
});

/** The text of the response to a GET with `x-echo: hello`. */
async function get(
  proxy: Parameters<typeof shopThrough>[0],
  version: (typeof VERSIONS)[number],
  options: ConnectionOptions,
): Promise<string> {
  if (version === 'h2') {
    const session = await sessionThrough(proxy, undefined, options);
    return (await ask2(session, { 'x-echo': 'hello' })).body.toString();
  }
  const client = new RawClient(await shopThrough(proxy, version, undefined, options));
  client.write('GET / HTTP/1.1\r\nHost: shop.test\r\nX-Echo: hello\r\nConnection: close\r\n\r\n');
  return client.end();
}

describe('the leaf', () => {
  async function leafOf(leaf: Defect, name?: string): Promise<X509Certificate & { spki: string; pinned: string }> {
    const { proxy } = await shop(() => ({ leaf, error }));
    const socket = await tlsThrough(proxy.port, `${name ?? '127.0.0.2'}:443`, {
      rejectUnauthorized: false,
      ...(name !== undefined && { servername: name }),
    });
    const certificate = new X509Certificate(socket.getPeerCertificate().raw);
    const der = certificate.publicKey.export({ type: 'spki', format: 'der' });
    const hash = await crypto.subtle.digest('SHA-256', new Uint8Array(der));
    return Object.assign(certificate, { spki: Buffer.from(hash).toString('base64'), pinned: proxy.spki });
  }

  test.each([
    ['expired', 'shop.test', 'DNS:shop.test'],
    ['expired', undefined, 'IP Address:127.0.0.2'],
    ['wrong-host', 'shop.test', 'DNS:wrong.host.invalid'],
    ['wrong-host', undefined, 'DNS:wrong.host.invalid'],
    ['self-signed', 'shop.test', 'DNS:shop.test'],
    ['self-signed', undefined, 'IP Address:127.0.0.2'],
  ] as const)(
    'that is %s, asked for by %s, is for %s, and its key is not the pinned one',
    async (leaf, name, names) => {
      const certificate = await leafOf(leaf, name);
      expect(certificate.subjectAltName).toBe(names);
      expect(certificate.spki).not.toBe(certificate.pinned);
      expect(certificate.verify(certificate.publicKey)).toBe(leaf === 'self-signed');
      expect(certificate.issuer.includes('Waylay CA')).toBe(leaf !== 'self-signed');
      expect(Date.parse(certificate.validTo) < Date.now()).toBe(leaf === 'expired');
    },
  );
});

describe('the upstream', () => {
  const mayAnswer = () => true;

  test.each<{ what: string; fault: HandshakeFault }>([
    { what: 'an alert', fault: { alert: ALERTS.access_denied, error } },
    { what: 'a leaf', fault: { leaf: 'expired', error } },
  ])('is not dialled where it need not exist ($what)', async ({ fault }) => {
    const hosts = { 'shop.test': `127.0.0.1:${await closedPort()}` };
    const { proxy, journal } = await shop(() => fault, { options: { hosts }, interceptor: { mayAnswer } });
    await refusal(shopThrough(proxy, 'h2'));
    expect((await ended(proxy)).upstream).toBeUndefined();
    expect(journal()).toEqual([failed('WAYLAY_FAULT')]);
  });

  test('that was dialled for the CONNECT is sent nothing, and let go of with the alert', async () => {
    const seen: string[] = [];
    let onGone = () => {};
    const gone = new Promise<void>((resolve) => {
      onGone = resolve;
    });
    const server = await tcpServer((socket) => {
      socket.on('data', (chunk) => seen.push(chunk.toString('hex')));
      socket.on('close', onGone);
      socket.on('end', () => socket.end());
    });
    const { proxy } = await shop(() => ({ alert: ALERTS.handshake_failure, error }), {
      options: { hosts: { 'shop.test': `127.0.0.1:${server.port}` } },
    });
    // This client does not close its connection because of an alert.
    const client = new RawClient(await connectThrough(proxy.port, 'shop.test:443'));
    tlsConnect({ socket: client.socket, servername: 'shop.test' }).on('error', () => {});
    await gone;
    expect(seen).toEqual([]);
  });

  test("is still verified where the client did not mind the test's leaf", async () => {
    const leaf = serverLeaf('other.test');
    const origin = await httpsOrigin((_, response) => response.end('secret'), { leaf });
    const hosts = { 'shop.test': `127.0.0.1:${origin.port}` };
    const { proxy } = await shop(() => ({ leaf: 'expired', error }), { options: { hosts } });
    expect(await get(proxy, 'http/1.1', { rejectUnauthorized: false })).not.toContain('secret');
    expect((await ended(proxy)).error?.code).toBe('WAYLAY_UPSTREAM_CERTIFICATE');
  });

  test('that fails does not hide the fault', async () => {
    const hosts = { 'shop.test': `127.0.0.1:${await closedPort()}` };
    const options: ProxyOptions = { hosts, upstreamErrors: 'respond' };
    const { proxy, journal } = await shop(() => ({ alert: ALERTS.unknown_ca, error }), { options });
    expect(alertOf(await refusal(shopThrough(proxy, 'http/1.1')))).toBe(ALERTS.unknown_ca);
    expect(journal()).toEqual([failed('WAYLAY_FAULT')]);
  });
});

describe('an interceptor', () => {
  test.each([new Error('broken'), 'broken'])('that throws %o ends the handshake with internal_error', async (cause) => {
    let broken = true;
    const { proxy, journal } = await shop(() => {
      if (broken) throw cause;
      return undefined;
    });
    expect(alertOf(await refusal(shopThrough(proxy, 'h2')))).toBe(ALERTS.internal_error);
    const exchange = await ended(proxy);
    expect(exchange.error).toMatchObject({ code: 'WAYLAY_HANDLER', authority: 'shop.test:443', cause });
    expect(exchange.error?.message).toContain('the TLS handshake for shop.test:443 failed: ');
    expect(exchange.error?.message).toContain('broken');
    broken = false;
    expect(await get(proxy, 'h2', { ca: proxy.caPem })).toBe('hello');
    expect(journal()).toHaveLength(2);
  });

  test('is told what the client said: no name where it sent none', async () => {
    const { proxy, onHandshake } = await shop(() => undefined);
    await tlsThrough(proxy.port, '127.0.0.2:443', { rejectUnauthorized: false });
    await tlsThrough(proxy.port, '127.0.0.2:443', { rejectUnauthorized: false, servername: 'shop.test' });
    expect(onHandshake.mock.calls.map(([handshake]) => handshake)).toEqual([
      { host: '127.0.0.2', port: 443, serverName: undefined },
      { host: '127.0.0.2', port: 443, serverName: 'shop.test' },
    ]);
  });

  test('is not asked of hosts that are not intercepted, of plain HTTP, or of TLS to the proxy itself', async () => {
    const options = { tlsPassthrough: ['shop.test'] };
    const { proxy, onHandshake } = await shop(() => ({ alert: ALERTS.internal_error, error }), { options });
    await shopThrough(proxy, 'http/1.1', undefined, { rejectUnauthorized: false });
    await new Promise<void>((resolve, reject) => {
      const socket = tlsConnect({ port: proxy.port, host: '127.0.0.1', ca: proxy.caPem });
      socket.once('secureConnect', () => resolve(void socket.destroy()));
      socket.once('error', reject);
    });
    const plain = dialTcp(proxy.port);
    plain.write(`GET http://127.0.0.1:${await closedPort()}/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
    await plain.end();
    expect(onHandshake).not.toHaveBeenCalled();
  });
});

test('an HTTP/2 session that was begun before the handshake was over fails, and is recorded', async () => {
  const { proxy, journal } = await shop(() => ({ leaf: 'self-signed', error }));
  const socket = await connectThrough(proxy.port, 'shop.test:443');
  const session = http2Connect('https://shop.test', {
    createConnection: () => tlsConnect({ socket, servername: 'shop.test', ca: proxy.caPem, ALPNProtocols: ['h2'] }),
  });
  const stream = session.request({ ':path': '/' });
  const failures = [session, stream].map((emitter) => new Promise((resolve) => emitter.once('error', resolve)));
  const [failure] = (await Promise.all(failures)) as NodeJS.ErrnoException[];
  expect(failure?.code).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
  await reached(proxy, 'end');
  expect(journal()).toEqual([failed('WAYLAY_FAULT')]);
});

test('a connection that was sent an alert is closed with its client', async () => {
  const sockets = () => process.getActiveResourcesInfo().filter((type) => type === 'TCPSocketWrap').length;
  await vi.waitFor(() => expect(sockets()).toBe(0)); // of the tests before
  const { proxy } = await shop(() => ({ alert: ALERTS.handshake_failure, error }));
  for (let i = 0; i < 5; i += 1) await refusal(shopThrough(proxy, 'http/1.1'));
  await vi.waitFor(() => expect(sockets()).toBe(0));
});
