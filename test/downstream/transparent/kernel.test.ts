/** Clients that know nothing of a proxy, redirected by the kernel: `transparent: 'kernel'`. */
import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { serverLeaf } from '../../servers.js';
import { requireTool } from '../../tools.js';
import { NOWHERE, SERVERS } from './network.js';
import { at, http, https, ownNetwork, redirectedWaylay, serve, told } from './redirected.js';

const [SHOP, OTHER, SHOP6] = SERVERS;
const it = ownNetwork();

describe('plain HTTP', () => {
  test.each([
    ['by name', SHOP, 80, 'http://shop.test/a', at('shop.test', 80, SHOP), 'shop.test'],
    ['on an odd port', SHOP, 8123, 'http://shop.test:8123/a', at('shop.test', 8123, SHOP), 'shop.test:8123'],
    ['on the port of HTTPS', SHOP, 443, 'http://shop.test:443/a', at('shop.test', 443, SHOP), 'shop.test:443'],
    ['by bare address', SHOP, 80, `http://${SHOP}/a`, [], SHOP],
    ['over IPv6', SHOP6, 80, 'http://shop.test/a', at('shop.test', 80, SHOP6), 'shop.test'],
    ['by bare IPv6 address, on an odd port', SHOP6, 8123, `http://[${SHOP6}]:8123/a`, [], `[${SHOP6}]:8123`],
  ] as const)('is intercepted %s', async (_, host, port, url, args, named) => {
    await serve(http('plain'), host, port);
    const { waylay } = await redirectedWaylay(it.network);
    const { stdout, stderr } = await it.network.curl(...args, url);
    expect([stderr, stdout]).toEqual(['', `plain 1.1 ${named} /a`]);
    expect(told(waylay)).toEqual([{ url, source: 'upstream', to: `kernel ${host} ${port}` }]);
    expect(waylay.exchanges[0]?.client.address).toMatch(host === SHOP6 ? /^fd77::2$/ : /10\.77\.0\.2$/);
  });

  test('is intercepted over IPv4 alone, where the proxy listens on 0.0.0.0', async () => {
    await serve(http('plain'), SHOP, 80);
    const { waylay } = await redirectedWaylay(it.network, { host: '0.0.0.0' });
    expect((await it.network.curl(`http://${SHOP}/`)).stdout).toBe(`plain 1.1 ${SHOP} /`);
    expect(told(waylay)).toEqual([{ url: `http://${SHOP}/`, source: 'upstream', to: `kernel ${SHOP} 80` }]);
  });

  test('goes to what the host map has for its address', async () => {
    await serve(http('other'), OTHER, 8080);
    const { waylay } = await redirectedWaylay(it.network, { hosts: { [`${SHOP}:80`]: `${OTHER}:8080` } });
    expect((await it.network.curl(`http://${SHOP}/`)).stdout).toBe(`other 1.1 ${SHOP} /`);
    expect(waylay.exchanges[0]?.upstream).toMatchObject({ address: OTHER, port: 8080 });
  });

  test('has the URL of its address where a request has no Host', async () => {
    await serve(http('plain'), SHOP, 80);
    const { waylay } = await redirectedWaylay(it.network);
    const { stdout } = await it.network.curl('--http1.0', '-H', 'Host:', `http://${SHOP}/old`);
    // To the upstream it goes in HTTP/1.1, which has one (RFC 9112, section 3.2).
    expect(stdout).toBe(`plain 1.1 ${SHOP} /old`);
    expect(told(waylay).map(({ url }) => url)).toEqual([`http://${SHOP}/old`]);
  });
});

describe('HTTPS', () => {
  test.each([
    ['HTTP/2, by name', '--http2', SHOP, 443, 'https://shop.test/a', '2.0 shop.test'],
    ['HTTP/1.1, by name', '--http1.1', SHOP, 443, 'https://shop.test/a', '1.1 shop.test'],
    ['on an odd port', '--http2', SHOP, 8443, 'https://shop.test:8443/a', '2.0 shop.test:8443'],
    ['on the port of HTTP', '--http1.1', SHOP, 80, 'https://shop.test:80/a', '1.1 shop.test:80'],
    ['over IPv6', '--http2', SHOP6, 443, 'https://shop.test/a', '2.0 shop.test'],
  ] as const)('is intercepted: %s', async (_, version, host, port, url, seen) => {
    await serve(https('secure', 'shop.test'), host, port);
    const { waylay, ca } = await redirectedWaylay(it.network);
    const { stdout, stderr } = await it.network.curl(...ca, version, ...at('shop.test', port, host), url);
    expect([stderr, stdout]).toEqual(['', `secure ${seen} /a`]);
    expect(told(waylay)).toEqual([{ url, source: 'upstream', to: `kernel ${host} ${port}` }]);
    expect(waylay.exchanges[0]?.upstream?.tls?.serverName).toBe('shop.test');
  });

  test.each([SHOP, SHOP6])('is intercepted by bare address, without SNI: %s', async (address) => {
    await serve(https('secure', address), address, 443);
    const { waylay, ca } = await redirectedWaylay(it.network);
    const host = address.includes(':') ? `[${address}]` : address;
    const { stdout, stderr } = await it.network.curl(...ca, `https://${host}/a`);
    expect([stderr, stdout]).toEqual(['', `secure 2.0 ${host} /a`]);
    expect(told(waylay)).toEqual([{ url: `https://${host}/a`, source: 'upstream', to: `kernel ${address} 443` }]);
    expect(waylay.exchanges[0]?.upstream?.tls?.serverName).toBeUndefined();
  });

  test('without SNI has a leaf with the names of the upstream, which the client judges', async (ctx) => {
    requireTool(ctx, 'openssl');
    await serve(https('secure', 'shop.test'), SHOP, 443);
    const { waylay, caFile } = await redirectedWaylay(it.network);
    const verify = (name: string) =>
      it.network.client(
        'openssl',
        [
          ...['s_client', '-connect', `${SHOP}:443`, '-noservername', '-CAfile', caFile],
          ...['-verify_return_error', '-verify_hostname', name, '-quiet'],
        ],
        { input: 'GET /sniffed HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n' },
      );
    const right = await verify('shop.test');
    expect(right.stdout, right.stderr).toContain('secure 1.1 shop.test /sniffed');
    const wrong = await verify('other.test');
    expect([wrong.code, wrong.stdout]).toEqual([1, '']);
    // The address that curl asks for is not in the certificate either, with or without Waylay.
    const { stderr } = await it.network.curl('--cacert', caFile, `https://${SHOP}/`);
    expect(stderr).toMatch(/no alternative certificate subject name matches target host name '203\.0\.113\.10'/);
    expect(
      told(waylay)
        .filter(({ source }) => source === 'upstream')
        .map(({ url }) => url),
    ).toEqual(['https://shop.test/sniffed']);
  });

  test('with a broken certificate stays broken', async () => {
    const day = 86_400_000;
    const expired = serverLeaf('shop.test', {
      commonName: 'shop.test',
      organization: undefined,
      dnsNames: ['shop.test'],
      ipAddresses: [],
      validFrom: new Date(Date.now() - 20 * day),
      validTo: new Date(Date.now() - 10 * day),
      info: {} as never,
      defect: 'expired',
    });
    await serve(https('secure', 'shop.test', expired), SHOP, 443);
    const { waylay, ca } = await redirectedWaylay(it.network);
    const { code } = await it.network.curl(...ca, ...at('shop.test', 443, SHOP), 'https://shop.test/');
    expect(code).toBe(60);
    expect(told(waylay)).toMatchObject([{ source: 'failed', error: 'WAYLAY_UPSTREAM_CERTIFICATE' }]);
  });

  test('to hosts of tlsPassthrough shows their own certificate', async () => {
    await serve(https('secure', 'shop.test'), SHOP, 443);
    const { waylay, ca } = await redirectedWaylay(it.network, { tlsPassthrough: ['shop.test'] });
    const { code } = await it.network.curl(...ca, ...at('shop.test', 443, SHOP), 'https://shop.test/');
    expect(code).toBe(60);
    expect(told(waylay)).toMatchObject([{ source: 'tunnel', to: `kernel ${SHOP} 443` }]);
  });
});

describe('where the client’s words disagree', () => {
  test('SNI and Host are both kept, the address is dialled, and the exchange says so', async () => {
    await serve(https('shop', 'sni.test'), SHOP, 443);
    await serve(https('other', 'host.test'), OTHER, 443);
    const { waylay, ca } = await redirectedWaylay(it.network);
    const { stdout } = await it.network.curl(
      ...ca,
      ...at('sni.test', 443, SHOP),
      ...['-H', 'Host: host.test', 'https://sni.test/'],
    );
    expect(stdout).toBe('shop 2.0 host.test /');
    const disagreement = 'Host asks for host.test, SNI asks for sni.test.';
    expect(told(waylay)).toEqual([
      { url: 'https://host.test/', source: 'upstream', to: `kernel ${SHOP} 443`, disagreement },
    ]);
    expect(JSON.stringify(waylay.har())).toContain(disagreement);
  });

  test.each([
    [`Host: ${OTHER}`, `http://${OTHER}/`, `Host asks for ${OTHER}, the proxy dialled ${SHOP}:80.`],
    ['Host: shop.test:8080', 'http://shop.test:8080/', `Host asks for shop.test:8080, the proxy dialled ${SHOP}:80.`],
    ['Host: other.test', 'http://other.test/', undefined],
  ])('the exchange has the URL of its %s', async (field, url, disagreement) => {
    await serve(http('shop'), SHOP, 80);
    const { waylay } = await redirectedWaylay(it.network);
    const { stdout } = await it.network.curl('-H', field, `http://${SHOP}/`);
    expect(stdout).toBe(`shop 1.1 ${field.slice(6)} /`);
    expect(waylay.exchanges.map((exchange) => [exchange.request.url, exchange.disagreement])).toEqual([
      [url, disagreement],
    ]);
  });
});

describe('where it is neither HTTP nor TLS', () => {
  const say = (words: string) =>
    `const s = require('net').connect(Number(process.argv[2]), process.argv[1]); s.write(${JSON.stringify(words)});
     s.on('data', (d) => { process.stdout.write(d); s.end(); }).on('error', (e) => process.stdout.write(e.code));`;

  test.each([SHOP, SHOP6])('a server that speaks first is relayed: %s', async (address) => {
    const server = createServer((socket) => {
      socket.write('220 mail.test ESMTP\r\n');
      socket.on('error', () => {}).resume();
    });
    await serve(server, address, 2525);
    const { waylay } = await redirectedWaylay(it.network);
    const { stdout } = await it.network.client('node', ['-e', say(''), address, '2525']);
    expect(stdout).toBe('220 mail.test ESMTP\r\n');
    expect(told(waylay)).toMatchObject([{ source: 'tunnel', to: `kernel ${address} 2525` }]);
  });

  test('a server that speaks first is dialled where a stub could answer, once the client is silent', async () => {
    await serve(
      createServer((socket) => socket.on('error', () => {}).end('220 mail.test ESMTP\r\n')),
      SHOP,
      2525,
    );
    const { waylay } = await redirectedWaylay(it.network);
    waylay.stubResponse(`http://${SHOP}:2525/**`, 'stub');
    const { stdout } = await it.network.client('node', ['-e', say(''), SHOP, '2525']);
    expect(stdout).toBe('220 mail.test ESMTP\r\n');
    expect((await it.network.curl(`http://${SHOP}:2525/`)).stdout).toBe('stub');
    expect(told(waylay).map(({ source }) => source)).toEqual(['tunnel', 'stub']);
  });

  test('a client that speaks first is relayed', async () => {
    await serve(
      createServer((socket) => socket.on('error', () => {}).pipe(socket)),
      SHOP,
      6379,
    );
    const { waylay } = await redirectedWaylay(it.network);
    const { stdout } = await it.network.client('node', ['-e', say('*1\r\n$4\r\nPING\r\n'), SHOP, '6379']);
    expect(stdout).toBe('*1\r\n$4\r\nPING\r\n');
    expect(told(waylay)).toMatchObject([{ source: 'tunnel', to: `kernel ${SHOP} 6379` }]);
  });

  test('a client that waits for a server that is not there is told by a reset', async () => {
    const { waylay } = await redirectedWaylay(it.network);
    const { stdout } = await it.network.client('node', ['-e', say(''), SHOP, '2525']);
    expect(stdout).toBe('ECONNRESET');
    expect(told(waylay)).toMatchObject([{ source: 'failed', error: 'WAYLAY_UPSTREAM_REFUSED' }]);
  });
});

describe('where nobody is', () => {
  test.each(['http', 'https'])('%s fails by a reset, with the reason in the journal', async (scheme) => {
    const { waylay, ca } = await redirectedWaylay(it.network);
    const { code, stderr } = await it.network.curl(...ca, `${scheme}://${SHOP}/`);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/Connection reset by peer/);
    expect(told(waylay)).toMatchObject([{ source: 'failed', error: 'WAYLAY_UPSTREAM_REFUSED' }]);
  });

  test.each(NOWHERE)('a stub answers for a name, over HTTP and HTTPS: %s', async (address) => {
    const { waylay, ca } = await redirectedWaylay(it.network);
    waylay.stubResponse('**://nowhere.test/', 'stub');
    const names = [...at('nowhere.test', 80, address), ...at('nowhere.test', 443, address)];
    expect((await it.network.curl(...names, 'http://nowhere.test/')).stdout).toBe('stub');
    expect((await it.network.curl(...ca, ...names, 'https://nowhere.test/')).stdout).toBe('stub');
    expect(told(waylay).map(({ source, error }) => [source, error])).toEqual([
      ['stub', undefined],
      ['stub', undefined],
    ]);
  });

  test('with upstreamErrors: respond, the reason comes as a response', async () => {
    const { ca } = await redirectedWaylay(it.network, { upstreamErrors: 'respond' });
    for (const scheme of ['http', 'https']) {
      const { stdout } = await it.network.curl(...ca, `${scheme}://${SHOP}/`);
      expect(stdout).toMatch(/^WAYLAY_UPSTREAM_REFUSED: /);
    }
  });
});

describe('a redirected client, like an explicit one,', () => {
  test('meets an expectation, a mutation and a stub', async () => {
    await serve(https('secure', 'shop.test'), SHOP, 443);
    const { waylay, ca } = await redirectedWaylay(it.network);
    const names = at('shop.test', 443, SHOP);
    const posted = waylay.expectRequest('POST https://shop.test/orders', { json: { amount: 4200 } });
    waylay.mutate('https://shop.test/orders', {
      request: { headers: { 'x-added': 'yes' } },
      response: { text: (text: string) => text.toUpperCase() },
    });
    waylay.stubResponse('https://shop.test/stubbed', { status: 402, json: { error: 'declined' } });

    const body = ['-H', 'content-type: application/json', '-d', '{"amount":4200}'];
    const changed = await it.network.curl(...ca, ...names, ...body, 'https://shop.test/orders');
    expect(changed.stdout).toBe('SECURE 2.0 SHOP.TEST /ORDERS');
    expect((await posted).mutated).toBe(true);
    const stubbed = await it.network.curl(...ca, ...names, 'https://shop.test/stubbed');
    expect(stubbed.stdout).toBe('{"error":"declined"}');
    expect(told(waylay).map(({ source }) => source)).toEqual(['upstream', 'stub']);
  });

  test('is refused where nothing matches, and nothing is dialled', async () => {
    let connections = 0;
    const server = http('plain').on('connection', () => (connections += 1));
    await serve(server, SHOP, 80);
    const { waylay } = await redirectedWaylay(it.network, { unmatched: 'refuse' });
    const { stdout } = await it.network.curl(...at('shop.test', 80, SHOP), 'http://shop.test/');
    expect(stdout).toMatch(/^WAYLAY_REFUSED: /);
    expect(told(waylay)).toMatchObject([{ source: 'refused' }]);
    expect(connections).toBe(0);
  });
});
