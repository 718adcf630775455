/** Bodies that come piece by piece: when they are read, when they are let go of, and what becomes of their failures. */
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Reply } from '../../../matchers/index.js';
import { ask, exchangeThrough, VERSIONS } from '../../exchange-client.js';
import { Wire } from '../wire.js';
import { type Stubbed, stubbed, until } from './stubbed.js';

const url = 'https://api.test/events';

describe.each(VERSIONS)('over %s, server-sent events', (version) => {
  test('come when their delays are over, and the connection stays open', async () => {
    const proxy = await stubbed();
    let ended = false;
    proxy.rules.stubResponse(url, {
      sse: async function* () {
        try {
          yield 'first';
          yield { data: 'second', delay: 100 };
          await new Promise(() => {});
        } finally {
          ended = true;
        }
      },
    });
    const asking = await ask(proxy, version, { url });
    expect((await asking.bytes(13)).body.toString()).toBe('data: first\n\n');
    await until(() => proxy.timer.pending.size === 1);
    expect([...proxy.timer.pending].map(({ milliseconds }) => milliseconds)).toEqual([100]);
    proxy.timer.fire();
    expect((await asking.bytes(27)).body.toString()).toBe('data: first\n\ndata: second\n\n');
    const [exchange] = proxy.journal.exchanges;
    expect(exchange?.ended).toBe(false);
    asking.leave();
    await until(() => exchange?.ended === true);
    expect(exchange?.error?.code).toBe('WAYLAY_CLIENT_ABORTED');
    expect(ended).toBe(false); // It waits for a promise of its own, which nobody can end.
    expect(proxy.rules.verify()).toBeUndefined();
  });

  test('that wait leave no timer behind when the client leaves', async () => {
    const proxy = await stubbed();
    let returned = 0;
    const events = {
      next: async () => ({ done: false, value: { data: 'late', delay: 60_000 } }),
      return: async () => {
        returned += 1;
        return { done: true, value: undefined };
      },
    };
    proxy.rules.stubResponse(url, { sse: () => ({ [Symbol.asyncIterator]: () => events }) as never });
    const asking = await ask(proxy, version, { url });
    await asking.head;
    await until(() => proxy.timer.pending.size === 1);
    asking.leave();
    await until(() => proxy.timer.pending.size === 0);
    expect(returned).toBe(1);
  });
});

/** A stream that never ends, and tells how it was let go of. */
const endless: [string, (ended: () => void) => Reply][] = [
  [
    'a Readable',
    (ended) => {
      const stream = new Readable({
        read() {},
        destroy: (_, done) => {
          ended();
          done(null);
        },
      });
      stream.push('a');
      return { stream };
    },
  ],
  [
    'a ReadableStream',
    (ended) => ({
      stream: new ReadableStream({ start: (controller) => controller.enqueue('a'), cancel: ended }),
    }),
  ],
  [
    'a Response',
    (ended) =>
      new Response(new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from('a')), cancel: ended })),
  ],
  [
    'an iterator',
    (ended) => {
      const values = ['a'];
      const iterator = {
        next: () => (values.length > 0 ? Promise.resolve({ done: false, value: values.pop() }) : new Promise(() => {})),
        return: async () => {
          ended();
          return { done: true, value: undefined };
        },
      };
      return { stream: { [Symbol.asyncIterator]: () => iterator } as AsyncIterable<string> };
    },
  ],
];

describe.each(VERSIONS)('over %s, a stream', (version) => {
  test.each(endless)('that is %s is let go of when the client leaves', async (_, reply) => {
    const proxy = await stubbed();
    let ended = false;
    proxy.rules.stubResponse(url, () => reply(() => void (ended = true)) as never);
    const asking = await ask(proxy, version, { url });
    await asking.bytes(1);
    expect(ended).toBe(false);
    asking.leave();
    await until(() => ended);
  });

  test.each(endless)('that is %s is let go of where the client left before it was read', async (_, reply) => {
    const proxy = await stubbed();
    let ended = false;
    let go = (_reply: Reply) => {};
    proxy.rules.stubResponse(url, () => new Promise((resolve) => (go = resolve as typeof go)));
    const asking = await ask(proxy, version, { url });
    await until(() => proxy.journal.exchanges.length === 1);
    asking.leave();
    await until(() => proxy.journal.exchanges[0]?.ended === true);
    go(reply(() => void (ended = true)));
    await until(() => ended);
  });

  test('is read no faster than the client takes it', async () => {
    const proxy = await stubbed();
    let made = 0;
    proxy.rules.stubResponse(url, {
      stream: function* () {
        for (; ; made += 1) yield Buffer.alloc(64 * 1024);
      },
    });
    const asking = await ask(proxy, version, { url });
    await asking.bytes(1);
    asking.leave();
    await until(() => proxy.journal.exchanges[0]?.ended === true);
    const after = made;
    for (let i = 0; i < 20; i += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(made).toBe(after);
  });

  test.each<[string, () => Reply]>([
    [
      'a generator',
      () => ({
        stream: (async function* () {
          yield 'once';
        })(),
      }),
    ],
    [
      'a generator that is not async',
      () => ({
        stream: (function* () {
          yield 'once';
        })(),
      }),
    ],
    ['a Readable', () => ({ stream: Readable.from(['once']) })],
    ['a ReadableStream', () => ({ stream: new Response('once').body as ReadableStream<Uint8Array> })],
    [
      'an iterable that always gives the same iterator',
      () => {
        const iterator = ['once'].values();
        return { stream: { [Symbol.iterator]: () => iterator } };
      },
    ],
    [
      'a function that always gives the same Readable',
      () => {
        const stream = Readable.from(['once']);
        return { stream: () => stream };
      },
    ],
    [
      'a function that always replies with the same generator',
      () => {
        const stream = (function* () {
          yield 'once';
        })();
        return () => ({ stream });
      },
    ],
  ])('that is %s answers once; then the test is told to give a function', async (_, reply) => {
    const proxy = await stubbed();
    proxy.rules.stubResponse(url, reply());
    expect(String((await exchangeThrough(proxy, version, { url })).body)).toBe('once');
    const again = await exchangeThrough(proxy, version, { url });
    expect(again.status).toBe(500);
    expect(again.body.toString()).toMatch(
      /WAYLAY_HANDLER[\s\S]*The stub written at test\/matchers\/stub-response\/streams\.test\.ts:\d+ for https:\/\/api\.test\/events gave no reply\. Invalid reply .*can be read once, and has been; a function makes one for each answer\. Write \{ stream: \(\) => createReadStream\('video\.mp4'\) \}/,
    );
    expect(proxy.rules.verify()).toMatchObject({ code: 'WAYLAY_HANDLER' });
  });

  test.each<[string, () => Reply, RegExp]>([
    [
      'throws at once',
      () => ({
        stream: async function* () {
          yield await Promise.reject(new RangeError('no such card'));
        },
      }),
      /RangeError: no such card[\s\S]*streams\.test\.ts/,
    ],
    [
      'is a function that throws',
      () => ({
        stream: () => {
          throw new RangeError('no such card');
        },
      }),
      /RangeError: no such card[\s\S]*streams\.test\.ts/,
    ],
    [
      'is a function that returns none',
      () => ({ stream: (() => 5) as never }),
      /what stream returned is a number and no stream\. Write \{ stream: \['one ', 'two'\] \}/,
    ],
    ['is a file that does not exist', () => ({ stream: createReadStream('/does/not/exist') }), /ENOENT/],
    [
      'makes one of a file that does not exist',
      () => ({ stream: () => createReadStream('/does/not/exist') }),
      /ENOENT/,
    ],
    [
      'has a chunk of another type first',
      () => ({
        stream: function* () {
          yield { n: 1 } as never;
        },
      }),
      /a chunk of the stream is \{ n: 1 \}, and no string and no bytes\. Write \{ stream: \[JSON\.stringify/,
    ],
    [
      'is of events, with a wrong one',
      () => ({
        sse: function* () {
          yield { dta: 1 } as never;
        },
      }),
      /in the event \{ dta: 1 \}, there is no key 'dta'; the nearest is 'data'/,
    ],
    [
      'is of a Response, of something else than bytes',
      () => new Response(new ReadableStream({ start: (c) => c.enqueue(5 as never) })),
      /a chunk of the stream is 5/,
    ],
  ])('that %s is a 500, and fails the test', async (_, reply, message) => {
    const proxy = await stubbed();
    proxy.rules.stubResponse(url, reply());
    const received = await exchangeThrough(proxy, version, { url });
    expect(received.status).toBe(500);
    expect(received.body.toString()).toMatch(message);
    const problem = proxy.rules.verify();
    expect(problem?.code).toBe('WAYLAY_HANDLER');
    expect(problem?.message).toMatch(message);
  });

  test('that throws in its middle ends truncated, and fails the test', async () => {
    const proxy = await stubbed();
    let goOn = () => {};
    const seen = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    proxy.rules.stubResponse(url, {
      stream: async function* () {
        yield 'begun';
        await seen;
        throw new RangeError('no such card');
      },
    });
    const asking = await ask(proxy, version, { url });
    await asking.bytes(5);
    goOn();
    expect(await asking.received).toMatchObject({ status: 200, error: expect.any(String) });
    expect(proxy.rules.verify()?.message).toContain('RangeError: no such card');
  });
});

describe.each(VERSIONS)('over %s, a file', (version) => {
  async function folder(): Promise<string> {
    const path = await mkdtemp(join(tmpdir(), 'waylay-'));
    onTestFinished(() => rm(path, { recursive: true }));
    return path;
  }

  const fetchOf = async (proxy: Stubbed) => exchangeThrough(proxy, version, { url });

  const unsendable: [string, string, RegExp][] = [
    ['does not exist', 'nowhere.json', /'[^']+\/nowhere\.json' does not exist/],
    ['is a directory', 'test/matchers', /'[^']*test\/matchers' is a directory/],
    ['does not exist, by its URL', new URL('nowhere.json', import.meta.url).href, /\/nowhere\.json' does not exist/],
  ];

  test.each(unsendable)('that %s is refused where it is written', async (_, file, message) => {
    const proxy = await stubbed();
    const write = () => proxy.rules.stubResponse(url, { file });
    expect(write).toThrow(message);
    expect(write).toThrow(`; relative paths begin at the working directory, '${process.cwd()}'. Write { file: `);
    expect(write).toThrow(expect.objectContaining({ code: 'WAYLAY_INVALID_REPLY' }));
    expect(() => proxy.rules.stubResponse(url, [200, { file }])).toThrow(message);
  });

  test('that is gone when it is asked for is a 500 that says where it was looked for', async () => {
    const proxy = await stubbed();
    const file = join(await folder(), 'a.txt');
    await writeFile(file, 'a');
    proxy.rules.stubResponse(url, { file });
    await rm(file);
    expect((await fetchOf(proxy)).status).toBe(500);
    expect(proxy.rules.verify()?.message).toMatch(/a\.txt' does not exist/);
  });

  test.each(unsendable)(
    'of a function that %s is a 500 that says where it was looked for',
    async (_, file, message) => {
      const proxy = await stubbed();
      proxy.rules.stubResponse(url, () => ({ file }));
      const received = await fetchOf(proxy);
      expect(received.status).toBe(500);
      const problem = proxy.rules.verify();
      expect(problem?.code).toBe('WAYLAY_HANDLER');
      expect(problem?.message).toMatch(message);
      expect(problem?.message).toContain(
        `; relative paths begin at the working directory, '${process.cwd()}'. Write { file: `,
      );
      expect(problem?.message).toMatch(/The stub written at test\/matchers\/stub-response\/streams\.test\.ts:\d+ for/);
    },
  );

  test('is looked for anew each time', async () => {
    const proxy = await stubbed();
    const file = join(await folder(), 'a.txt');
    await writeFile(file, 'there');
    proxy.rules.stubResponse(url, { file });
    for (const text of ['first', 'and second']) {
      await writeFile(file, text);
      expect((await fetchOf(proxy)).body.toString()).toBe(text);
    }
  });

  test('that becomes shorter while it is sent ends truncated, and fails the test', async () => {
    const proxy = await stubbed();
    const file = join(await folder(), 'a.bin');
    await writeFile(file, 'a whole file');
    // Its length is taken before the delay, its bytes after it.
    proxy.rules.stubResponse(url, { file, delay: 60_000 });
    const asking = await ask(proxy, version, { url });
    await until(() => [...proxy.coreTimer.pending].some(({ milliseconds }) => milliseconds === 60_000));
    await truncate(file, 10);
    proxy.coreTimer.fire();
    const received = await asking.received;
    expect(received.error).toBeDefined();
    expect(proxy.rules.verify()?.message).toMatch(/a\.bin' became shorter while it was sent/);
  });
});

describe('a value that is no stream', () => {
  test.each<[unknown, string]>([
    [
      { stream: 'text' },
      `stream is a string, and no stream, list or function that returns one. Write { text: 'text' }.`,
    ],
    [
      { stream: Buffer.from('a') },
      `stream is bytes, and no stream, list or function that returns one. Write { body: Buffer.from('…') }.`,
    ],
    [
      { stream: 5 },
      `stream is a number, and no stream, list or function that returns one. Write { stream: ['one ', 'two'] }.`,
    ],
    [
      { stream: { a: 1 } },
      `stream is an object, and no stream, list or function that returns one. Write { stream: ['one ', 'two'] }.`,
    ],
    [
      { stream: Promise.resolve(['a']) },
      `stream is a promise, and no stream, list or function that returns one. Write { stream: ['one ', 'two'] }.`,
    ],
    [
      { stream: ['a', 5] },
      `a chunk of the stream is 5, and no string and no bytes. Write { stream: [JSON.stringify({ n: 1 }), Buffer.from('…')] }.`,
    ],
    [{ status: 204, stream: ['a'] }, 'a 204 response has no body (RFC 9110, section 15). Write { status: 204 }.'],
    [
      { stream: ['a'], sse: ['b'] },
      `stream and sse are two bodies. Write { status: 402, json: { error: 'declined' } }.`,
    ],
  ])('is refused with what to write: %s', (reply, message) => {
    expect(() => new Wire().rules.stubResponse('**', reply as never)).toThrow(
      expect.objectContaining({ code: 'WAYLAY_INVALID_REPLY', message: expect.stringContaining(`: ${message}`) }),
    );
  });
});
