/** Clients that resolve names by themselves: what only a rule or the host map knows has an address for them. */
import dns, { lookup, promises, Resolver } from 'node:dns';
import { once } from 'node:events';
import http from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import { promisify } from 'node:util';
import * as grpc from '@grpc/grpc-js';
import * as undici from 'undici';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ProcessWaylay } from '../../fixtures/runner/process-waylay.js';
import { httpOrigin, httpsOrigin, tcpServer } from '../servers.js';
import { dnsServer } from './dns-server.js';
import { routeHere } from './route-here.js';

const INVENTED = expect.stringMatching(/^198\.1[89]\.\d+\.\d+$/);
const INVENTED_6 = expect.stringMatching(/^2001:2::/);
/** Errors for a name that is none, with DNS servers and without. */
const NO_NAME = expect.stringMatching(/ENOTFOUND|EAI_AGAIN|ESERVFAIL|ECONNREFUSED|ETIMEOUT|EREFUSED/);

// Clients that were loaded before hold these.
const held = { lookup: dns.lookup, promised: promises.lookup, resolve4: dns.resolve4 };

/** A resolver that asks a server of this test's. */
async function resolverOf(addresses: Readonly<Record<string, string | null>>, Kind = promises.Resolver) {
  const server = await dnsServer(addresses);
  const resolver = new Kind({ timeout: 60_000, tries: 1 });
  resolver.setServers([server.address]);
  return { resolver, server };
}

async function stubbed(): Promise<ProcessWaylay> {
  const own = await routeHere({ hosts: { 'mapped.test': '127.0.0.1:9', '*.wild.test:8080': '127.0.0.1:9' } });
  own.waylay.stubResponse('https://stubbed.test:8443/**', 'stubbed');
  return own;
}

describe('dns.lookup', () => {
  test.each([
    ['with a callback', (name: string) => promisify(dns.lookup)(name)],
    ['as it is imported', (name: string) => promisify(lookup)(name)],
    ['as it was held before', (name: string) => promisify(held.lookup)(name)],
    ['with promises', (name: string) => promises.lookup(name)],
    ['with promises, as it was held before', (name: string) => held.promised(name)],
  ])('answers %s', async (_, ask) => {
    await stubbed();
    expect(await ask('stubbed.test')).toEqual({ address: INVENTED, family: 4 });
    expect(await ask('mapped.test')).toEqual({ address: INVENTED, family: 4 });
    expect(await ask('a.wild.test')).toEqual({ address: INVENTED, family: 4 });
    expect(await ask('localhost')).toEqual({
      address: expect.stringMatching(/^(127\.0\.0\.1|::1)$/),
      family: expect.any(Number),
    });
    await expect(ask('other.invalid')).rejects.toMatchObject({
      code: NO_NAME,
      syscall: 'getaddrinfo',
      hostname: 'other.invalid',
    });
  });

  test('keeps its options', async () => {
    await stubbed();
    for (const ask of [promisify(lookup), promises.lookup]) {
      expect(await ask('stubbed.test', { all: true })).toEqual([{ address: INVENTED, family: 4 }]);
      expect(await ask('stubbed.test', 4)).toEqual({ address: INVENTED, family: 4 });
      expect(await ask('stubbed.test', { family: 6 })).toEqual({ address: INVENTED_6, family: 6 });
      expect(await ask('stubbed.test', { family: 6, all: true, hints: dns.ADDRCONFIG, order: 'verbatim' })).toEqual([
        { address: INVENTED_6, family: 6 },
      ]);
      expect(await ask('STUBBED.test.')).toEqual(await ask('stubbed.test'));
      expect(await ask('127.0.0.1')).toEqual({ address: '127.0.0.1', family: 4 });
    }
    expect(() => lookup('stubbed.test', { family: 5 } as never, () => {})).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }),
    );
  });

  test('gives each name an address of its own, the same each time', async () => {
    const { waylay } = await routeHere();
    waylay.stubResponse('https://*.test/**', 'stubbed');
    const names = ['a.test', 'b.test', 'a.test'];
    const [a, b, again] = await Promise.all(names.map(async (name) => (await promises.lookup(name)).address));
    expect(a).toBe(again);
    expect(a).not.toBe(b);
  });

  test('leaves to the callback what it throws', async () => {
    await stubbed();
    const listeners = process.rawListeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    const thrown = once(process, 'uncaughtException');
    onTestFinished(() => {
      process.removeAllListeners('uncaughtException');
      for (const listener of listeners) process.on('uncaughtException', listener as never);
    });
    lookup('stubbed.test', () => {
      throw new Error('by the test');
    });
    expect(await thrown).toMatchObject([{ message: 'by the test' }, 'uncaughtException']);
  });
});

describe('DNS servers', () => {
  test('are answered for in all forms', async () => {
    const { resolver } = await resolverOf({ 'real.test': '192.0.2.7' });
    await stubbed();
    expect(await resolver.resolve4('stubbed.test')).toEqual([INVENTED]);
    expect(await resolver.resolve4('stubbed.test', { ttl: true })).toEqual([{ address: INVENTED, ttl: 0 }]);
    expect(await resolver.resolve6('stubbed.test')).toEqual([INVENTED_6]);
    expect(await resolver.resolve('mapped.test')).toEqual([INVENTED]);
    expect(await resolver.resolve('mapped.test', 'AAAA')).toEqual([INVENTED_6]);
    expect(await resolver.resolveAny('mapped.test')).toEqual([{ type: 'A', address: INVENTED, ttl: 0 }]);
    expect(await resolver.resolve4('real.test')).toEqual(['192.0.2.7']);
    await expect(resolver.resolve4('other.test')).rejects.toMatchObject({ code: 'ENOTFOUND', syscall: 'queryA' });
    await expect(resolver.resolveMx('stubbed.test')).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });

  test('are answered for with callbacks, and by the functions of the module', async () => {
    const { resolver } = await resolverOf({}, Resolver as never);
    await stubbed();
    const withCallback = resolver as unknown as Resolver;
    expect(await promisify(withCallback.resolve4.bind(withCallback))('stubbed.test')).toEqual([INVENTED]);
    expect(await promisify(held.resolve4)('stubbed.test')).toEqual([INVENTED]);
    expect(await promises.resolve4('stubbed.test')).toEqual([INVENTED]);
  });

  test('that never answer are not waited for where a rule may', async () => {
    const { resolver, server } = await resolverOf({ 'stubbed.test': null, 'other.test': null });
    await stubbed();
    const other = resolver.resolve4('other.test').then(String, (error) => error.code);
    expect(await resolver.resolve4('stubbed.test')).toEqual([INVENTED]);
    expect(server.asked).toContain('stubbed.test');
    resolver.cancel();
    expect(await other).toBe('ECANCELLED');
  });
});

test('all names are those of rules where requests are refused', async () => {
  const { waylay, finish } = await routeHere({ unmatched: 'refuse' });
  const { address } = await promises.lookup('nowhere.invalid');
  expect(address).toEqual(INVENTED);
  const response = await fetch(`http://${address}/`);
  expect(await response.text()).toMatch(/GET http:\/\/nowhere\.invalid\/ was refused/);
  expect(waylay.exchanges).toMatchObject([{ source: 'refused' }]);
  await expect(finish()).rejects.toThrow(/nowhere\.invalid/);
});

test('afterwards all is exactly as before', async () => {
  const request = (): object => Object.getPrototypeOf(lookup('0', () => {}));
  const channel = (): object => Object.getPrototypeOf((new Resolver() as unknown as { _handle: object })._handle);
  const state = () => [
    Object.getOwnPropertyDescriptors(dns),
    Object.getOwnPropertyDescriptors(promises),
    Object.getOwnPropertyDescriptors(request()),
    Object.getOwnPropertyDescriptors(channel()),
  ];
  const before = state();
  const own = await stubbed();
  expect(state()).not.toEqual(before);
  await promises.lookup('stubbed.test');
  await own.stop();
  expect(state()).toEqual(before);
});

describe('whoever connects to the address', () => {
  test('over plain HTTP reaches the stub of the name', async () => {
    const { waylay } = await routeHere();
    waylay.stubResponse('http://stubbed.test:8080/a', 'stubbed');
    const { address } = await promises.lookup('stubbed.test');
    const request = http.get({ host: address, port: 8080, path: '/a', headers: { host: 'stubbed.test:8080' } });
    const [response] = await once(request, 'response');
    expect(await text(response)).toBe('stubbed');
    expect(waylay.exchanges).toMatchObject([{ destination: { host: 'stubbed.test', port: 8080, source: 'process' } }]);
  });

  test('over TLS without a server name is shown a certificate for the name', async () => {
    const { waylay } = await routeHere();
    waylay.stubResponse('https://stubbed.test/**', 'stubbed');
    const { address } = await promises.lookup('stubbed.test');
    const socket = connectTls({ host: address, port: 443, checkServerIdentity: () => undefined });
    await once(socket, 'secureConnect');
    expect(socket.getPeerCertificate().subjectaltname).toBe('DNS:stubbed.test');
    socket.write('GET / HTTP/1.0\r\n\r\n');
    expect(await text(socket)).toMatch(/stubbed$/);
  });

  test('reaches what the host map says, with whatever protocol', async () => {
    const origin = await tcpServer((socket) => socket.end('220 mail'));
    await routeHere({ hosts: { 'mail.test': `127.0.0.1:${origin.port}` } });
    const { address } = await promises.lookup('mail.test');
    const socket = connect(25, address);
    await once(socket, 'connect');
    expect(socket).toMatchObject({ remoteAddress: address, remotePort: 25 });
    expect(await text(socket)).toBe('220 mail');
  });

  test('of a name that really resolves reaches its rules, too', async () => {
    const { resolver } = await resolverOf({ 'real.test': '192.0.2.7' });
    const { waylay } = await routeHere();
    waylay.stubResponse('http://real.test/', 'stubbed');
    const [host] = await resolver.resolve4('real.test');
    const [response] = await once(http.get({ host, headers: { host: 'real.test' } }), 'response');
    expect(await text(response)).toBe('stubbed');
    expect(waylay.exchanges).toMatchObject([{ destination: { host: 'real.test' } }]);
  });

  test('of this machine reaches what is there, whatever names have it', async () => {
    const origin = await httpOrigin((_, response) => response.end('real'));
    const { resolver } = await resolverOf({ 'shop.test': '127.0.0.1' });
    const { waylay } = await routeHere({ hosts: { 'shop.test': '127.0.0.1:9' } });
    waylay.stubResponse('http://shop.test/', 'stubbed');
    await resolver.resolve4('shop.test');
    expect(await (await fetch(`http://127.0.0.1:${origin.port}/`)).text()).toBe('real');
  });
});

describe('gRPC', () => {
  const call = (client: grpc.Client): Promise<string> =>
    new Promise((resolve, reject) => {
      const [write, read] = [(name: string) => Buffer.from(name), (bytes: Buffer) => bytes.toString()];
      client.makeUnaryRequest('/shop.Shop/Greet', write, read, 'cup', (error, answer) =>
        error === null ? resolve(answer ?? '') : reject(error),
      );
    });
  const message = (body: string): Buffer => {
    const head = Buffer.alloc(5);
    head.writeUInt32BE(Buffer.byteLength(body), 1);
    return Buffer.concat([head, Buffer.from(body)]);
  };
  const reply = {
    headers: { 'content-type': 'application/grpc' },
    body: message('hello cup'),
    trailers: { 'grpc-status': '0' },
  };

  test.each([['grpc.test:443'], ['grpc.test:50051'], ['dns:///grpc.test:50051']])(
    '%s reaches a stub',
    async (target) => {
      const { waylay, finish } = await routeHere();
      const port = target.endsWith(':443') ? '' : ':50051';
      waylay.stubResponse(`POST https://grpc.test${port}/shop.Shop/Greet`, reply);
      const client = new grpc.Client(target, grpc.credentials.createSsl());
      onTestFinished(() => client.close());
      expect(await call(client)).toBe('hello cup');
      expect(waylay.exchanges).toMatchObject([
        { source: 'stub', request: { url: `https://grpc.test${port}/shop.Shop/Greet` } },
      ]);
      client.close();
      await finish();
    },
  );

  test('reaches a stub without TLS, too', async () => {
    const { waylay } = await routeHere();
    waylay.stubResponse('POST http://grpc.test:50051/**', reply);
    const client = new grpc.Client('grpc.test:50051', grpc.credentials.createInsecure());
    onTestFinished(() => client.close());
    expect(await call(client)).toBe('hello cup');
  });

  test('reaches a server that the host map names', async () => {
    const origin = await httpsOrigin(
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/grpc' });
        response.addTrailers({ 'grpc-status': '0' });
        response.end(message('real'));
      },
      { name: 'grpc.test' },
    );
    const { waylay } = await routeHere({ hosts: { 'grpc.test': `127.0.0.1:${origin.port}` } });
    const client = new grpc.Client('grpc.test:443', grpc.credentials.createSsl());
    onTestFinished(() => client.close());
    expect(await call(client)).toBe('real');
    expect(waylay.exchanges).toMatchObject([{ source: 'upstream' }]);
  });

  test('to a name that nobody knows fails as without', async () => {
    const { waylay } = await routeHere();
    waylay.stubResponse('https://grpc.test/**', reply);
    const client = new grpc.Client('nowhere.invalid:443', grpc.credentials.createSsl());
    onTestFinished(() => client.close());
    await expect(call(client)).rejects.toMatchObject({
      code: grpc.status.UNAVAILABLE,
      details: expect.stringMatching(/nowhere\.invalid/),
    });
  });
});

test("undici's DNS interceptor is answered for", async () => {
  const { waylay } = await routeHere();
  waylay.stubResponse('https://stubbed.test/**', 'secure');
  waylay.stubResponse('http://stubbed.test:8080/**', 'plain');
  const dispatcher = new undici.Agent().compose(undici.interceptors.dns());
  onTestFinished(() => dispatcher.close());
  const ask = async (url: string) => (await undici.request(url, { dispatcher })).body.text();
  expect(await ask('https://stubbed.test/a')).toBe('secure');
  expect(await ask('http://stubbed.test:8080/b')).toBe('plain');
  await expect(ask('https://nowhere.invalid/')).rejects.toMatchObject({ code: NO_NAME });
  expect(waylay.exchanges.map(({ request }) => request.url)).toEqual([
    'https://stubbed.test/a',
    'http://stubbed.test:8080/b',
  ]);
});
