/** Answers made here, over real connections: what the client gets, and when. */
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { Answer, Interceptor, RequestDecision } from '../../src/interceptor.js';
import type { RunningProxy } from '../../src/proxy.js';
import { RawClient } from '../client.js';
import { ask, exchangeThrough, type SentRequest, VERSIONS } from '../exchange-client.js';
import { ManualClock } from '../manual-clock.js';
import { testProxy } from '../servers.js';
import { ended, sessionThrough, shopThrough } from './traffic.js';

const URL = 'https://shop.test/';
const OK = { status: 200, statusText: 'OK', headers: ['Content-Type', 'text/plain'] };

/** A proxy that answers everything so. */
function answering(answer: Partial<Answer>, { delay, clock }: { delay?: number; clock?: ManualClock } = {}) {
  const decision: RequestDecision = {
    action: 'answer',
    answer: { ...OK, body: Buffer.alloc(0), ...answer },
    ...(delay !== undefined && { delay }),
  };
  const interceptor: Partial<Interceptor> = { mayAnswer: () => true, onRequest: () => decision };
  return testProxy({}, interceptor, clock && { clock });
}

const address = (proxy: RunningProxy) => ({ port: proxy.port, ca: { pem: proxy.caPem } });

/** A stream whose reads can be seen; `next` gives what comes, `return` is recorded. */
function source(next: (at: number) => Promise<string | Buffer | undefined>) {
  const seen = { asked: 0, returned: 0 };
  let onReturn = () => {};
  const returned = new Promise<void>((resolve) => {
    onReturn = resolve;
  });
  const body: AsyncIterable<Buffer> = {
    [Symbol.asyncIterator]: () => ({
      async next() {
        const value = await next(seen.asked++);
        return value === undefined ? { done: true, value } : { done: false, value: Buffer.from(value) };
      },
      async return() {
        seen.returned += 1;
        onReturn();
        return { done: true, value: undefined };
      },
    }),
  };
  return { body, seen, returned };
}

const never = new Promise<never>(() => {});

describe.each(VERSIONS)('over %s', (version) => {
  const get = async (proxy: RunningProxy, sent: Partial<SentRequest> = {}) =>
    exchangeThrough(address(proxy), version, { url: URL, ...sent });

  test('interim heads come first', async () => {
    const hints = { status: 103, statusText: 'Early Hints', headers: ['Link', '</a.css>; rel=preload'] };
    const proxy = await answering({ informational: [hints, hints], body: Buffer.from('fine') });
    const received = await get(proxy);
    const seen = { status: 103, headers: expect.objectContaining({ link: '</a.css>; rel=preload' }) };
    expect(received).toMatchObject({ status: 200, body: Buffer.from('fine'), informational: [seen, seen] });
  });

  test('a delay is between the interim heads and the head; the decision’s comes before both', async () => {
    const clock = new ManualClock();
    const hints = { status: 103, statusText: 'Early Hints', headers: ['Link', '</a.css>'] };
    const proxy = await answering(
      { informational: [hints], delay: 300, body: Buffer.from('late') },
      { delay: 50, clock },
    );
    const asking = await ask(address(proxy), version, { url: URL });
    await clock.timer();
    clock.advance(50);
    await clock.timer();
    expect(proxy.journal.exchanges[0]?.response).toBeUndefined();
    clock.advance(300);
    const received = await asking.received;
    expect(received.body.toString()).toBe('late');
    expect(received.informational).toHaveLength(1);
    const { timing } = await ended(proxy);
    expect((timing.responseStart ?? 0) - timing.start).toBe(350);
    expect(clock.running).toBe(0);
  });

  test('a client that leaves during the delay ends it, and the body is let go of', async () => {
    const clock = new ManualClock();
    const { body, seen } = source(() => never);
    const proxy = await answering({ delay: 1000, body }, { clock });
    const asking = await ask(address(proxy), version, { url: URL });
    await clock.timer();
    asking.leave();
    expect(await ended(proxy)).toMatchObject({ source: 'failed', error: { code: 'WAYLAY_CLIENT_ABORTED' } });
    expect(clock.running).toBe(0);
    expect(seen).toEqual({ asked: 0, returned: 1 });
  });

  test.each([
    ['bytes', () => Buffer.from('fine')],
    ['a stream', () => Readable.from([Buffer.from('fi'), Buffer.from('ne')])],
  ] as const)('trailers come after %s', async (_, body) => {
    const proxy = await answering({
      headers: ['Content-Length', '4'],
      body: body(),
      trailers: ['Server-Timing', 'db;dur=53'],
    });
    const received = await get(proxy);
    expect(received).toMatchObject({ body: Buffer.from('fine'), trailers: { 'server-timing': 'db;dur=53' } });
    expect(received.headers['content-length']).toBeUndefined();
    expect((await ended(proxy)).response?.trailers).toEqual(['Server-Timing', 'db;dur=53']);
  });

  test('a chunk is with the client before the next one is asked for; the client may leave meanwhile', async () => {
    const { body, seen, returned } = source(async (at) => (at === 0 ? 'first' : never));
    const proxy = await answering({ body });
    const asking = await ask(address(proxy), version, { url: URL });
    expect((await asking.bytes(5)).body.toString()).toBe('first');
    asking.leave();
    await returned;
    expect(await ended(proxy)).toMatchObject({ error: { code: 'WAYLAY_CLIENT_ABORTED' } });
    expect(seen.returned).toBe(1);
  });

  test('a function that blocks after its first chunk does not hold it back', async () => {
    let release = () => {};
    const blocked = new Promise<void>((resolve) => {
      release = resolve;
    });
    async function* body() {
      yield Buffer.from('first');
      await blocked;
      yield Buffer.from('second');
    }
    const proxy = await answering({ body: body() });
    const asking = await ask(address(proxy), version, { url: URL });
    await asking.bytes(5);
    release();
    expect((await asking.received).body.toString()).toBe('firstsecond');
  });

  test('the head waits for no chunk', async () => {
    const { body } = source(() => never);
    const proxy = await answering({ body });
    const asking = await ask(address(proxy), version, { url: URL });
    expect((await asking.head).status).toBe(200);
  });

  test('the proxy that stops lets go of what is pending', async () => {
    const { body, returned } = source(() => never);
    const proxy = await answering({ body });
    const asking = await ask(address(proxy), version, { url: URL });
    await asking.head;
    await proxy.stop();
    await returned;
    expect(proxy.journal.exchanges[0]).toMatchObject({ ended: true, error: { code: 'WAYLAY_STOPPED' } });
  });

  test('a stream is read no faster than the client takes it', async () => {
    const chunk = Buffer.alloc(256 * 1024);
    const { body, seen, returned } = source(async () => chunk);
    const proxy = await answering({ body });
    const leave = await askWithoutReading(proxy, version);
    const before = await settled(() => seen.asked);
    // Buffers, ours and the system's, are filled, and not with an endless stream.
    expect(before * chunk.length).toBeLessThan(64 * 1024 * 1024);
    expect(before).toBeGreaterThan(0);
    leave();
    await returned;
  });

  test('a stream is read no faster where its change is decided on after its first chunk has come', async () => {
    // More than lies in any buffer of the system's.
    const chunk = Buffer.alloc(64 * 1024 * 1024);
    const asked = async (decided?: Promise<void>): Promise<number> => {
      const { body, seen, returned } = source(async () => chunk);
      const decision: RequestDecision = { action: 'answer', answer: { ...OK, body } };
      const onResponse = (): Promise<undefined> | undefined => decided?.then(() => undefined);
      const proxy = await testProxy({}, { mayAnswer: () => true, onRequest: () => decision, onResponse });
      const leave = await askWithoutReading(proxy, version);
      while (seen.asked < 2) await new Promise((resolve) => setImmediate(resolve));
      decide();
      while (proxy.journal.exchanges[0]?.response === undefined) await new Promise((resolve) => setImmediate(resolve));
      const settledAt = await settled(() => seen.asked);
      leave();
      await returned;
      return settledAt;
    };
    let decide = (): void => {};
    const direct = await asked();
    const later = new Promise<void>((resolve) => {
      decide = resolve;
    });
    expect(await asked(later)).toBe(direct);
  });

  test.each([
    ['before it gives anything: a 500', 0],
    ['after its first chunk: the response ends short', 1],
  ] as const)('a stream that throws %s', async (_, at) => {
    const { body, seen } = source(async (asked) => {
      if (asked === at) throw new Error('no more ink');
      return 'ink';
    });
    const proxy = await answering({ body });
    const received = await get(proxy);
    expect(received.status).toBe(at === 0 ? 500 : 200);
    if (at === 0) expect(received.body.toString()).toMatch(/^WAYLAY_HANDLER: .*no more ink/);
    else expect(received).toMatchObject({ body: Buffer.from('ink'), error: expect.any(String) });
    expect((await ended(proxy)).error).toMatchObject({
      code: 'WAYLAY_HANDLER',
      message: expect.stringContaining('no more ink'),
    });
    expect(seen.returned).toBe(0);
  });

  test('a stream need not end once it gave as much as its length says', async () => {
    const { body, seen } = source(async (at) => (at === 0 ? 'all of it' : never));
    const proxy = await answering({ headers: ['Content-Length', '9'], body });
    expect(await get(proxy)).toMatchObject({ body: Buffer.from('all of it'), error: undefined });
    expect((await ended(proxy)).error).toBeUndefined();
    expect(seen.returned).toBe(1);
  });

  test.each([
    ['less', '20'],
    ['more', '3'],
  ])('a stream that gives %s than its length says fails', async (what, length) => {
    const { body } = source(async (at) => (at === 0 ? 'ninebytes' : undefined));
    const proxy = await answering({ headers: ['Content-Length', length], body });
    const received = await get(proxy);
    if (what === 'less') expect(received).toMatchObject({ status: 200, error: expect.any(String) });
    else expect(received.error ?? received.status).not.toBe(200);
    expect((await ended(proxy)).error).toMatchObject({
      code: 'WAYLAY_HANDLER',
      message: expect.stringContaining('content-length'),
    });
  });

  test.each([
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
  ])('a stream is not read for %s with %d', async (method, status) => {
    const { body, seen } = source(async () => 'never seen');
    const proxy = await answering({ status, body });
    expect(await get(proxy, { method })).toMatchObject({ status, body: Buffer.alloc(0), error: undefined });
    expect((await ended(proxy)).error).toBeUndefined();
    expect(seen).toEqual({ asked: 0, returned: 1 });
  });

  test('a stream that yields no bytes fails', async () => {
    async function* body(): AsyncGenerator<Uint8Array> {
      yield 5 as unknown as Uint8Array;
    }
    const proxy = await answering({ body: body() });
    expect((await get(proxy)).status).toBe(500);
    expect((await ended(proxy)).error?.code).toBe('WAYLAY_HANDLER');
  });
});

test('over HTTP/1.1 bytes with trailers are chunked, as they were given', async () => {
  const proxy = await answering({ body: Buffer.from('fine'), trailers: ['X-Sum', '1', 'X-Sum', '2'] });
  const client = new RawClient(await shopThrough(proxy, 'http/1.1'));
  client.write('GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n');
  expect(await client.until(/\r\n0\r\n[\s\S]*\r\n\r\n$/)).toBe(
    'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfine\r\n0\r\nX-Sum: 1\r\nX-Sum: 2\r\n\r\n',
  );
});

test('a client that leaves after the last chunk of a slow stream has had it all', async () => {
  const chunk = Buffer.alloc(4 * 1024 * 1024);
  const { body } = source(async (at) => (at === 0 ? chunk : undefined));
  const proxy = await answering({ body });
  const socket = await shopThrough(proxy, 'http/1.1');
  socket.write('GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n');
  const { error } = await ended(proxy);
  expect(error).toBeUndefined();
  socket.destroy();
});

/** Sends a request and reads nothing of what comes; returns what makes the client go away. */
async function askWithoutReading(proxy: RunningProxy, version: 'http/1.1' | 'h2'): Promise<() => void> {
  if (version === 'h2') {
    const session = await sessionThrough(proxy);
    session.request({ ':path': '/', ':authority': 'shop.test' }).on('error', () => {});
    return () => session.destroy();
  }
  const socket = await shopThrough(proxy, 'http/1.1');
  socket.write('GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n');
  return () => socket.destroy();
}

/** The value when it has stayed the same for a hundred turns of the event loop. */
async function settled(read: () => number): Promise<number> {
  let before = read();
  for (let same = 0; same < 100; ) {
    await new Promise((resolve) => setImmediate(resolve));
    const now = read();
    same = now === before ? same + 1 : 0;
    before = now;
  }
  return before;
}
