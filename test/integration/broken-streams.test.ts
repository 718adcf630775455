/** Connections that are relayed as they are, WebSockets among them, and end before they should. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { describe, expect, test } from 'vitest';
import type { Interceptor } from '../../src/interceptor.js';
import type { RunningProxy } from '../../src/proxy.js';
import { connectThrough, RawClient } from '../client.js';
import { publicAuthority, serverLeaf, tcpServer, testProxy, tlsServer } from '../servers.js';
import { frame } from '../websocket/frames.js';
import { ended } from './traffic.js';

type Scheme = 'ws' | 'wss';

/** One end of a connection. */
interface End {
  readonly stream: RawClient;
  /** The TCP connection beneath. */
  readonly raw: Socket;
}

type Side = 'client' | 'server';
type Ends = Record<Side, End>;

/** A server whose connections can be waited for. */
async function serve(scheme: Scheme): Promise<{ port: number; accepted: Promise<End> }> {
  let accept = (_: End): void => {};
  const accepted = new Promise<End>((resolve) => {
    accept = resolve;
  });
  const take = (socket: Socket, raw: Socket): void => {
    socket.on('end', () => socket.end());
    accept({ stream: new RawClient(socket), raw });
  };
  if (scheme === 'ws') return { accepted, ...(await tcpServer((socket) => take(socket, socket))) };
  let raw: Socket | undefined;
  const origin = await tlsServer(serverLeaf('shop.test'), (socket) => take(socket, raw as Socket));
  origin.server.on('connection', (socket: Socket) => {
    raw = socket;
  });
  return { accepted, ...origin };
}

/** Begins TLS as a client, where there is TLS. */
async function speak(scheme: Scheme, raw: Socket, ca: string): Promise<End> {
  if (scheme === 'ws') return { stream: new RawClient(raw), raw };
  const secured = tlsConnect({ socket: raw, servername: 'shop.test', ca });
  await once(secured, 'secureConnect');
  return { stream: new RawClient(secured), raw };
}

/** Both ends of a connection, through the proxy or without one. */
async function joined(
  scheme: Scheme,
  way: 'direct' | 'proxied',
  interceptor: Partial<Interceptor> = {},
): Promise<Ends & { proxy: RunningProxy | undefined }> {
  const { port, accepted } = await serve(scheme);
  if (way === 'direct') {
    const raw = connect({ port, host: '127.0.0.1', noDelay: true });
    const client = await speak(scheme, raw, publicAuthority.pem);
    return { proxy: undefined, client, server: await accepted };
  }
  const name = scheme === 'ws' ? 'shop.test:80' : 'shop.test:443';
  const proxy = await testProxy({ hosts: { [name]: `127.0.0.1:${port}` } }, interceptor);
  const client = await speak(scheme, await connectThrough(proxy.port, name), proxy.caPem);
  return { proxy, client, server: await accepted };
}

/** Has both ends switch protocols; neither has anything left to read then. */
async function upgrade({ client, server }: Ends, protocol: string): Promise<void> {
  client.stream.write(
    `GET /chat HTTP/1.1\r\nHost: shop.test\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n` +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
  );
  await server.stream.until(/\r\n\r\n$/);
  server.stream.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`);
  await client.stream.until(/\r\n\r\n$/);
}

const other = (side: Side): Side => (side === 'client' ? 'server' : 'client');

/** Says something, and ends the connection when the other has heard it. */
async function leave(ends: Ends, side: Side, bytes: Buffer, how: 'RST' | 'FIN'): Promise<string> {
  const { stream, raw } = ends[side];
  const listener = ends[other(side)].stream;
  const before = listener.received.length;
  stream.write(bytes);
  await listener.until(new RegExp(`^[^]{${before + bytes.length}}`));
  if (how === 'RST') raw.resetAndDestroy();
  else stream.socket.end();
  await listener.end();
  return listener.error?.code ?? 'ended';
}

const FAILED_BY = {
  client: { code: 'WAYLAY_CLIENT_ABORTED', fault: 'client' },
  server: { code: 'WAYLAY_UPSTREAM_TRUNCATED', fault: 'upstream' },
};

/** A side's last words, and whether the rest is missed. */
const lastWords: Record<string, (side: Side) => { bytes: Buffer; missed: { RST: boolean; FIN: boolean } }> = {
  'inside a frame': (side) => ({
    bytes: frame(side, { payload: 'never to end' }).subarray(0, 10),
    missed: { RST: true, FIN: true },
  }),
  'inside the head of a frame': (side) => ({
    bytes: frame(side, { payload: 'never to end' }).subarray(0, 1),
    missed: { RST: true, FIN: true },
  }),
  'between two frames of a message': (side) => ({
    bytes: frame(side, { payload: 'to be continued', final: false }),
    missed: { RST: true, FIN: true },
  }),
  'between two messages': (side) => ({
    bytes: frame(side, { payload: 'the last word' }),
    missed: { RST: true, FIN: false },
  }),
  'after a close': (side) => ({
    bytes: frame(side, { opcode: 8, payload: Buffer.from([3, 232]) }),
    missed: { RST: false, FIN: false },
  }),
};

describe.each(['ws', 'wss'] as const)('a WebSocket over %s', (scheme) => {
  describe.each(['client', 'server'] as const)('whose %s leaves', (side) => {
    describe.each(['RST', 'FIN'] as const)('by %s', (how) => {
      test.each(Object.keys(lastWords))('ends as it does without a proxy, with the last words %s', async (place) => {
        const { bytes, missed } = lastWords[place]?.(side) ?? {
          bytes: Buffer.alloc(0),
          missed: { RST: true, FIN: true },
        };
        const direct = await joined(scheme, 'direct');
        await upgrade(direct, 'websocket');
        const ends = await joined(scheme, 'proxied');
        await upgrade(ends, 'websocket');
        const seen = await leave(ends, side, bytes, how);
        expect(seen).toBe(await leave(direct, side, bytes, how));

        const exchange = await ended(ends.proxy as RunningProxy);
        const failed = missed[how];
        if (failed) {
          expect(exchange.error).toMatchObject(FAILED_BY[side]);
          await expect(exchange.finished()).rejects.toBe(exchange.error);
        } else expect(exchange.error).toBeUndefined();
        expect(exchange.response?.captured.complete).toBe(!failed);
        expect(exchange.source).toBe(failed && side === 'server' ? 'failed' : 'upstream');
        expect(exchange.messagesError === undefined).toBe(!missed.FIN);
      });
    });
  });

  test('that is shaped breaks as its server does', async () => {
    const ends = await joined(scheme, 'proxied', { onResponse: () => ({ shape: { slice: 3 } }) });
    await upgrade(ends, 'websocket');
    const bytes = frame('server', { payload: 'never to end' }).subarray(0, 9);
    expect(await leave(ends, 'server', bytes, 'RST')).toBe('ECONNRESET');
    expect((await ended(ends.proxy as RunningProxy)).error).toMatchObject(FAILED_BY.server);
  });

  test('is stopped inside a message', async () => {
    const ends = await joined(scheme, 'proxied');
    await upgrade(ends, 'websocket');
    ends.server.stream.write(frame('server', { payload: 'never to end' }).subarray(0, 9));
    await ends.client.stream.until(/never t/);
    await ends.proxy?.stop();
    expect((await ended(ends.proxy as RunningProxy)).error).toMatchObject({ code: 'WAYLAY_STOPPED' });
  });
});

describe.each(['client', 'server'] as const)('a connection whose %s leaves', (side) => {
  test.each(['RST', 'FIN'] as const)(
    'after a switch to a protocol of its own, by %s, ends as without a proxy',
    async (how) => {
      const direct = await joined('ws', 'direct');
      await upgrade(direct, 'other');
      const ends = await joined('ws', 'proxied');
      await upgrade(ends, 'other');
      const bytes = Buffer.from('whatever');
      expect(await leave(ends, side, bytes, how)).toBe(await leave(direct, side, bytes, how));
      const { error, response } = await ended(ends.proxy as RunningProxy);
      if (how === 'RST') expect(error).toMatchObject(FAILED_BY[side]);
      else expect(error).toBeUndefined();
      expect(response?.captured.complete).toBe(how === 'FIN');
    },
  );

  test.each([
    ['ws', 'RST'],
    ['ws', 'FIN'],
    ['wss', 'RST'],
    ['wss', 'FIN'],
  ] as const)('in a tunnel (%s) by %s, ends as without a proxy', async (scheme, how) => {
    const greet = async (ends: Ends): Promise<void> => {
      ends.client.stream.write('\0hello');
      await ends.server.stream.until(/hello/);
      ends.server.stream.write('welcome');
      await ends.client.stream.until(/welcome/);
    };
    const direct = await joined(scheme, 'direct');
    await greet(direct);
    const ends = await joined(scheme, 'proxied');
    await greet(ends);
    const bytes = Buffer.from('whatever');
    expect(await leave(ends, side, bytes, how)).toBe(await leave(direct, side, bytes, how));
    const { error, source } = await ended(ends.proxy as RunningProxy);
    // A client that leaves with something unread resets its connection, too.
    const failed = how === 'RST' && side === 'server';
    if (failed) expect(error).toMatchObject(FAILED_BY.server);
    else expect(error).toBeUndefined();
    expect(source).toBe(failed ? 'failed' : 'tunnel');
  });
});
