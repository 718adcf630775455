/** The record at the end of a Waylay: in the turn in which `stop()` resolves, nothing in it is pending. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { splitOptions, type WaylayOptions } from '../../fixtures/options.js';
import { startWith } from '../../fixtures/start-waylay.js';
import { PROXY, type Waylay } from '../../fixtures/waylay.js';
import { connectThrough, dialTcp, RawClient } from '../client.js';
import { httpOrigin, httpsOrigin, type Origin, publicAuthority, tcpServer } from '../servers.js';
import { reached, sessionThrough, shopThrough } from './traffic.js';

async function waylayTo(origin: Origin | undefined, options: WaylayOptions = {}): Promise<Waylay> {
  const hosts = origin && { 'shop.test': `127.0.0.1:${origin.port}` };
  const waylay = await startWith(
    splitOptions({ trustedRoots: publicAuthority.pem, ...(hosts && { hosts }), ...options }),
  );
  onTestFinished(() => waylay.stop());
  return waylay;
}

/** A server of which something is asked that it does not answer in full. */
async function holding(begins = false, secure = false): Promise<{ origin: Origin; asked: Promise<unknown> }> {
  let arrived = (): void => {};
  const asked = new Promise<void>((resolve) => (arrived = resolve));
  const listener = (
    _: unknown,
    response: { writeHead(status: number): unknown; write(text: string): unknown },
  ): void => {
    if (begins) {
      response.writeHead(200);
      response.write('data: 1\n\n');
    }
    arrived();
  };
  const origin = secure
    ? await httpsOrigin(listener as never, { name: 'shop.test' })
    : await httpOrigin(listener as never);
  return { origin, asked };
}

/** A server that is said something, and says nothing. */
async function dialled(): Promise<{ origin: Origin; asked: Promise<unknown> }> {
  let arrived = (): void => {};
  const asked = new Promise<void>((resolve) => (arrived = resolve));
  return { origin: await tcpServer((socket) => socket.once('data', () => arrived())), asked };
}

/** A server of WebSockets; `message` resolves when it has been sent one. */
async function sockets(secure: boolean): Promise<{ origin: Origin; server: Promise<WebSocket> }> {
  const origin = secure
    ? await httpsOrigin(() => {}, { name: 'shop.test', alpn: ['http/1.1'] })
    : await httpOrigin(() => {});
  const server = new WebSocketServer({ noServer: true });
  const accepted = new Promise<WebSocket>((resolve) => {
    origin.server.on('upgrade', (request, socket, head) => server.handleUpgrade(request, socket, head, resolve));
  });
  return { origin, server: accepted };
}

async function openSocket(waylay: Waylay, secure: boolean): Promise<WebSocket> {
  const socket: Socket = secure
    ? await shopThrough(waylay[PROXY], 'http/1.1')
    : await connectThrough(waylay.port, 'shop.test:80');
  const client = new WebSocket('ws://shop.test/chat', { createConnection: () => socket });
  client.on('error', () => {});
  onTestFinished(() => client.terminate());
  await once(client, 'open');
  return client;
}

const GET = 'GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n';

/** Each begins something and resolves when it is under way. */
const kinds: Record<string, () => Promise<Waylay>> = {
  async 'a request that waits for its answer'() {
    const { origin, asked } = await holding();
    const waylay = await waylayTo(origin);
    dialTcp(waylay.port).write(GET.replace('/', 'http://shop.test/'));
    await asked;
    return waylay;
  },
  async 'a request over TLS'() {
    const { origin, asked } = await holding(false, true);
    const waylay = await waylayTo(origin);
    (await shopThrough(waylay[PROXY], 'http/1.1')).write(GET);
    await asked;
    return waylay;
  },
  async 'requests over HTTP/2'() {
    const { origin, asked } = await holding(false, true);
    const waylay = await waylayTo(origin);
    const session = await sessionThrough(waylay[PROXY]);
    for (const path of ['/a', '/b', '/c']) session.request({ ':path': path }).on('error', () => {});
    await asked;
    return waylay;
  },
  async 'an answer over HTTP/2 that has begun'() {
    const { origin } = await holding(true, true);
    const waylay = await waylayTo(origin);
    const stream = (await sessionThrough(waylay[PROXY])).request({ ':path': '/' }).on('error', () => {});
    await once(stream, 'data');
    return waylay;
  },
  async 'an upload'() {
    const { origin, asked } = await holding();
    const waylay = await waylayTo(origin);
    dialTcp(waylay.port).write(
      'POST http://shop.test/ HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 100000\r\n\r\nsome of it',
    );
    await asked;
    return waylay;
  },
  async 'an event stream'() {
    const { origin } = await holding(true);
    const waylay = await waylayTo(origin);
    const client = dialTcp(waylay.port);
    client.write(GET.replace('/', 'http://shop.test/'));
    await client.until(/data: 1/);
    return waylay;
  },
  async 'a download that its client does not read'() {
    const origin = await httpOrigin((_, response) => void response.end(Buffer.alloc(64 * 1024 * 1024)));
    const waylay = await waylayTo(origin);
    const socket = connect(waylay.port, '127.0.0.1').on('error', () => {});
    onTestFinished(() => void socket.destroy());
    socket.pause().write(GET.replace('/', 'http://shop.test/'));
    await reached(waylay[PROXY], 'response');
    return waylay;
  },
  async 'a stub that hangs'() {
    const waylay = await waylayTo(undefined);
    waylay.mutate('http://shop.test/', { response: { fault: 'hang' } });
    waylay.stubResponse('http://shop.test/', 'never');
    dialTcp(waylay.port).write(GET.replace('/', 'http://shop.test/'));
    await reached(waylay[PROXY], 'request-complete');
    return waylay;
  },
  async 'a stub with a delay'() {
    const waylay = await waylayTo(undefined);
    waylay.stubResponse('https://shop.test/', { delay: 3_600_000 });
    (await shopThrough(waylay[PROXY], 'http/1.1')).write(GET);
    await reached(waylay[PROXY], 'request-complete');
    return waylay;
  },
  async 'a stub whose function does not answer'() {
    const waylay = await waylayTo(undefined);
    let asked = (): void => {};
    const arrived = new Promise<void>((resolve) => (asked = resolve));
    waylay.stubResponse('http://shop.test/', () => {
      asked();
      return new Promise<never>(() => {});
    });
    dialTcp(waylay.port).write(GET.replace('/', 'http://shop.test/'));
    await arrived;
    return waylay;
  },
  async 'a stub of one event after the other'() {
    const waylay = await waylayTo(undefined);
    waylay.stubResponse('http://shop.test/', {
      async *stream() {
        yield 'data: 1\n\n';
        await new Promise(() => {});
      },
    } as never);
    const client = dialTcp(waylay.port);
    client.write(GET.replace('/', 'http://shop.test/'));
    await client.until(/data: 1/);
    return waylay;
  },
  async 'a tunnel'() {
    const origin = await tcpServer((socket) => socket.write('hello'));
    const waylay = await waylayTo(origin, { tlsPassthrough: ['shop.test'] });
    const client = new RawClient(await connectThrough(waylay.port, 'shop.test:443'));
    // A ClientHello as far as its first record's head goes says that this is TLS.
    client.socket.write(CLIENT_HELLO);
    await client.until(/hello/);
    return waylay;
  },
  async 'a tunnel whose server does not read'() {
    const origin = await tcpServer((socket) => socket.pause().write('hello'));
    const waylay = await waylayTo(origin, { tlsPassthrough: ['shop.test'] });
    const client = new RawClient(await connectThrough(waylay.port, 'shop.test:443'));
    client.socket.write(CLIENT_HELLO);
    await client.until(/hello/);
    await full(client.socket);
    return waylay;
  },
  async 'a tunnel that is being dialled'() {
    // A proxy that does not answer.
    const { origin, asked } = await dialled();
    const waylay = await waylayTo(undefined, {
      tlsPassthrough: ['shop.test'],
      upstreamProxy: { server: `http://127.0.0.1:${origin.port}` },
    });
    connect(waylay.port, '127.0.0.1')
      .on('error', () => {})
      .write('CONNECT shop.test:443 HTTP/1.1\r\nHost: shop.test:443\r\n\r\n');
    await asked;
    return waylay;
  },
  async 'a protocol of its own'() {
    const origin = await tcpServer((socket) =>
      socket.once('data', () =>
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\nhello'),
      ),
    );
    const waylay = await waylayTo(origin);
    const client = dialTcp(waylay.port);
    client.write('GET http://shop.test/ HTTP/1.1\r\nHost: shop.test\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\n');
    await client.until(/hello/);
    return waylay;
  },
};

for (const secure of [false, true]) {
  const scheme = secure ? 'wss' : 'ws';
  kinds[`a WebSocket (${scheme})`] = async () => {
    const { origin, server } = await sockets(secure);
    const waylay = await waylayTo(origin);
    const client = await openSocket(waylay, secure);
    client.send('hello');
    await once(await server, 'message');
    return waylay;
  };
  kinds[`a WebSocket whose server does not read (${scheme})`] = async () => {
    const { origin, server } = await sockets(secure);
    const waylay = await waylayTo(origin);
    const client = await openSocket(waylay, secure);
    (await server).pause();
    for (let sent = 0; sent < 16; sent += 1) client.send(Buffer.alloc(1024 * 1024));
    await reached(waylay[PROXY], 'message');
    return waylay;
  };
  kinds[`a WebSocket that is mutated (${scheme})`] = async () => {
    const { origin, server } = await sockets(secure);
    const waylay = await waylayTo(origin);
    waylay.mutate({ websocket: true }, { response: { slice: 3, headers: { 'x-new': '1' } } } as never);
    const client = await openSocket(waylay, secure);
    client.send('hello');
    await once(await server, 'message');
    (await server).send('hello');
    await once(client, 'message');
    return waylay;
  };
  kinds[`a WebSocket that hangs (${scheme})`] = async () => {
    const { origin, server } = await sockets(secure);
    const waylay = await waylayTo(origin);
    waylay.mutate({ websocket: true }, { response: { fault: 'hang', after: 3 } } as never);
    await openSocket(waylay, secure);
    (await server).send('hello');
    while (waylay.exchanges[0]?.error === undefined) await setImmediate();
    return waylay;
  };
  kinds[`a WebSocket whose acceptance is delayed (${scheme})`] = async () => {
    const { origin } = await sockets(secure);
    const waylay = await waylayTo(origin);
    let asked = (): void => {};
    const arrived = new Promise<void>((resolve) => (asked = resolve));
    waylay.mutate({ websocket: true }, () => {
      asked();
      return { response: { delay: 3_600_000 } };
    });
    void openSocket(waylay, secure).catch(() => {});
    await arrived;
    await setImmediate();
    return waylay;
  };
}

// The longest that a write may be taken by a connection that nobody reads.
async function full(socket: Socket): Promise<void> {
  const chunk = Buffer.alloc(1024 * 1024);
  for (let sent = 0; sent < 16; sent += 1) socket.write(chunk);
  await setImmediate();
}

const CLIENT_HELLO = Buffer.from('160301000501000001', 'hex');

const pending = ({ exchanges }: Waylay): string[] => exchanges.filter(({ ended }) => !ended).map(String);

describe.each(Object.entries(kinds))('%s', (kind, begin) => {
  test('has ended when a stop resolves', async () => {
    const waylay = await begin();
    // The target of CONNECT is recorded when it is there.
    expect(pending(waylay).length > 0).toBe(kind !== 'a tunnel that is being dialled');

    await waylay.stop();

    expect(pending(waylay)).toEqual([]);
    for (const { error, source, response, timing } of waylay.exchanges) {
      expect(timing.end).toBeGreaterThan(0);
      // An unread body is as complete as it can be.
      expect(error !== undefined || source === 'tunnel' || response?.captured.complete === true).toBe(true);
    }
    await Promise.allSettled(waylay.exchanges.map((exchange) => exchange.finished()));
  });

  test('has ended when a stop resolves that is called twice', async () => {
    const waylay = await begin();
    await Promise.race([waylay.stop(), waylay.stop()]);
    expect(pending(waylay)).toEqual([]);
  });
});
