import { Readable, Transform } from 'node:stream';
import { ReadableStream, TransformStream } from 'node:stream/web';
import { createGzip, gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type StreamChange, streamThrough } from '../../../matchers/mutate/stream-change.js';
import { exchange } from '../wire.js';

/** Chunks that note when they are let go of. */
function chunks(...texts: string[]) {
  const state = { released: false, asked: 0 };
  async function* generate() {
    try {
      for (const text of texts) {
        state.asked += 1;
        yield Buffer.from(text);
      }
    } finally {
      state.released = true;
    }
  }
  return { state, iterable: generate() };
}

const refuse = (value: unknown, what: string) => new Error(`${what}: ${String(value)}`);

function run(change: StreamChange, iterable: AsyncIterable<Buffer>) {
  return streamThrough(change, iterable, exchange(), refuse);
}

async function collected(change: StreamChange, ...texts: string[]): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(run(change, chunks(...texts).iterable)));
}

// Array.fromAsync is not in every Node that runs this.
declare global {
  interface ArrayConstructor {
    fromAsync<T>(items: AsyncIterable<T>): Promise<T[]>;
  }
}
Array.fromAsync ??= async <T>(items: AsyncIterable<T>) => {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
};

const upper = () => new Transform({ transform: (chunk, _, done) => done(null, String(chunk).toUpperCase()) });
const upperWeb = () =>
  new TransformStream<Uint8Array, string>({
    transform: (chunk, controller) => controller.enqueue(Buffer.from(chunk).toString().toUpperCase()),
  });

describe('a function for a stream may return', () => {
  test.each<[string, StreamChange]>([
    [
      'an async generator of texts',
      async function* (all) {
        for await (const chunk of all) yield chunk.toString().toUpperCase();
      },
    ],
    [
      'an async generator of bytes',
      async function* (all) {
        for await (const chunk of all) yield new Uint8Array(Buffer.from(String(chunk).toUpperCase()));
      },
    ],
    ['a transform', () => upper()],
    ['a transform, later', async () => upper()],
    ['a TransformStream', () => upperWeb()],
    ['a stream that was made of the chunks', (all) => Readable.from(all).pipe(upper())],
    ['a ReadableStream', (all) => ReadableStream.from(all).pipeThrough(upperWeb())],
    [
      'a ReadableStream of another make',
      (all) => {
        const reader = ReadableStream.from(all).pipeThrough(upperWeb()).getReader();
        return { getReader: () => reader };
      },
    ],
  ])('%s', async (_, change) => {
    expect(String(await collected(change, 'ab', 'cd'))).toBe('ABCD');
  });

  test('a compressor, of Node or of the web', async () => {
    expect(String(gunzipSync(await collected(() => createGzip(), 'ab', 'cd')))).toBe('abcd');
    expect(String(gunzipSync(await collected(() => new CompressionStream('gzip'), 'ab', 'cd')))).toBe('abcd');
  });

  test('something of its own', async () => {
    expect(String(await collected(() => Readable.from(['x', 'y']), 'ab'))).toBe('xy');
  });

  test.each<[string, unknown, string]>([
    ['nothing', undefined, 'result: undefined'],
    ['a text', 'abc', 'result: abc'],
    ['a list', ['a'], 'result: a'],
    ['a stream of numbers', Readable.from([1]), 'chunk: 1'],
  ])('but not %s', async (_, result, message) => {
    await expect(collected(() => result as never, 'ab')).rejects.toThrow(message);
  });
});

describe('a failure is told of', () => {
  const boom = new RangeError('boom');
  test.each<[string, StreamChange]>([
    [
      'a function',
      () => {
        throw boom;
      },
    ],
    [
      'a generator',
      // biome-ignore lint/correctness/useYield: it throws before it could
      async function* () {
        throw boom;
      },
    ],
    ['a transform', () => new Transform({ transform: (_, __, done) => done(boom) })],
    [
      'a TransformStream',
      () =>
        new TransformStream({
          transform: () => {
            throw boom;
          },
        }),
    ],
  ])('where %s throws', async (_, change) => {
    await expect(collected(change, 'ab')).rejects.toBe(boom);
  });

  test.each<[string, StreamChange]>([
    ['a transform', () => upper()],
    ['a TransformStream', () => upperWeb()],
  ])('where chunks fail, through %s', async (_, change) => {
    // biome-ignore lint/correctness/useYield: it throws before it could
    async function* broken() {
      throw boom;
    }
    await expect(Array.fromAsync(run(change, broken()))).rejects.toBe(boom);
  });
});

describe('a consumer that stops lets go of the chunks', () => {
  test.each<[string, StreamChange]>([
    [
      'through a generator',
      async function* (all) {
        yield* all;
      },
    ],
    ['through a transform', () => upper()],
    ['through a TransformStream', () => upperWeb()],
    ['through a stream made of them', (all) => Readable.from(all)],
  ])('%s', async (_, change) => {
    const { state, iterable } = chunks(...Array.from({ length: 1000 }, () => 'ab'.repeat(5000)));
    for await (const chunk of run(change, iterable)) {
      expect(String(chunk).toLowerCase()).toMatch(/^(ab)+$/);
      break;
    }
    await expect.poll(() => state.released).toBe(true);
    expect(state.asked).toBeLessThan(1000);
  });
});
