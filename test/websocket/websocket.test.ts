import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { toHar } from '../../src/journal/har/har.js';
import type { RunningProxy } from '../../src/proxy.js';
import type { WebSocketMessage } from '../../src/websocket/message.js';
import { dialTcp, RawClient } from '../client.js';
import { ended } from '../integration/traffic.js';
import { harFaults } from '../journal/har/har-schema.js';
import { tcpServer, testProxy } from '../servers.js';
import { chat, WAYS } from './chat.js';
import { frame } from './frames.js';

const MIB = 1024 * 1024;

/** The exchange of the WebSocket, open or not. */
function handshake(proxy: RunningProxy) {
  const [exchange] = proxy.journal.exchanges;
  if (exchange === undefined) throw new Error('no exchange');
  return exchange;
}

/** The next message that arrives, as text. */
async function received(socket: WebSocket): Promise<Buffer> {
  const [data] = (await once(socket, 'message')) as [Buffer];
  return data;
}

async function close(socket: WebSocket, code?: number, reason?: string): Promise<void> {
  const closed = once(socket, 'close');
  socket.close(code, reason);
  await closed;
}

const brief = ({ from, type, data }: WebSocketMessage) => `${from} ${type} ${data}`;

describe.each(WAYS)('over %s', (way) => {
  test.each([
    ['uncompressed', false],
    ['compressed', { threshold: 0 }],
    [
      'compressed without context takeover',
      { threshold: 0, serverNoContextTakeover: true, clientNoContextTakeover: true },
    ],
    ['compressed with small windows', { threshold: 0, serverMaxWindowBits: 9, clientMaxWindowBits: 9 }],
  ])('both sides have what they say recorded in order, %s', async (_, deflate) => {
    const { proxy, client, server } = await chat({ way, deflate });
    expect(client.extensions).toBe(deflate === false ? '' : 'permessage-deflate');
    server.on('message', (data, binary) => server.send(data, { binary }));
    const messages = ['hello', 'hello hello hello', '', 'grüße, 世界', randomBytes(70_000), 'hello hello hello'];
    for (const message of messages) {
      client.send(message);
      expect((await received(client)).equals(Buffer.from(message as string))).toBe(true);
    }
    client.ping('are you there?');
    await once(client, 'pong');
    await close(client, 4000, 'done');
    const exchange = await ended(proxy);
    const texts = exchange.messages.filter(({ type }) => type !== 'binary').map(brief);
    const said = messages.filter((message) => typeof message === 'string');
    expect(texts).toEqual([
      ...said.flatMap((text) => [`client text ${text}`, `server text ${text}`]),
      'client ping are you there?',
      'server pong are you there?',
      expect.stringContaining('client close'),
      expect.stringContaining('server close'),
    ]);
    const [sent, echoed] = exchange.messages.filter(({ type }) => type === 'binary');
    for (const binary of [sent, echoed]) {
      expect(binary).toMatchObject({ size: 70_000, truncated: false });
      expect(Buffer.from(binary?.data ?? '').equals(messages[4] as Buffer)).toBe(true);
    }
    expect(exchange.messages.at(-1)).toMatchObject({ code: 4000, reason: 'done' });
    expect(exchange).toMatchObject({ messagesError: undefined, forgottenMessages: 0, error: undefined });
    const times = [exchange.timing.responseStart, ...exchange.messages.map(({ time }) => time)].map(Number);
    expect(times.filter(Number.isFinite)).toEqual([...times.filter(Number.isFinite)].sort((a, b) => a - b));
  });
});

describe('messages', () => {
  test.each([false, { threshold: 0 }])(
    'are there before their receiver has them (compression: %j)',
    async (deflate) => {
      const { proxy, client, server } = await chat({ deflate });
      for (const word of ['one', 'two', 'three']) {
        server.send(word);
        await received(client);
        expect(handshake(proxy).messages.at(-1)).toMatchObject({ from: 'server', data: word });
        client.send(word);
        await received(server);
        expect(handshake(proxy).messages.at(-1)).toMatchObject({ from: 'client', data: word });
      }
      expect(handshake(proxy).ended).toBe(false);
    },
  );

  test.each([false, { threshold: 0 }])(
    'in fragments are one, with a ping between (compression: %j)',
    async (deflate) => {
      const { proxy, client, server } = await chat({ deflate });
      const arrived = received(server);
      client.send('a long ', { fin: false });
      client.ping('still here');
      client.send('', { fin: false });
      client.send('story', { fin: true });
      expect((await arrived).toString()).toBe('a long story');
      expect(
        handshake(proxy)
          .messages.filter(({ from }) => from === 'client')
          .map(brief)
          .sort(),
      ).toEqual(['client ping still here', 'client text a long story']);
    },
  );

  test.each([false, { threshold: 0 }])(
    'of 10 MiB pass unchanged and are kept up to captureLimit (compression: %j)',
    async (deflate) => {
      const { proxy, client, server } = await chat({ way: 'wss', deflate, options: { captureLimit: MIB } });
      const big = randomBytes(10 * MIB);
      server.on('message', (data, binary) => server.send(data, { binary }));
      client.send(big);
      expect((await received(client)).equals(big)).toBe(true);
      client.send('and on');
      expect((await received(client)).toString()).toBe('and on');
      const { messages, messagesError } = handshake(proxy);
      expect(messagesError).toBeUndefined();
      expect(messages).toHaveLength(4);
      for (const { data, size, truncated } of messages.slice(0, 2)) {
        expect({ size, truncated }).toEqual({ size: 10 * MIB, truncated: true });
        expect((data as Buffer).equals(big.subarray(0, MIB))).toBe(true);
      }
      expect(messages.at(-1)).toMatchObject({ data: 'and on', truncated: false });
    },
  );

  test('are kept to the last ones of a socket that never stops, and the others are counted', async () => {
    const { proxy, client, server } = await chat({ options: { journalLimit: { exchanges: 10 } } });
    for (let number = 0; number < 1000; number++) server.send(String(number));
    await new Promise<void>((resolve) => client.on('message', (data) => String(data) === '999' && resolve()));
    const { messages, forgottenMessages } = handshake(proxy);
    expect(messages.map(({ data }) => data)).toEqual(Array.from({ length: 10 }, (_, at) => String(990 + at)));
    expect(forgottenMessages).toBe(990);
  });

  test('are told to listeners one by one, as a phase of their own', async () => {
    const { proxy, client, server } = await chat();
    const heard: string[] = [];
    proxy.journal.subscribe((exchange, phase) => heard.push(`${phase} ${exchange.messages.length}`));
    client.send('one');
    await received(server);
    server.send('two');
    await received(client);
    await close(server, 1000);
    await ended(proxy);
    expect(heard).toEqual(['message 1', 'message 2', 'message 3', 'message 4', 'end 4']);
  });

  test('are in the archive as Chrome DevTools writes them', async () => {
    const { proxy, client, server } = await chat({ options: { captureLimit: 4 } });
    client.send('hi');
    await received(server);
    server.send(Buffer.from([0, 255, 1, 254, 2, 253]));
    await received(client);
    await close(client, 1000);
    const exchange = await ended(proxy);
    const har = JSON.parse(JSON.stringify(toHar([exchange], { version: '1' })));
    expect(harFaults(har)).toEqual([]);
    const [entry] = har.log.entries;
    expect(entry._resourceType).toBe('websocket');
    const [sent, came, ...closes] = entry._webSocketMessages;
    const [first] = exchange.messages;
    expect(sent).toEqual({ type: 'send', time: Number(first?.time) / 1000, opcode: 1, data: 'hi' });
    expect(came).toMatchObject({ type: 'receive', opcode: 2, data: 'AP8B/g==', _size: 6 });
    expect(closes).toMatchObject([
      { type: 'send', opcode: 8, data: 'A+g=' },
      { type: 'receive', opcode: 8, data: 'A+g=' },
    ]);
    expect(entry.comment).toBeUndefined();
  });
});

describe('the end of a WebSocket is recorded', () => {
  test.each([
    [1000, ''],
    [1001, 'going away'],
    [4999, 'ü'],
  ])('with %d %j from the server', async (code, reason) => {
    const { proxy, client, server } = await chat();
    const closed = once(client, 'close');
    server.close(code, reason);
    expect((await closed).map(String)).toEqual([String(code), reason]);
    const exchange = await ended(proxy);
    expect(exchange.messages).toMatchObject([
      { from: 'server', type: 'close', code, reason },
      { from: 'client', type: 'close', code },
    ]);
    expect(exchange.messagesError).toBeUndefined();
  });

  test('where it has no code', async () => {
    const { proxy, client } = await chat();
    await close(client);
    expect((await ended(proxy)).messages[0]).toMatchObject({ type: 'close', code: undefined, reason: '', size: 0 });
  });

  test('where it is abrupt between messages, with what was said', async () => {
    const { proxy, client, server } = await chat();
    client.send('last words');
    await received(server);
    client.terminate();
    const exchange = await ended(proxy);
    expect(exchange.messages.map(brief)).toEqual(['client text last words']);
    expect(exchange.messagesError).toBeUndefined();
  });

  test('where it is abrupt inside a message, with that', async () => {
    const { proxy, socket, server } = await chat();
    socket.write(frame('client', { payload: 'whole' }));
    await received(server);
    socket.write(frame('client', { payload: 'never to end' }).subarray(0, 10));
    socket.end();
    const exchange = await ended(proxy);
    expect(exchange.messages.map(brief)).toContain('client text whole');
    expect(exchange.messagesError).toMatchObject({
      code: 'WAYLAY_CLIENT_PROTOCOL',
      message: expect.stringContaining('and then the connection ended'),
    });
    expect(exchange.error).toMatchObject({ code: 'WAYLAY_CLIENT_ABORTED' });
    expect(exchange.response?.captured.complete).toBe(false);
  });
});

describe('where something is no WebSocket', () => {
  const ask = (extra = '') =>
    `GET http://shop.test/chat HTTP/1.1\r\nHost: shop.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n${extra}`;
  const SWITCHED = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n';

  async function rawServer(answer: string, reply = (_: RawClient) => {}): Promise<RunningProxy> {
    const origin = await tcpServer((socket) => {
      socket.once('data', () => {
        socket.write(Buffer.from(answer, 'latin1'));
        reply(new RawClient(socket));
      });
      socket.on('end', () => socket.end());
    });
    return testProxy({ hosts: { 'shop.test': `127.0.0.1:${origin.port}` } });
  }

  test('garbage after the 101 passes unchanged, is told of, and does not hide what the client says', async () => {
    const garbage = Array.from({ length: 5000 }, (_, at) => String.fromCharCode((at * 7 + 13) % 256)).join('');
    const proxy = await rawServer(SWITCHED + garbage);
    const client = dialTcp(proxy.port);
    client.write(ask());
    await client.until(new RegExp(`[^]{${SWITCHED.length + garbage.length}}`));
    client.write(frame('client', { payload: 'hello?' }));
    client.socket.end();
    expect(await client.end()).toBe(SWITCHED + garbage);
    const exchange = await ended(proxy);
    expect(exchange.messages.map(brief)).toEqual(['client text hello?']);
    expect(exchange.messagesError).toMatchObject({ code: 'WAYLAY_UPSTREAM_PROTOCOL', fault: 'upstream' });
    expect(exchange.error).toBeUndefined();
    const [entry] = toHar([exchange], { version: '1' }).log.entries;
    expect(entry?.comment).toContain('The server sent ');
  });

  test('bytes in one packet with either head are read too', async () => {
    const proxy = await rawServer(SWITCHED + frame('server', { payload: 'welcome' }).toString('latin1'), (server) => {
      server.until(/\x84/).then(
        () => server.socket.end(),
        () => {},
      );
    });
    const client = dialTcp(proxy.port);
    client.write(Buffer.concat([Buffer.from(ask()), frame('client', { opcode: 2, payload: 'eager' })]));
    await client.until(/welcome$/);
    client.socket.end();
    const exchange = await ended(proxy);
    expect(exchange.messages.map(brief).sort()).toEqual(['client binary eager', 'server text welcome']);
  });

  test('another protocol, or a handshake that was declined, has no messages', async () => {
    const proxy = await rawServer('HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n');
    const client = dialTcp(proxy.port);
    client.write(ask());
    await client.end();
    expect((await ended(proxy)).messages).toEqual([]);
    const other = await rawServer('HTTP/1.1 101 Other\r\nUpgrade: other\r\nConnection: Upgrade\r\n\r\nfree text');
    const speaker = dialTcp(other.port);
    speaker.write(ask().replace('websocket', 'other'));
    await speaker.until(/free text$/);
    speaker.socket.end();
    expect(await ended(other)).toMatchObject({ websocket: false, messages: [], messagesError: undefined });
  });
});

test('a receiver that is slow holds the sender back, as without reading', async () => {
  const { proxy, client, server, socket } = await chat({ options: { captureLimit: 1000 } });
  const block = Buffer.alloc(MIB, 'a');
  socket.pause();
  let unsent = 0;
  // Until what was sent last no longer leaves: then the way is full.
  for (let count = 0; count < 256 && unsent < 8 * MIB; count++) {
    server.send(block);
    await setImmediate();
    unsent = server.bufferedAmount;
  }
  expect(unsent).toBeGreaterThanOrEqual(8 * MIB);
  server.send('the end');
  const arrived = new Promise<void>((resolve) =>
    client.on('message', (data) => String(data) === 'the end' && resolve()),
  );
  socket.resume();
  await arrived;
  expect(handshake(proxy).messages.at(-1)).toMatchObject({ data: 'the end' });
});
