/** Hosts that options name, asked for by real clients in other spellings: what they reach is what they reach without a proxy. */

import { createServer } from 'node:http';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { dialTcp, tlsThrough } from '../client.js';
import { bareEnvironment } from '../interop/proxy.js';
import { httpOrigin, httpsOrigin, listening, publicAuthority, testProxy } from '../servers.js';
import { requireTool, run } from '../tools.js';

const curl = (...args: string[]) =>
  run('curl', ['-q', '--silent', '--show-error', '--noproxy', '', ...args], { env: bareEnvironment });

/** Names as options have them, and as clients ask. */
const NAMES: readonly (readonly [written: string, asked: string])[] = [
  ['münchen.test', 'xn--mnchen-3ya.test'],
  ['MÜNCHEN.test.', 'xn--mnchen-3ya.test'],
  ['xn--mnchen-3ya.test', 'xn--mnchen-3ya.test.'],
  ['*.münchen.test', 'www.xn--mnchen-3ya.test'],
  ['api.test.', 'api.test'],
  ['api.test', 'API.test.'],
  ['API.test', 'api.test'],
  ['*', 'api.test'],
  ['api.*', 'api.test'],
  ['a*i.test', 'api.test'],
  ['10.1.515', '10.1.2.3'],
  ['[2001:db8::a]', '[2001:db8:0::A]'],
  ['2001:DB8:0::a', '[2001:db8::a]'],
];

/** Not Node 22.23: its `checkServerIdentity` refuses every certificate for an IPv6 address, directly as well. */
function nodeKnowsIPv6(): boolean {
  const certificate = { subject: { CN: '::1' }, subjectaltname: 'IP Address:0:0:0:0:0:0:0:1' };
  return checkServerIdentity('::1', certificate as PeerCertificate) === undefined;
}

describe.each(NAMES)('with hosts: { %j: … }', (written, asked) => {
  test(`curl that asks for http://${asked}/ reaches what it says`, async (ctx) => {
    requireTool(ctx, 'curl');
    const origin = await httpOrigin((req, res) => res.end(`${req.url} of ${req.headers.host}`));
    const proxy = await testProxy({ hosts: { [written]: `127.0.0.1:${origin.port}` } });
    const url = `http://${asked}/a`;
    const direct = await curl('--connect-to', `::127.0.0.1:${origin.port}`, url);
    expect(direct.stdout).toContain('/a of ');
    const through = await curl('--proxy', `http://127.0.0.1:${proxy.port}`, url);
    // The name in the target of a request to a proxy takes the place of Host (RFC 9112, section 3.2.2), in lower case.
    expect([through.stdout, through.stderr]).toEqual([direct.stdout.toLowerCase(), '']);
  });

  test(`${asked} over TLS reaches what it says`, async (ctx) => {
    if (asked.includes(':') && !nodeKnowsIPv6()) ctx.skip("Node's own check of names takes no IPv6 address here");
    const name = asked.replace(/^\[|\]$|\.$/g, '');
    const origin = await httpsOrigin((_, res) => res.end('hello'), { name });
    const proxy = await testProxy({
      hosts: { [`${/^2001/.test(written) ? `[${written}]` : written}:443`]: `127.0.0.1:${origin.port}` },
    });
    const servername = /^[\d[]/.test(asked) ? '' : name;
    const socket = await tlsThrough(proxy.port, `${asked}:443`, { servername, ca: proxy.caPem, host: name });
    expect(socket.authorized).toBe(true);
    expect(proxy.journal.exchanges).toEqual([]);
  });
});

describe('a client that writes the name as bytes of UTF-8', () => {
  test('reaches what hosts says', async () => {
    const origin = await httpOrigin((_, res) => res.end('hello'));
    const hosts = { 'münchen.test': `127.0.0.1:${origin.port}` };
    const proxy = await testProxy({ transparent: 'name', hosts });
    const client = dialTcp(proxy.port);
    client.write(Buffer.from('GET / HTTP/1.1\r\nHost: münchen.test\r\nConnection: close\r\n\r\n'));
    expect(await client.end()).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*hello/);
  });
});

describe('[::1]', () => {
  test('is reached directly, and where hosts leads it', async (ctx) => {
    requireTool(ctx, 'curl');
    const own = createServer((_, res) => res.end('here'));
    await new Promise<void>((resolve, reject) => own.once('error', reject).listen(0, '::1', resolve));
    onTestFinished(() => void own.close());
    const { port } = own.address() as { port: number };
    const other = await httpOrigin((_, res) => res.end('there'));
    const proxy = await testProxy();
    const mapping = await testProxy({ hosts: { [`[::1]:${port}`]: `127.0.0.1:${other.port}` } });
    const url = `http://[::1]:${port}/`;
    expect((await curl(url)).stdout).toBe('here');
    expect((await curl('--proxy', `http://127.0.0.1:${proxy.port}`, url)).stdout).toBe('here');
    expect((await curl('--proxy', `http://127.0.0.1:${mapping.port}`, url)).stdout).toBe('there');
  });
});

describe('in tlsPassthrough', () => {
  const entries = ['bank.test:443', 'BANK.test.', '*', 'bank.*', '*.test', '*:443'];
  test.each(entries)('%s leaves a host its own certificate', async (entry) => {
    const origin = await httpsOrigin((_, res) => res.end('ok'), { name: 'bank.test' });
    const proxy = await testProxy({ hosts: { 'bank.test': `127.0.0.1:${origin.port}` }, tlsPassthrough: [entry] });
    const socket = await tlsThrough(proxy.port, 'bank.test:443', { servername: 'bank.test', ca: publicAuthority.pem });
    expect(socket.authorized).toBe(true);
    expect(proxy.journal.exchanges[0]?.source).toBe('tunnel');
  });

  test('an address leaves it to clients that send a name as well', async () => {
    const origin = await httpsOrigin((_, res) => res.end('ok'), { name: 'bank.test' });
    const proxy = await testProxy({ tlsPassthrough: ['127.0.0.1'] });
    const to = `127.0.0.1:${origin.port}`;
    const socket = await tlsThrough(proxy.port, to, { servername: 'bank.test', ca: publicAuthority.pem });
    expect(socket.authorized).toBe(true);
  });

  test.each(['bank.test:8443', 'b.test', '*.bank.test'])('%s says nothing of it', async (entry) => {
    const origin = await httpsOrigin((_, res) => res.end('ok'), { name: 'bank.test' });
    const proxy = await testProxy({ hosts: { 'bank.test': `127.0.0.1:${origin.port}` }, tlsPassthrough: [entry] });
    const socket = await tlsThrough(proxy.port, 'bank.test:443', { servername: 'bank.test', ca: proxy.caPem });
    expect(socket.authorized).toBe(true);
  });
});

describe('with upstreamProxy.bypass', () => {
  const names = ['münchen.test', 'xn--mnchen-3ya.test.', 'MÜNCHEN.test', '.test', '*.test.', '*'];
  test.each(names)('%s is dialled directly', async (bypass) => {
    const origin = await httpOrigin((_, res) => res.end('hello'));
    const refusing = await listening(createServer((_, res) => res.writeHead(503).end('of the proxy')));
    // Names in `hosts` are dialled directly as well: they have to be ones that resolve.
    const proxy = await testProxy({ upstreamProxy: { server: `http://127.0.0.1:${refusing.port}`, bypass } });
    const client = dialTcp(proxy.port);
    client.write(`GET http://xn--mnchen-3ya.test:${origin.port}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    // Nobody knows the name: who asks for it is what shows.
    await client.end();
    expect(refusing.connections()).toBe(0);
  });
});

beforeEach(() => {
  expect.hasAssertions();
});
