import { type Duplex, pipeline, Readable } from 'node:stream';
import { ReadableStream, type ReadableWritablePair } from 'node:stream/web';
import { types } from 'node:util';
import type { Exchange } from '../../src/journal/exchange.js';
import { isObject } from '../values/format.js';

/** The result of a function for a stream. */
export type StreamResult =
  | AsyncIterable<string | Uint8Array>
  /** A WHATWG `ReadableStream`. */
  | { getReader(): object }
  /** A WHATWG `TransformStream`. */
  | { readonly readable: object; readonly writable: object };

/**
 * Changes a body as it passes by. An async generator function gets its chunks, content codings
 * undone, and yields what is passed on; each at once. Or the function returns a stream: one that it
 * made of the chunks, or a transform that they are to go through.
 *
 * @example
 * async function* (chunks) { for await (const chunk of chunks) yield chunk.toString().toUpperCase(); }
 * () => new CompressionStream('gzip') // with { headers: { 'content-encoding': 'gzip' } }
 */
export type StreamChange = (chunks: AsyncIterable<Buffer>, exchange: Exchange) => StreamResult | Promise<StreamResult>;

/** The chunks after the change. `refuse` makes the error for what is no result. */
export async function* streamThrough(
  change: StreamChange,
  chunks: AsyncIterable<Buffer>,
  exchange: Exchange,
  refuse: (value: unknown, what: 'result' | 'chunk') => Error,
): AsyncGenerator<Buffer, void, undefined> {
  const source = new Source(chunks);
  const made: unknown = await change(source, exchange);
  const result = source.taken ? readableOf(made) : throughOf(made, source);
  if (result === undefined) throw refuse(made, 'result');
  for await (const chunk of result) {
    if (typeof chunk === 'string') yield Buffer.from(chunk);
    else if (types.isUint8Array(chunk)) yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    else throw refuse(chunk, 'chunk');
  }
}

/**
 * The chunks, and whether the function has taken them: a stream that it made of them, such as
 * `Readable.from(chunks).pipe(createGzip())`, looks like a transform that waits for them.
 */
class Source implements AsyncIterable<Buffer> {
  readonly #chunks: AsyncIterable<Buffer>;
  taken = false;

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks;
  }

  [Symbol.asyncIterator](): AsyncIterator<Buffer> {
    this.taken = true;
    return this.#chunks[Symbol.asyncIterator]();
  }
}

function readableOf(made: unknown): AsyncIterable<unknown> | undefined {
  if (!isObject(made)) return undefined;
  if (Symbol.asyncIterator in made) return made as unknown as AsyncIterable<unknown>;
  if (isTransformStream(made)) return readableOf(made.readable);
  // A ReadableStream of another realm or of a polyfill.
  return typeof made.getReader === 'function' ? readAll(made as unknown as ReadableStream) : undefined;
}

function throughOf(made: unknown, source: AsyncIterable<Buffer>): AsyncIterable<unknown> | undefined {
  if (isTransformStream(made)) {
    return readableOf(ReadableStream.from(source).pipeThrough(made as unknown as ReadableWritablePair));
  }
  if (isObject(made) && typeof made.write === 'function' && typeof made.pipe === 'function') {
    const through = made as unknown as Duplex;
    // The reader of the result hears of its failure.
    pipeline(Readable.from(source), through, () => {});
    return through;
  }
  return readableOf(made);
}

function isTransformStream(made: unknown): made is { readable: object; writable: object } {
  return isObject(made) && isObject(made.readable) && isObject(made.writable);
}

async function* readAll(stream: ReadableStream): AsyncGenerator<unknown, void, undefined> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    // Harmless where it has ended.
    reader.cancel().catch(() => {});
  }
}
