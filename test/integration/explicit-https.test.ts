import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect as http2Connect } from 'node:http2';
import { connect as connectTls, createSecureContext, type TLSSocket } from 'node:tls';
import asn1, { type Asn1 } from 'node-forge/lib/asn1.js';
import { describe, expect, onTestFinished, test } from 'vitest';
import { SILENCE } from '../../src/downstream/connection.js';
import { buildCertificate, certificatePem } from '../../src/tls/certificate.js';
import { createSigningKey } from '../../src/tls/signing-key.js';
import { connectThrough, dialTcp, RawClient, tlsThrough } from '../client.js';
import { clientHello } from '../client-hello-bytes.js';
import { ManualClock } from '../manual-clock.js';
import { httpOrigin, httpsOrigin, publicAuthority, serverLeaf, tcpServer, testProxy, tlsServer } from '../servers.js';

// A handshake record: the ServerHello.
const HANDSHAKE = new RegExp(String.fromCharCode(0x16, 0x03));
const request = (path = '/') => `GET ${path} HTTP/1.1\r\nHost: shop.test\r\n\r\n`;

function names(socket: TLSSocket): string {
  return new X509Certificate(socket.getPeerCertificate().raw).subjectAltName ?? '';
}

describe('in CONNECT, and inside of it,', () => {
  test('HTTP/1.1 over TLS travels over the upstream connection that the ClientHello had opened', async () => {
    const origin = await httpsOrigin((req, res) => res.end(`${req.method} ${req.url} ${req.headers.host}`), {
      name: 'shop.test',
    });
    const proxy = await testProxy({ hosts: { 'shop.test': `127.0.0.1:${origin.port}` } });
    const socket = await tlsThrough(proxy.port, 'shop.test:443', {
      servername: 'shop.test',
      ca: proxy.caPem,
      ALPNProtocols: ['http/1.1'],
    });
    const client = new RawClient(socket);
    client.write(request('/a'));
    await client.until(/GET \/a shop.test/);
    client.write(request('/b'));
    await client.until(/GET \/b shop.test/);
    expect(origin.connections()).toBe(1);
    expect(
      proxy.journal.exchanges.map(({ request, upstream }) => [request.url, upstream?.reused, upstream?.tls?.alpn]),
    ).toEqual([
      ['https://shop.test/a', false, 'http/1.1'],
      ['https://shop.test/b', true, 'http/1.1'],
    ]);
  });

  test.each([
    ['h2', ['h2', 'http/1.1'], ['h2', 'http/1.1'], 'h2'],
    ['http/1.1, because upstream speaks no other', ['h2', 'http/1.1'], ['http/1.1'], 'http/1.1'],
    ['http/1.1, because the client offers no other', ['http/1.1'], ['h2', 'http/1.1'], 'http/1.1'],
    ['nothing, because the client offers nothing', [], ['h2', 'http/1.1'], false],
  ])('ALPN is mirrored: %s', async (_, offered, spoken, agreed) => {
    const origin = await httpsOrigin((_, res) => res.end('ok'), { name: 'shop.test', alpn: spoken });
    const proxy = await testProxy({ hosts: { 'shop.test': `127.0.0.1:${origin.port}` } });
    const socket = await tlsThrough(proxy.port, 'shop.test:443', {
      servername: 'shop.test',
      ca: proxy.caPem,
      ...(offered.length > 0 && { ALPNProtocols: offered }),
    });
    expect(socket.alpnProtocol).toBe(agreed);
  });

  test('HTTP/2 streams share one upstream session; fields are kept in order', async () => {
    const origin = await httpsOrigin(
      (req, res) => {
        res.setHeader('x-seen', JSON.stringify(req.rawHeaders));
        res.setHeader('set-cookie', ['a=1', 'b=2']);
        res.end(`${req.httpVersion} ${req.url}`);
      },
      { name: 'shop.test' },
    );
    const proxy = await testProxy({ hosts: { 'shop.test': `127.0.0.1:${origin.port}` } });
    const socket = await tlsThrough(proxy.port, 'shop.test:443', {
      servername: 'shop.test',
      ca: proxy.caPem,
      ALPNProtocols: ['h2'],
    });
    const session = http2Connect('https://shop.test', { createConnection: () => socket });
    const bodies = await Promise.all(
      ['/1', '/2', '/3'].map(async (path) => {
        const stream = session.request({
          ':authority': 'shop.test',
          ':path': path,
          'x-b': '1',
          'x-a': '2',
          cookie: ['c=1', 'd=2'],
        });
        const [headers] = (await once(stream, 'response')) as [Record<string, string>];
        expect(JSON.parse(headers['x-seen'] ?? '')).toEqual([
          // Fields that the client left out, node:http2 adds last.
          ':authority',
          'shop.test',
          ':path',
          path,
          ':method',
          'GET',
          ':scheme',
          'https',
          'x-b',
          '1',
          'x-a',
          '2',
          'cookie',
          'c=1',
          'cookie',
          'd=2',
        ]);
        expect(headers['set-cookie']).toEqual(['a=1', 'b=2']);
        let body = '';
        for await (const chunk of stream) body += chunk;
        return body;
      }),
    );
    session.destroy();
    expect(bodies).toEqual(['2.0 /1', '2.0 /2', '2.0 /3']);
    expect(origin.connections()).toBe(1);
    expect(proxy.journal.exchanges[0]?.response?.headers['set-cookie']).toBe('a=1\nb=2');
  });

  test('the upstream is asked with the client’s SNI, and shows the certificate for it', async () => {
    const other = serverLeaf('other.test');
    const origin = await tlsServer(serverLeaf('shop.test'), (socket) => socket.end(`for ${socket.servername}`));
    const proxy = await testProxy({ hosts: { '*.test': `127.0.0.1:${origin.port}` } });
    expect(other.pem).not.toBe(serverLeaf('shop.test').pem);
    const socket = await tlsThrough(proxy.port, 'ignored.test:443', { servername: 'shop.test', ca: proxy.caPem });
    expect(names(socket)).toContain('DNS:shop.test');
    const client = new RawClient(socket);
    client.write('\x00not http');
    expect(await client.end()).toBe('for shop.test');
  });

  test('a bare address without SNI gets the names that upstream shows, and the address', async () => {
    const origin = await httpsOrigin((_, res) => res.end('ok'), {
      leaf: serverLeaf('127.0.0.1', upstreamWith(['shop.test', '*.cdn.test'], ['127.0.0.1'])),
    });
    const proxy = await testProxy();
    const socket = await tlsThrough(proxy.port, `127.0.0.1:${origin.port}`, {
      ca: proxy.caPem,
      host: '127.0.0.1',
      ALPNProtocols: ['http/1.1'],
    });
    expect(names(socket).split(', ').sort()).toEqual(['DNS:*.cdn.test', 'DNS:shop.test', 'IP Address:127.0.0.1']);
    const client = new RawClient(socket);
    client.write(request());
    await client.until(/ok/);
    expect(proxy.journal.exchanges[0]?.destination).toEqual({
      host: '127.0.0.1',
      port: origin.port,
      source: 'connect',
    });
  });

  test('a ClientHello in the same packet as CONNECT is not lost', async () => {
    const origin = await httpsOrigin((_, res) => res.end('ok'), { name: 'shop.test' });
    const proxy = await testProxy({ hosts: { 'shop.test': `127.0.0.1:${origin.port}` } });
    const client = dialTcp(proxy.port);
    const hello = await clientHello({ servername: 'shop.test' });
    client.write(Buffer.concat([Buffer.from('CONNECT shop.test:443 HTTP/1.1\r\n\r\n'), hello]));
    await client.until(HANDSHAKE);
  });

  test('a stray line break between CONNECT and TLS is dropped', async () => {
    const origin = await httpsOrigin((_, res) => res.end('ok'), { name: 'shop.test' });
    const proxy = await testProxy({ hosts: { 'shop.test': `127.0.0.1:${origin.port}` } });
    const client = dialTcp(proxy.port);
    client.write('CONNECT shop.test:443 HTTP/1.1\r\n\r\n\r\n');
    await client.until(/Established/);
    client.write(await clientHello({ servername: 'shop.test' }));
    await client.until(HANDSHAKE);
  });

  test('a ClientHello split into many records and packets keeps its SNI', async () => {
    const origin = await httpsOrigin((_, res) => res.end('ok'), { name: 'shop.test' });
    const proxy = await testProxy({ hosts: { 'shop.test': `127.0.0.1:${origin.port}` } });
    const client = new RawClient(
      await connectThrough(proxy.port, '127.0.0.1:1'.replace('127.0.0.1:1', 'shop.test:443')),
    );
    const hello = await clientHello({ servername: 'shop.test' });
    const message = hello.subarray(5);
    for (let i = 0; i < message.length; i += 40) {
      const part = message.subarray(i, i + 40);
      client.write(Buffer.concat([Buffer.from([0x16, 0x03, 0x01, 0, part.length]), part]));
    }
    await client.until(HANDSHAKE);
  });

  test('plain HTTP inside a tunnel is read', async () => {
    const origin = await httpOrigin((req, res) => res.end(`plain ${req.url}`));
    const proxy = await testProxy();
    const client = new RawClient(await connectThrough(proxy.port, `127.0.0.1:${origin.port}`));
    client.write(request('/in'));
    await client.until(/plain \/in/);
    expect(proxy.journal.exchanges[0]?.request.url).toBe('http://shop.test/in');
    expect(origin.connections()).toBe(1);
  });

  test('HTTP/2 by prior knowledge inside a tunnel is read', async () => {
    const { createServer } = await import('node:http2');
    const server = createServer((req, res) => res.end(`h2c ${req.url}`));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const proxy = await testProxy();
    const socket = await connectThrough(proxy.port, `127.0.0.1:${port}`);
    const session = http2Connect('http://shop.test', { createConnection: () => socket });
    const stream = session.request({ ':path': '/x' });
    let body = '';
    for await (const chunk of stream) body += chunk;
    session.destroy();
    server.close();
    expect(body).toBe('h2c /x');
    expect(proxy.journal.exchanges[0]?.request).toMatchObject({ httpVersion: '2.0', url: 'http://shop.test/x' });
  });

  test('what is neither TLS nor HTTP is relayed as it is, and recorded as a tunnel', async () => {
    const origin = await tcpServer((socket) =>
      socket.on('data', (chunk) => socket.end(Buffer.concat([Buffer.from('echo:'), chunk]))),
    );
    const proxy = await testProxy();
    const client = new RawClient(await connectThrough(proxy.port, `127.0.0.1:${origin.port}`));
    client.write('\x00\x01\x02EHLO');
    expect(await client.end()).toBe('echo:\x00\x01\x02EHLO');
    expect(await proxy.journal.exchanges[0]?.finished()).toMatchObject({ source: 'tunnel', ended: true });
  });

  test('a server that speaks first is heard', async () => {
    const origin = await tcpServer((socket) => {
      socket.write('220 ready\r\n');
      socket.once('data', () => socket.end('221 bye\r\n'));
    });
    const proxy = await testProxy();
    const client = new RawClient(await connectThrough(proxy.port, `127.0.0.1:${origin.port}`));
    await client.until(/220 ready/);
    client.write('QUIT\r\n');
    expect(await client.end()).toBe('220 ready\r\n221 bye\r\n');
  });

  test('a server that speaks first is heard where a stub may speak for it, after a silence', async () => {
    const origin = await tcpServer((socket) => socket.write('220 ready\r\n'));
    const clock = new ManualClock();
    const proxy = await testProxy({}, { mayAnswer: () => true }, { clock });
    const client = new RawClient(await connectThrough(proxy.port, `127.0.0.1:${origin.port}`));
    await clock.timer();
    expect(origin.connections()).toBe(0);
    clock.advance(SILENCE);
    await client.until(/220 ready/);
    expect(proxy.journal.exchanges).toMatchObject([{ source: 'tunnel' }]);
  });

  test('HTTPS inside HTTPS is the same step twice', async () => {
    const origin = await httpsOrigin((_, res) => res.end('inner'), { name: 'shop.test' });
    const proxy = await testProxy({ hosts: { 'shop.test': `127.0.0.1:${origin.port}` } });
    const { connect } = await import('node:tls');
    const outer = connect({ port: proxy.port, host: '127.0.0.1', ca: proxy.caPem });
    await once(outer, 'secureConnect');
    outer.write('CONNECT shop.test:443 HTTP/1.1\r\n\r\n');
    const [head] = (await once(outer, 'data')) as [Buffer];
    expect(head.toString()).toMatch(/^HTTP\/1.1 200/);
    const inner = connect({ socket: outer, servername: 'shop.test', ca: proxy.caPem, ALPNProtocols: ['http/1.1'] });
    await once(inner, 'secureConnect');
    const client = new RawClient(inner);
    client.write(request());
    await client.until(/inner/);
    outer.destroy();
  });

  test('hosts of tlsPassthrough keep their own certificate', async () => {
    const origin = await httpsOrigin((_, res) => res.end('ok'), { name: 'bank.test' });
    const proxy = await testProxy({
      hosts: { 'bank.test': `127.0.0.1:${origin.port}` },
      tlsPassthrough: ['bank.test'],
    });
    const socket = await tlsThrough(proxy.port, 'bank.test:443', { servername: 'bank.test', ca: publicAuthority.pem });
    expect(socket.authorized).toBe(true);
    expect(proxy.journal.exchanges[0]?.source).toBe('tunnel');
  });

  test.each([
    ['sound', true],
    ['broken', false],
  ])('the subject of a certificate that is %s is the upstream’s, attribute by attribute', async (_, trusted) => {
    const text = (id: string, value: string, type = 12): Asn1 =>
      asn1.create(0, 16, true, [
        asn1.create(0, 6, false, asn1.oidToDer(id).getBytes()),
        asn1.create(0, type, false, Buffer.from(value).toString('latin1')),
      ]);
    const set = (...attributes: Asn1[]): Asn1 => asn1.create(0, 17, true, attributes);
    const subject = asn1.create(0, 16, true, [
      set(text('2.5.4.6', 'DE', 19)), // C
      set(text('2.5.4.8', 'Köln')), // ST
      set(text('2.5.4.10', 'The Shop')), // O
      set(text('2.5.4.10', 'Holding')),
      set(text('2.5.4.11', 'One'), text('2.5.4.11', 'Two')), // OU
      set(text('2.5.4.3', 'shop.test')), // CN
      set(text('2.5.4.3', 'www.shop.test')),
    ]);
    const key = createSigningKey();
    const day = 86_400_000;
    const name = { der: asn1.toDer(subject).getBytes() };
    const use = { dnsNames: ['shop.test'], ipAddresses: [] };
    const [notBefore, notAfter] = [new Date(Date.now() - day), new Date(Date.now() + day)];
    const pem = certificatePem(buildCertificate({ subject: name, key, notBefore, notAfter, use }, { name, key }));
    const context = createSecureContext({ key: key.pem, cert: pem });
    const origin = await httpsOrigin((_, res) => res.end('ok'), { leaf: { pem, context } });
    const proxy = await testProxy({
      hosts: { 'shop.test': `127.0.0.1:${origin.port}` },
      ...(trusted && { trustedRoots: pem }),
    });

    const direct = await tlsTo(origin.port);
    const proxied = await tlsThrough(proxy.port, 'shop.test:443', {
      servername: 'shop.test',
      ca: proxy.caPem,
      rejectUnauthorized: trusted,
    });

    const [before, after] = [direct, proxied].map((socket) => socket.getPeerX509Certificate());
    expect(before?.subject).toBe(
      'C=DE\nST=Köln\nO=The Shop\nO=Holding\nOU=One + OU=Two\nCN=shop.test\nCN=www.shop.test',
    );
    expect(after?.subject).toBe(before?.subject);
    expect(after?.raw.includes(Buffer.from(name.der, 'latin1'))).toBe(true);
    expect(after?.subjectAltName).toBe(trusted ? 'DNS:shop.test, DNS:www.shop.test' : before?.subjectAltName);
  });

  test('parallel connections to one host get one and the same certificate', async () => {
    const origin = await httpsOrigin((_, res) => res.end('ok'), { name: 'shop.test' });
    const proxy = await testProxy({ hosts: { 'shop.test': `127.0.0.1:${origin.port}` } });
    const sockets = await Promise.all(
      Array.from({ length: 6 }, () =>
        tlsThrough(proxy.port, 'shop.test:443', { servername: 'shop.test', ca: proxy.caPem }),
      ),
    );
    expect(new Set(sockets.map((socket) => socket.getPeerCertificate().serialNumber)).size).toBe(1);
  });
});

async function tlsTo(port: number): Promise<TLSSocket> {
  const socket = connectTls({ host: '127.0.0.1', port, servername: 'shop.test', rejectUnauthorized: false });
  onTestFinished(() => void socket.destroy());
  await once(socket, 'secureConnect');
  return socket;
}

function upstreamWith(dnsNames: string[], ipAddresses: string[]) {
  const now = Date.now();
  return {
    commonName: dnsNames[0],
    organization: 'Shop',
    dnsNames,
    ipAddresses,
    validFrom: new Date(now - 86_400_000),
    validTo: new Date(now + 30 * 86_400_000),
    defect: undefined,
    info: {
      subject: '',
      issuer: '',
      subjectAltName: '',
      validFrom: new Date(),
      validTo: new Date(),
      defect: undefined,
    },
  };
}
