/** Connections of this process, and what is as before when a test is over. */
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { connect, createServer, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import * as undici from 'undici';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { Route } from '../../src/in-process/route.js';
import { runOn } from '../../src/in-process/routes.js';
import { closedPort, httpOrigin, listening, tcpServer } from '../servers.js';
import { routeHere } from './route-here.js';

beforeAll(() => void globalThis.Headers); // has Node make its dispatcher

function get(url: string, agent?: http.Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    http
      .get(url, { agent }, async (response) => {
        let text = '';
        for await (const chunk of response) text += chunk;
        resolve(text);
      })
      .on('error', reject);
  });
}

/** State that is changed while a test runs. */
function state() {
  const descriptors = [
    [Socket.prototype, 'connect'],
    [http.Agent.prototype, 'getName'],
    [https.Agent.prototype, 'getName'],
    [tls, 'createSecureContext'],
    [tls, 'connect'],
    [tls.TLSSocket.prototype, '_start'],
    [globalThis, Symbol.for('undici.globalDispatcher.1')],
    [globalThis, Symbol.for('undici.globalDispatcher.2')],
    [globalThis, 'fetch'],
  ] as const;
  return descriptors.map(([object, key]) => Object.getOwnPropertyDescriptor(object, key));
}

describe('afterwards', () => {
  test('all is exactly as before', async () => {
    const before = state();
    const own = await routeHere();
    const changed = state().map((descriptor, i) => descriptor?.value !== before[i]?.value);
    // The last of undici's two is there where a newer one was loaded first.
    expect(changed.with(7, false)).toEqual([true, true, false, true, false, true, true, false, false]);
    await own.stop();
    expect(state()).toEqual(before);
    state().forEach((descriptor, i) => {
      expect(descriptor?.value).toBe(before[i]?.value);
    });
  });

  test('all is as before between two that overlap, whichever ends first', async () => {
    const before = state();
    const [one, other] = [await routeHere(), await routeHere()];
    await one.stop();
    expect(state()).not.toEqual(before);
    await other.stop();
    state().forEach((descriptor, i) => {
      expect(descriptor?.value).toBe(before[i]?.value);
    });
  });

  test("what the application's own code has replaced meanwhile stays", async () => {
    const own = await routeHere();
    const routed = Socket.prototype.connect;
    const theirs = function (this: Socket, ...args: Parameters<typeof routed>) {
      return routed.apply(this, args);
    } as typeof routed;
    Socket.prototype.connect = theirs;
    await own.stop();
    expect(Socket.prototype.connect).toBe(theirs);
    const origin = await httpOrigin((_, response) => response.end('still'));
    expect(await get(`http://127.0.0.1:${origin.port}/`)).toBe('still');
    Socket.prototype.connect = before;
  });
  const before = Socket.prototype.connect;

  test('connections are closed, and agents know it', async () => {
    const agent = new http.Agent({ keepAlive: true });
    const { waylay, stop } = await routeHere();
    waylay.stubResponse('http://nowhere.test/', 'kept');
    expect(await get('http://nowhere.test/', agent)).toBe('kept');
    await stop();
    expect(Object.keys({ ...agent.sockets, ...agent.freeSockets })).toEqual([]);
  });

  test('a test that ended cannot be left hanging by a client that does not notice', async () => {
    const { stop } = await routeHere();
    const origin = await tcpServer(() => {});
    const socket = connect({ port: origin.port, host: '127.0.0.1', allowHalfOpen: true });
    await once(socket, 'connect');
    await stop();
    expect(socket.destroyed).toBe(true);
  });
});

describe('with keep-alive', () => {
  test('an agent made and used before is intercepted', async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const origin = await httpOrigin((_, response) => response.end('real'));
    const url = `http://127.0.0.1:${origin.port}/`;
    expect(await get(url, agent)).toBe('real');
    const { waylay, stop } = await routeHere();
    waylay.stubResponse(url, 'stubbed');
    expect(await get(url, agent)).toBe('stubbed');
    await stop();
    expect(await get(url, agent)).toBe('real');
    expect(origin.connections()).toBe(1);
  });

  test('fetch that was used before is intercepted', async () => {
    const origin = await httpOrigin((_, response) => response.end('real'));
    const url = `http://127.0.0.1:${origin.port}/`;
    const text = async () => (await fetch(url)).text();
    expect(await text()).toBe('real');
    const { waylay, stop } = await routeHere();
    waylay.stubResponse(url, 'stubbed');
    expect(await text()).toBe('stubbed');
    await stop();
    expect(await text()).toBe('real');
    expect(origin.connections()).toBe(1);
  });

  test('a dispatcher of the application that kept a connection fails the test, and says what to do', async () => {
    const origin = await httpOrigin((_, response) => response.end('real'));
    const url = `http://127.0.0.1:${origin.port}/`;
    const dispatcher = new undici.Agent({ connections: 1, keepAliveTimeout: 600_000 });
    onTestFinished(() => dispatcher.close());
    await (await undici.request(url, { dispatcher })).body.text();
    const own = await routeHere();
    await (await undici.request(url, { dispatcher })).body.text();
    await expect(own.finish()).rejects.toMatchObject({
      code: 'WAYLAY_STRAY_REQUEST',
      message: expect.stringContaining(`GET http://127.0.0.1:${origin.port}/ went over a connection`),
    });
  });

  test('a dispatcher of the application that was not used before is no matter', async () => {
    const dispatcher = new undici.Agent();
    onTestFinished(() => dispatcher.close());
    const own = await routeHere();
    const origin = await httpOrigin((_, response) => response.end('real'));
    const { body } = await undici.request(`http://127.0.0.1:${origin.port}/`, { dispatcher });
    expect(await body.text()).toBe('real');
    expect(own.waylay.exchanges).toHaveLength(1);
    await own.finish();
  });
});

describe('a socket', () => {
  test('is told of its failure before it connects', async () => {
    const port = await closedPort();
    const { waylay } = await routeHere();
    const socket = connect({ port, host: '127.0.0.1' });
    socket.write('early');
    const events: string[] = [];
    for (const name of ['connect', 'error', 'close']) socket.on(name, () => events.push(name));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const [error] = await once(socket, 'error');
    expect(error).toMatchObject({ code: 'ECONNREFUSED', syscall: 'connect', address: '127.0.0.1', port });
    await closed;
    expect(events).toEqual(['error', 'close']);
    expect(waylay.exchanges).toMatchObject([{ source: 'failed', error: { code: 'WAYLAY_UPSTREAM_REFUSED' } }]);
  });

  test('fails as without where its name does not resolve', async () => {
    await routeHere();
    const [error] = await once(connect(80, 'nowhere.invalid'), 'error');
    expect(error).toMatchObject({ code: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/), syscall: 'getaddrinfo' });
  });

  test('says what it is connected with', async () => {
    const origin = await tcpServer((socket) => socket.pipe(socket));
    await routeHere();
    const socket = connect(origin.port, '127.0.0.1');
    socket.write('echo\r\n');
    await once(socket, 'connect');
    expect(socket).toMatchObject({ remoteAddress: '127.0.0.1', remotePort: origin.port, remoteFamily: 'IPv4' });
    expect(String(await once(socket, 'data'))).toBe('echo\r\n');
    socket.destroy();
  });

  test('may be given up while it is being connected', async () => {
    const origin = await tcpServer(() => {});
    await routeHere();
    const socket = connect(origin.port, '127.0.0.1');
    socket.destroy();
    await once(socket, 'close');
    expect(socket.destroyed).toBe(true);
  });

  test('of the system’s own kind, by path, is left alone', async () => {
    const path = join(tmpdir(), `waylay-${process.pid}-${Date.now()}.sock`);
    const server = createServer((socket) => socket.end('by path'));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    onTestFinished(() => void server.close());
    const { waylay } = await routeHere();
    const [text] = await once(connect(path), 'data');
    expect(String(text)).toBe('by path');
    expect(waylay.exchanges).toEqual([]);
  });

  test('is that of a client that knows of the proxy where it connects to it', async () => {
    const { waylay } = await routeHere();
    waylay.stubResponse('http://nowhere.test/', 'stubbed');
    const request = http.get({ port: waylay.port, host: '127.0.0.1', path: 'http://nowhere.test/' });
    const [response] = await once(request, 'response');
    expect(response.statusCode).toBe(200);
    response.resume();
    expect(waylay.exchanges).toMatchObject([{ destination: { source: 'absolute-form' } }]);
  });

  test("has Waylay in the place of a client's own proxy", async () => {
    const origin = await tcpServer(() => {});
    const { waylay } = await routeHere();
    waylay.stubResponse('http://nowhere.test/a', 'stubbed');
    waylay.stubResponse('https://nowhere.test/b', 'stubbed');
    const request = http.get({ port: origin.port, host: '127.0.0.1', path: 'http://nowhere.test/a' });
    const [response] = await once(request, 'response');
    expect(response.resume().statusCode).toBe(200);
    const dispatcher = new undici.ProxyAgent(`http://127.0.0.1:${origin.port}`);
    onTestFinished(() => dispatcher.close());
    const { body } = await undici.request('https://nowhere.test/b', { dispatcher });
    expect(await body.text()).toBe('stubbed');
    expect(waylay.exchanges).toMatchObject([
      { destination: { host: 'nowhere.test', port: 80, source: 'absolute-form' } },
      { destination: { host: 'nowhere.test', port: 443, source: 'connect' } },
    ]);
  });

  test('with nonsense for a port meets what Node says', async () => {
    await routeHere();
    expect(() => connect(70_000)).toThrow(expect.objectContaining({ code: 'ERR_SOCKET_BAD_PORT' }));
    expect(() => connect({ host: 'shop.test' } as never)).toThrow(
      expect.objectContaining({ code: 'ERR_MISSING_ARGS' }),
    );
  });
});

describe('where several tests run at once', () => {
  test('each is asked by what it started', async () => {
    const [one, other] = [await routeHere(), await routeHere()];
    one.waylay.stubResponse('http://nowhere.test/**', 'one');
    other.waylay.stubResponse('http://nowhere.test/**', 'other');
    const agent = new http.Agent({ keepAlive: true });
    const ask = async () => [
      await (await fetch('http://nowhere.test/')).text(),
      await get('http://nowhere.test/', agent),
      await (await fetch('http://nowhere.test/')).text(),
      await get('http://nowhere.test/', agent),
    ];
    const [first, second] = await Promise.all([runOn(one.route, ask), runOn(other.route, ask)]);
    expect(first).toEqual(['one', 'one', 'one', 'one']);
    expect(second).toEqual(['other', 'other', 'other', 'other']);
    expect([one.waylay.exchanges.length, other.waylay.exchanges.length]).toEqual([4, 4]);
  });

  test('a request that none of them started is refused, with the reason', async () => {
    await routeHere();
    await routeHere();
    await expect(get('http://nowhere.test/')).rejects.toMatchObject({ code: 'WAYLAY_WHOSE_REQUEST' });
    await expect(fetch('http://nowhere.test/')).rejects.toMatchObject({
      cause: { code: 'WAYLAY_WHOSE_REQUEST', message: expect.stringMatching(/^2 tests are running at once/) },
    });
  });

  test('a request that none of them started is not taken for one of the last that is left', async () => {
    const { waylay } = await routeHere({}, new Route({ concurrent: true }));
    await expect(get('http://nowhere.test/')).rejects.toMatchObject({
      code: 'WAYLAY_WHOSE_REQUEST',
      message: expect.stringMatching(/^Tests run at once here, one of them now/),
    });
    expect(waylay.exchanges).toEqual([]);
  });
});

test('a proxy that listens on every address is reached', async () => {
  const { waylay } = await routeHere({ host: '0.0.0.0' });
  waylay.stubResponse('http://nowhere.test/', 'stubbed');
  expect(await get('http://nowhere.test/')).toBe('stubbed');
});

test('a server of the test is reached through the proxy by its name', async () => {
  const server = http.createServer((_, response) => response.end('local'));
  const { port } = await listening(server);
  const { waylay } = await routeHere();
  expect(await get(`http://localhost:${port}/`)).toBe('local');
  expect(waylay.exchanges).toMatchObject([{ request: { url: `http://localhost:${port}/` }, source: 'upstream' }]);
});

test('the likely reason is told where nothing came', async () => {
  const { waylay } = await routeHere({ timeout: 0 });
  await expect(waylay.expectRequest('http://nowhere.test/')).rejects.toThrow(
    /to which all that this process connects to is routed[\s\S]*Worker threads: only those are routed that were started after Waylay/,
  );
});
