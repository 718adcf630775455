/** Requests over HTTP/2 sessions that were kept open: from before the test, or by another that runs at the same time. */
import { once } from 'node:events';
import http2, { type ClientHttp2Session, type Http2Server, type SecureClientSessionOptions } from 'node:http2';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex, duplexPair } from 'node:stream';
import tls from 'node:tls';
import got from 'got';
import * as undici from 'undici';
import * as undici6 from 'undici-6';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ProcessWaylay } from '../../fixtures/runner/process-waylay.js';
import { Route } from '../../src/in-process/route.js';
import { runOn } from '../../src/in-process/routes.js';
import { httpsOrigin, listening, type Origin, publicAuthority, testProxy } from '../servers.js';
import { routeHere } from './route-here.js';

/** HTTP/2 without TLS, as gRPC has it. */
function plainServer(): Http2Server {
  return http2.createServer((_, response) => response.end('real'));
}

function plainOrigin(): Promise<Origin> {
  return listening(plainServer());
}

function secureOrigin(): Promise<Origin> {
  return httpsOrigin((_, response) => response.end('real'), { name: 'localhost' });
}

function session(url: string, options: SecureClientSessionOptions = {}): ClientHttp2Session {
  const made = http2.connect(url, { ca: publicAuthority.pem, ...options });
  made.on('error', () => {}); // its streams say the same
  onTestFinished(() => made.destroy());
  return made;
}

async function openSession(...args: Parameters<typeof session>): Promise<ClientHttp2Session> {
  const made = session(...args);
  await once(made, 'connect');
  return made;
}

async function ask(over: ClientHttp2Session, path = '/kept'): Promise<string> {
  let text = '';
  for await (const chunk of over.request({ ':path': path }).setEncoding('utf8')) text += chunk;
  return text;
}

async function expectStray(own: ProcessWaylay, request: string): Promise<void> {
  expect(own.waylay.exchanges).toEqual([]);
  await expect(own.finish()).rejects.toMatchObject({
    code: 'WAYLAY_STRAY_REQUEST',
    message: expect.stringContaining(
      `${request} went over a connection that was open before this test: an HTTP/2 session had been kept open.`,
    ),
  });
}

describe('a session from before the test', () => {
  test('fails the test in which a request goes over it', async () => {
    const origin = await plainOrigin();
    const kept = await openSession(`http://127.0.0.1:${origin.port}`);
    const own = await routeHere();
    expect(await ask(kept)).toBe('real');
    await expectStray(own, `GET http://127.0.0.1:${origin.port}/kept`);
  });

  test('fails it over TLS that was begun on a socket of its own', async () => {
    const origin = await secureOrigin();
    const socket = connect(origin.port, '127.0.0.1');
    const options = { servername: 'localhost', ca: publicAuthority.pem, ALPNProtocols: ['h2'] };
    const kept = await openSession(`https://localhost:${origin.port}`, {
      createConnection: () => tls.connect({ socket, ...options }),
    });
    const own = await routeHere();
    expect(await ask(kept)).toBe('real');
    await expectStray(own, `GET https://localhost:${origin.port}/kept`);
  });

  test('fails it whose connection is still being made', async () => {
    const origin = await plainOrigin();
    let resolved = (): void => {};
    const kept = session(`http://shop.test:${origin.port}`, {
      lookup: (_, { all }, done) => {
        resolved = () => (all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4));
      },
    });
    const own = await routeHere();
    const text = ask(kept);
    resolved();
    expect(await text).toBe('real');
    await expectStray(own, `GET http://shop.test:${origin.port}/kept`);
  });

  test('fails it where got keeps the session', async () => {
    const origin = await secureOrigin();
    const url = `https://localhost:${origin.port}/kept`;
    const get = () => got(url, { http2: true, https: { certificateAuthority: publicAuthority.pem } }).text();
    expect([await get(), await get()]).toEqual(['real', 'real']); // its first does not go over what it keeps
    const before = origin.connections();
    const own = await routeHere();
    expect(await get()).toBe('real');
    expect(origin.connections()).toBe(before);
    await expectStray(own, `GET ${url}`);
  });

  test('is no matter where the test asks for nothing over it, whatever comes', async () => {
    const server = http2.createServer();
    const origin = await listening(server);
    const kept = await openSession(`http://127.0.0.1:${origin.port}`);
    const streams = once(server, 'stream');
    kept.request({ ':path': '/before' });
    const [stream] = await streams;
    const own = await routeHere();
    stream.pushStream({ ':path': '/pushed' }, (_: unknown, pushed: http2.ServerHttp2Stream) => pushed.respond());
    await once(kept, 'stream');
    await own.finish();
  });

  test('is refused a request where several tests run, and nothing tells whose it is', async () => {
    const origin = await plainOrigin();
    const kept = await openSession(`http://127.0.0.1:${origin.port}`);
    const own = await routeHere({}, new Route({ concurrent: true }));
    expect(() => kept.request()).toThrow(expect.objectContaining({ code: 'WAYLAY_WHOSE_REQUEST' }));
    expect(await runOn(own.route, () => ask(kept))).toBe('real');
    await expectStray(own, `GET http://127.0.0.1:${origin.port}/kept`);
  });
});

describe('a session of another test that runs', () => {
  test.each([
    ['without TLS', plainOrigin, 'http'],
    ['over TLS', secureOrigin, 'https'],
  ])('takes no request %s', async (_, start, scheme) => {
    const origin = await start();
    const [one, other] = [await routeHere(), await routeHere()];
    const url = `${scheme}://localhost:${origin.port}`;
    const kept = runOn(one.route, () => session(url));
    const request = () => kept.request({ ':path': '/kept' });
    const refused = expect.objectContaining({
      code: 'WAYLAY_STRAY_REQUEST',
      message: expect.stringContaining(`localhost:${origin.port} that belongs to another test`),
    });
    expect(() => runOn(other.route, request)).toThrow(refused);
    expect(await runOn(one.route, () => ask(kept))).toBe('real');
    expect(() => runOn(other.route, request)).toThrow(refused);
    expect(request).toThrow(expect.objectContaining({ code: 'WAYLAY_WHOSE_REQUEST' }));
    expect(one.waylay.exchanges).toMatchObject([{ request: { url: `${url}/kept`, httpVersion: '2.0' } }]);
    expect(other.waylay.exchanges).toEqual([]);
    await one.finish();
    await other.finish();
  });

  test('takes none over TLS that was begun on a socket of its own', async () => {
    const origin = await secureOrigin();
    const [one, other] = [await routeHere(), await routeHere()];
    const kept = await runOn(one.route, async () => {
      const socket = connect(origin.port, '127.0.0.1');
      await once(socket, 'connect');
      const createConnection = () => tls.connect({ socket, servername: 'localhost', ALPNProtocols: ['h2'] });
      return openSession(`https://localhost:${origin.port}`, { createConnection });
    });
    expect(() => runOn(other.route, () => kept.request())).toThrow(
      expect.objectContaining({ code: 'WAYLAY_STRAY_REQUEST' }),
    );
    expect(await runOn(one.route, () => ask(kept))).toBe('real');
  });
});

describe('a client that keeps sessions, and is used by several tests at once', () => {
  test('fails with the reason, as got does', async () => {
    const origin = await secureOrigin();
    const [one, other] = [await routeHere(), await routeHere()];
    const get = () => got(`https://localhost:${origin.port}/`, { http2: true, retry: { limit: 0 } }).text();
    const first = await runOn(one.route, async () => [await get(), await get()]);
    expect(first).toEqual(['real', 'real']);
    await expect(runOn(other.route, get)).rejects.toMatchObject({ code: 'WAYLAY_STRAY_REQUEST' });
    expect(await runOn(one.route, get)).toBe('real');
    expect([one.waylay.exchanges.length, other.waylay.exchanges.length]).toEqual([3, 0]);
  });

  test.each([
    ['6', undici6.Agent as unknown as typeof undici.Agent],
    ['7', undici.Agent],
  ])('fails the other test at its end and goes on, as a dispatcher of undici %s', async (_, Agent) => {
    const origin = await secureOrigin();
    const [one, other] = [await routeHere(), await routeHere()];
    const dispatcher = new Agent({ allowH2: true, connections: 1 });
    onTestFinished(() => dispatcher.destroy());
    const url = new URL(`https://localhost:${origin.port}/`);
    const get = async () => (await dispatcher.request({ origin: url.origin, path: '/', method: 'GET' })).body.text();
    expect(await runOn(one.route, get)).toBe('real');
    expect(await runOn(other.route, get)).toBe('real');
    expect(await runOn(one.route, get)).toBe('real');
    await expect(other.finish()).rejects.toMatchObject({ code: 'WAYLAY_STRAY_REQUEST' });
    await one.finish();
  });
});

describe('no test fails for', () => {
  test('a session of the test, or those over which the proxy forwards', async () => {
    const origin = await secureOrigin();
    const own = await routeHere();
    const made = session(`https://localhost:${origin.port}`);
    expect([await ask(made, '/one'), await ask(made, '/two')]).toEqual(['real', 'real']);
    expect(own.waylay.exchanges.map(({ upstream }) => [upstream?.tls?.alpn, upstream?.reused])).toEqual([
      ['h2', false],
      ['h2', true],
    ]);
    await own.finish();
  });

  test('a proxy that runs beside the test, and keeps its sessions', async () => {
    const origin = await secureOrigin();
    const beside = await testProxy();
    const socket = connect(beside.port, '127.0.0.1');
    socket.write(`CONNECT localhost:${origin.port} HTTP/1.1\r\n\r\n`);
    await once(socket, 'data');
    const wrapped = Duplex.from({ readable: socket, writable: socket });
    const options = { servername: 'localhost', ca: beside.caPem, ALPNProtocols: ['h2'] };
    const createConnection = () => tls.connect({ socket: wrapped as Socket, ...options });
    const made = session(`https://localhost:${origin.port}`, { createConnection });
    expect(await ask(made)).toBe('real');
    const own = await routeHere();
    expect(await ask(made)).toBe('real');
    expect(beside.journal.exchanges).toMatchObject([{}, { upstream: { reused: true } }]);
    await own.finish();
  });

  test('a session that goes to the proxy by itself', async () => {
    const origin = await secureOrigin();
    const [own] = [await routeHere(), await routeHere()];
    const socket = connect(own.waylay.port, '127.0.0.1');
    socket.write(`CONNECT localhost:${origin.port} HTTP/1.1\r\n\r\n`);
    await once(socket, 'data');
    const createConnection = () =>
      tls.connect({ socket, servername: 'localhost', ca: own.waylay.ca.pem, ALPNProtocols: ['h2'] });
    expect(await ask(session(`https://localhost:${origin.port}`, { createConnection }))).toBe('real');
    expect(own.waylay.exchanges).toMatchObject([{ source: 'upstream' }]);
    await own.finish();
  });

  test('sessions that go over no network', async () => {
    const [near, far] = duplexPair();
    const server = plainServer();
    server.emit('connection', far);
    const path = join(tmpdir(), `waylay-${process.pid}-${Date.now()}.sock`);
    await new Promise<void>((resolve) => server.listen(path, resolve));
    onTestFinished(() => void server.close());
    const [own] = [await routeHere(), await routeHere()];
    expect(await ask(session('http://pair.test', { createConnection: () => near }))).toBe('real');
    expect(await ask(session('http://path.test', { createConnection: () => connect(path) }))).toBe('real');
    await own.finish();
  });

  test('a session over a connection that was accepted', async () => {
    const own = await routeHere();
    const asked: Promise<string>[] = [];
    const accepting = await listening(
      createServer((socket) => {
        asked.push(ask(session('http://accepted.test', { createConnection: () => socket })));
      }),
    );
    const socket = connect(accepting.port, '127.0.0.1');
    plainServer().emit('connection', socket);
    await once(accepting.server, 'connection');
    expect(await Promise.all(asked)).toEqual(['real']);
    await own.finish();
  });

  test('a dispatcher of the application with HTTP/2', async () => {
    const origin = await secureOrigin();
    const own = await routeHere();
    const dispatcher = new undici.Agent({ allowH2: true });
    onTestFinished(() => dispatcher.destroy());
    const url = `https://localhost:${origin.port}/`;
    const get = async () => (await undici.request(url, { dispatcher })).body.text();
    expect([await get(), await get()]).toEqual(['real', 'real']);
    expect(own.waylay.exchanges).toMatchObject([{ request: { httpVersion: '2.0' } }, {}]);
    await own.finish();
  });
});

test('afterwards all is exactly as before', async () => {
  const origin = await plainOrigin();
  const kept = await openSession(`http://127.0.0.1:${origin.port}`);
  const stream = kept.request();
  const state = () => [
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(kept), 'request'),
    Object.getPrototypeOf(stream.constructor),
  ];
  const before = state();
  const [one, other] = [await routeHere(), await routeHere()];
  const [request, kind] = state();
  expect(request?.value).not.toBe(before[0]?.value);
  expect(kind).not.toBe(before[1]);
  await one.stop();
  expect(state()[1]).toBe(kind);
  await other.stop();
  expect(state()).toEqual(before);
  state().forEach((it, i) => {
    expect(i === 0 ? it?.value : it).toBe(i === 0 ? before[0]?.value : before[i]);
  });
  expect(await ask(kept)).toBe('real');
});
