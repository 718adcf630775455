import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { Change, ResponseChanges } from '../../../matchers/mutate/change.js';
import { ended } from '../../integration/traffic.js';
import { ManualClock } from '../../manual-clock.js';
import { GREETED, GREETING, type Peers, peers, RawChat, SCHEMES, undiciClient, wsClient } from './websocket-peers.js';

const CHAT = 'https://chat.test/chat';
const PLAIN = 'http://chat.test/chat';
const url = ({ scheme }: Peers) => (scheme === 'ws' ? PLAIN : CHAT);

/** All that a client without the proxy sees. */
async function direct(chat: Peers): Promise<{ head: string; stream: Buffer }> {
  const client = new RawChat(await chat.dial(true));
  const stream = await client.bytes(GREETED.length);
  client.raw.socket.destroy();
  return { head: client.head, stream };
}

/** Lets the proxy's time pass until something has happened. */
async function whileTimePasses<T>(clock: ManualClock, promise: Promise<T>): Promise<T> {
  let over = false;
  const done = promise.finally(() => {
    over = true;
  });
  while (!over) {
    await new Promise((resolve) => setImmediate(resolve));
    if (clock.running > 0) clock.advance(10);
  }
  return done;
}

describe.each(SCHEMES)('%s: the response of an accepted WebSocket', (scheme) => {
  test('that no rule concerns is the server’s', async () => {
    const chat = await peers(scheme);
    const { head, stream } = await direct(chat);
    const client = new RawChat(await chat.dial());
    expect(await client.bytes(GREETED.length)).toEqual(stream);
    expect(client.head).toBe(head);
  });

  test('has its fields and reason phrase changed, and nothing else', async () => {
    const chat = await peers(scheme);
    const { head } = await direct(chat);
    const handle = chat.rules.mutate(url(chat), { response: { headers: { 'x-new': '1' }, statusText: 'Come In' } });
    const client = new RawChat(await chat.dial());
    expect(await client.bytes(GREETED.length)).toEqual(GREETED);
    expect(client.head).toBe(head.replace('Switching Protocols', 'Come In').replace(/\r\n$/, 'x-new: 1\r\n\r\n'));
    expect(handle.hits).toBe(1);
    expect(chat.rules.warnings).toEqual([]);
    client.say('more');
    expect(String(await client.bytes(GREETED.length + 6))).toContain('more');
    client.raw.socket.destroy();
    const exchange = await ended(chat.proxy);
    expect(exchange).toMatchObject({
      mutated: true,
      error: undefined,
      response: { status: 101, statusText: 'Come In' },
    });
    expect(exchange.originalResponse?.statusText).toBe('Switching Protocols');
    expect(exchange.messages.map(({ data }) => String(data))).toEqual([...GREETING, 'more', 'more']);
  });

  // Neither side can tell what a reset throws away of what came right before it.
  test.each<[ResponseChanges, 'head' | 'no head', number, string]>([
    [{ fault: 'reset' }, 'no head', 0, 'ECONNRESET'],
    [{ fault: 'empty' }, 'no head', 0, 'FIN'],
    [{ fault: 'truncate' }, 'head', 0, 'FIN'],
    [{ fault: 'truncate', after: 10 }, 'head', 10, 'FIN'],
    [{ fault: 'reset', after: 0 }, 'head', 0, 'ECONNRESET'],
    [{ fault: 'reset', after: 10 }, 'head', 10, 'ECONNRESET'],
  ])('breaks off: %j', async (change, shown, bytes, end) => {
    const chat = await peers(scheme);
    const { head } = await direct(chat);
    const handle = chat.rules.mutate(url(chat), { response: change });
    const client = new RawChat(await chat.dial());
    expect(await client.end()).toBe(end);
    expect(client.head).toBe(shown === 'head' ? head : '');
    expect(client.stream).toEqual(GREETED.subarray(0, bytes));
    const exchange = await ended(chat.proxy);
    expect(exchange).toMatchObject({ source: 'failed', error: { code: 'WAYLAY_FAULT' } });
    expect(exchange.messages.map(({ data }) => String(data))).toEqual(GREETING.slice(0, Math.floor(bytes / 7)));
    expect([handle.hits, chat.rules.warnings]).toEqual([1, []]);
    const [server] = chat.accepted.slice(-1);
    if (server?.readyState !== 3) await once(server as NonNullable<typeof server>, 'close');
  });

  test('hangs before its head until the client leaves', async () => {
    const chat = await peers(scheme);
    chat.rules.mutate(url(chat), { response: { fault: 'hang' } });
    const client = new RawChat(await chat.dial());
    await expect.poll(() => chat.proxy.journal.exchanges[0]?.error?.code).toBe('WAYLAY_FAULT');
    expect([client.raw.received, client.raw.closed]).toEqual(['', false]);
    client.raw.socket.end();
    expect(await ended(chat.proxy)).toMatchObject({ source: 'failed', response: undefined });
    await client.end();
  });

  test('hangs within: what the client says goes on, and the server’s end is not told', async () => {
    const chat = await peers(scheme);
    chat.rules.mutate(url(chat), { response: { fault: 'hang', after: 10 } });
    const client = new RawChat(await chat.dial());
    expect(await client.bytes(10)).toEqual(GREETED.subarray(0, 10));
    const [server] = chat.accepted as [Peers['accepted'][number]];
    const said = once(server, 'message');
    client.say('anyone?');
    expect(String((await said)[0])).toBe('anyone?');
    const closed = once(server, 'close');
    server.terminate();
    await closed;
    expect([client.stream.length, client.raw.closed]).toEqual([10, false]);
    client.raw.socket.destroy();
    expect(await ended(chat.proxy)).toMatchObject({ error: { code: 'WAYLAY_FAULT' } });
  });

  test('comes in slices', async () => {
    const chat = await peers(scheme);
    chat.rules.mutate(url(chat), { response: { slice: 4 } });
    const client = new RawChat(await chat.dial());
    await client.bytes(GREETED.length);
    const lengths = client.pieces.map(({ length }) => length);
    // A record for each; what TCP puts together is its own affair.
    if (scheme === 'wss') expect(lengths.slice(1)).toEqual([4, 4, 4, 4, 4, 1]);
    else expect(lengths.slice(1, -1).filter((length) => length % 4 !== 0)).toEqual([]);
  });

  test('is delayed, with what the server says', async () => {
    const clock = new ManualClock();
    const chat = await peers(scheme, { clock });
    chat.rules.mutate(url(chat), { response: { delay: 400, jitter: 0 } });
    const client = new RawChat(await chat.dial());
    await clock.timer();
    clock.advance(399);
    expect(chat.proxy.journal.exchanges[0]?.response).toBeUndefined();
    clock.advance(1);
    expect(await client.bytes(GREETED.length)).toEqual(GREETED);
    expect(clock.running).toBe(0);
  });

  test('takes the time that its bandwidth gives it', async () => {
    const clock = new ManualClock();
    const chat = await peers(scheme, { clock });
    chat.rules.mutate(url(chat), { response: { bandwidth: 100 } });
    const start = clock.now();
    const client = new RawChat(await chat.dial());
    expect(await whileTimePasses(clock, client.bytes(GREETED.length))).toEqual(GREETED);
    // 21 bytes at 100 a second; the last one is not waited for on the client's side.
    expect(clock.now() - start).toBeGreaterThanOrEqual(200);
    client.raw.socket.destroy();
    await ended(chat.proxy);
    expect(clock.running).toBe(0);
  });

  test.each<[ResponseChanges, string]>([
    [{ status: 401 }, '401 '],
    [{ status: 401, json: { error: 'login' } }, '401 {"error":"login"}'],
    [{ status: (old) => (old === 101 ? 503 : old), text: 'later' }, '503 later'],
  ])('is refused by another status: %j', async (change, seen) => {
    const chat = await peers(scheme);
    const handle = chat.rules.mutate(url(chat), { response: change });
    expect(await wsClient(chat)).toEqual([seen]);
    const exchange = await ended(chat.proxy);
    expect(exchange).toMatchObject({ error: undefined, response: { status: Number(seen.slice(0, 3)) } });
    expect(exchange.response?.header('sec-websocket-accept')).toBeUndefined();
    expect(exchange.originalResponse?.status).toBe(101);
    expect([handle.hits, chat.rules.warnings]).toEqual([1, []]);
    const [server] = chat.accepted as [Peers['accepted'][number]];
    if (server.readyState !== 3) await once(server, 'close');
  });

  test('stays as it is where a function of its status says so', async () => {
    const chat = await peers(scheme);
    chat.rules.mutate(url(chat), { response: { status: (old) => old } });
    expect(await wsClient(chat)).toEqual(['open', ...GREETING]);
    expect(chat.rules.verify()).toBeUndefined();
  });

  test.each<[ResponseChanges, string]>([
    [{ json: { n: 1 } }, 'response.json'],
    [{ json: () => ({ n: 1 }) }, 'response.json'],
    [{ text: 'text' }, 'response.text'],
    [{ body: 'bytes' }, 'response.body'],
    [{ stream: (chunks) => chunks }, 'response.stream'],
    [{ trailers: { 'x-sum': '1' } }, 'response.trailers'],
    [{ fault: 'malformed-chunk' }, 'response.fault'],
  ])('has none of this, which is told of: %j, row %#', async (response, part) => {
    const chat = await peers(scheme);
    const { stream } = await direct(chat);
    const handle = chat.rules.mutate(url(chat), { response });
    const client = new RawChat(await chat.dial());
    expect(await client.bytes(GREETED.length)).toEqual(stream);
    expect(handle.hits).toBe(1);
    expect(chat.rules.warnings).toEqual([
      expect.stringMatching(
        new RegExp(
          `^The mutation ${url(chat)} \\(test/matchers/mutate/websockets.test.ts:\\d+\\): ${part} (had no effect on|changed no body of) GET ${url(chat)}: `,
        ),
      ),
    ]);
    for (const only of [{ websocket: true }, { protocol: scheme }, `${scheme}://chat.test/**`]) {
      expect(() => chat.rules.mutate(only, { response })).toThrow(
        /^Invalid change .*response\b.*\. Write \{ response: /,
      );
    }
  });

  test('that ends before its fault is whole, which is told', async () => {
    const chat = await peers(scheme);
    chat.rules.mutate(url(chat), { response: { fault: 'reset', after: 1000 } });
    const client = new RawChat(await chat.dial());
    await client.bytes(GREETED.length);
    chat.accepted[0]?.close(1000);
    await client.bytes(GREETED.length + 4);
    client.raw.write(Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]));
    expect(await client.end()).toBe('FIN');
    expect((await ended(chat.proxy)).error).toBeUndefined();
    expect(chat.rules.warnings).toEqual([expect.stringContaining('response.fault had no effect on GET')]);
  });
});

describe.each(SCHEMES)('%s: the request of a WebSocket', (scheme) => {
  test('has its fields changed', async () => {
    const chat = await peers(scheme);
    chat.rules.mutate(url(chat), { request: { headers: { 'x-new': '1', 'sec-websocket-extensions': null } } });
    expect(await wsClient(chat)).toEqual(['open', ...GREETING]);
    expect(chat.handshakes[0]?.headers).toMatchObject({ 'x-new': '1' });
    expect(chat.handshakes[0]?.headers).not.toHaveProperty('sec-websocket-extensions');
  });

  test('is delayed', async () => {
    const clock = new ManualClock();
    const chat = await peers(scheme, { clock });
    chat.rules.mutate(url(chat), { request: { delay: 400 } });
    const client = new RawChat(await chat.dial());
    await clock.timer();
    clock.advance(399);
    expect(chat.handshakes).toEqual([]);
    clock.advance(1);
    expect(await client.bytes(GREETED.length)).toEqual(GREETED);
  });

  test('has what the client sends take the time that its bandwidth gives it', async () => {
    const clock = new ManualClock();
    const chat = await peers(scheme, { clock });
    chat.rules.mutate(url(chat), { request: { bandwidth: 100 } });
    const client = new RawChat(await chat.dial());
    await client.bytes(GREETED.length);
    const start = clock.now();
    client.say('0123456789'.repeat(2));
    await whileTimePasses(clock, client.bytes(GREETED.length + 22));
    // 26 bytes at 100 a second.
    expect(clock.now() - start).toBeGreaterThanOrEqual(200);
  });

  test('has what the client sends break off by truncate', async () => {
    const chat = await peers(scheme);
    chat.rules.mutate(url(chat), { request: { fault: 'truncate', after: 14 } });
    const client = new RawChat(await chat.dial());
    await client.bytes(GREETED.length);
    const [server] = chat.accepted as [Peers['accepted'][number]];
    const closed = once(server, 'close');
    client.say('12345');
    client.say('67890');
    // The first is whole; of the second, its server has three bytes and the end.
    expect((await closed)[0]).toBe(1006);
    await client.end();
    expect(client.stream.subarray(GREETED.length, GREETED.length + 7).toString()).toContain('12345');
    expect((await ended(chat.proxy)).error?.code).toBe('WAYLAY_FAULT');
    expect(chat.rules.warnings).toEqual([]);
  });

  test('has what the client sends break off by reset, on both sides', async () => {
    const chat = await peers(scheme);
    chat.rules.mutate(url(chat), { request: { fault: 'reset', after: 14 } });
    const client = new RawChat(await chat.dial());
    await client.bytes(GREETED.length);
    const [server] = chat.accepted as [Peers['accepted'][number]];
    const closed = once(server, 'close');
    client.say('12345');
    client.say('67890');
    expect((await closed)[0]).toBe(1006);
    expect(await client.end()).toBe('ECONNRESET');
    expect(await ended(chat.proxy)).toMatchObject({ source: 'failed', error: { code: 'WAYLAY_FAULT' } });
  });

  test('has what the client sends hang, while the server goes on', async () => {
    const chat = await peers(scheme);
    chat.rules.mutate(url(chat), { request: { fault: 'hang', after: 11 } });
    const client = new RawChat(await chat.dial());
    await client.bytes(GREETED.length);
    const [server] = chat.accepted as [Peers['accepted'][number]];
    client.say('12345');
    await client.bytes(GREETED.length + 7);
    client.say('67890');
    server.send('still here');
    expect(String(await client.bytes(GREETED.length + 19))).toMatch(/12345.*still here$/s);
    client.raw.socket.destroy();
    expect((await ended(chat.proxy)).error?.code).toBe('WAYLAY_FAULT');
  });

  test('that is declined has sent nothing that could be slowed down or broken, which is told', async () => {
    const chat = await peers(scheme, { decline: 403 });
    chat.rules.mutate(url(chat), { request: { fault: 'reset', after: 10 } });
    expect(await wsClient(chat)).toEqual(['403 no']);
    expect(chat.rules.warnings).toEqual([expect.stringContaining('declined with a 403')]);
  });

  test.each<[Change]>([[{ request: { json: { n: 1 } } }], [{ request: { body: (old) => old } }]])(
    'has no body, which is told: %j',
    async (change) => {
      const chat = await peers(scheme);
      chat.rules.mutate(url(chat), change);
      expect(await wsClient(chat)).toEqual(['open', ...GREETING]);
      expect(chat.rules.warnings).toEqual([expect.stringContaining('RFC 6455, section 4.1')]);
      expect(() => chat.rules.mutate({ websocket: true }, change)).toThrow('RFC 6455, section 4.1');
    },
  );
});

test('a wide rule that had its effect elsewhere is not told of for a WebSocket that passed by', async () => {
  const chat = await peers('ws');
  chat.rules.mutate('**', { response: { slice: 3, text: (old) => old } });
  await wsClient(chat);
  expect(chat.rules.warnings).toHaveLength(1);
  chat.rules.stubResponse('**', { text: 'hello' });
  const client = new RawChat(await chat.dial());
  await client.end();
  expect(chat.rules.warnings).toEqual([]);
});

describe('a WebSocket that is to have another server than the one it names', () => {
  test('is told of by the stub that would accept it, with what to do instead, and each of these does it', async () => {
    const chat = await peers('ws');
    const other = await peers('ws');
    expect(() => chat.rules.stubResponse({ websocket: true }, { status: 101 })).toThrow(
      `Invalid reply { status: 101 }: a stub cannot accept a WebSocket yet, it can only refuse one. ` +
        `Write { status: 401 } to refuse it, or lead it to a server of your own, such as one of the package ws: ` +
        `mutate(pattern, { request: { url: 'ws://127.0.0.1:8080' } }), or the option hosts: { 'chat.test': '127.0.0.1:8080' }.`,
    );
    const refusing = chat.rules.stubResponse({ websocket: true }, { status: 401 });
    expect(await wsClient(chat)).toEqual(['401 ']);
    refusing.remove();
    chat.rules.mutate({ websocket: true }, { request: { url: `ws://127.0.0.1:${other.port}/other` } });
    expect(await wsClient(chat)).toEqual(['open', ...GREETING]);
    expect([chat.handshakes.length, other.handshakes.map(({ url }) => url)]).toEqual([0, ['/other']]);
  });
});

describe.each([
  ['ws', wsClient],
  ['undici', undiciClient],
] as const)('a client of %s', (_, clientOf) => {
  test.each(SCHEMES)('sees over %s, untouched and in slices, what it sees without the proxy', async (scheme) => {
    const chat = await peers(scheme);
    const without = await clientOf(chat, GREETING.length, true);
    expect(without).toEqual(['open', ...GREETING]);
    expect(await clientOf(chat)).toEqual(without);
    chat.rules.mutate(url(chat), { request: { slice: 1 }, response: { slice: 1, headers: { 'x-new': '1' } } });
    expect(await clientOf(chat)).toEqual(without);
  });

  test.each(SCHEMES)('sees over %s, refused, what it sees where the server itself declines', async (scheme) => {
    const [chat, declining] = [await peers(scheme), await peers(scheme, { decline: 401 })];
    chat.rules.mutate(url(chat), { response: { status: 401, text: 'no' } });
    const without = await clientOf(declining, GREETING.length, true);
    expect(without.join()).toMatch(/^(401 no|close 1006 false)$/);
    expect(await clientOf(chat)).toEqual(without);
  });

  test.each(SCHEMES)('sees over %s, broken off, the messages that came before', async (scheme) => {
    const chat = await peers(scheme);
    chat.rules.mutate(url(chat), { response: { fault: 'truncate', after: 10 } });
    const seen = await clientOf(chat);
    expect(seen.slice(0, 2)).toEqual(['open', 'hello']);
    expect(seen.at(-1)).toMatch(/^close 1006/);
  });
});
