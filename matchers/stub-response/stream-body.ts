import type { Request } from '../../src/journal/message.js';
import { bytesOf, kindOf } from '../message/content.js';
import { formatWritten } from '../values/written.js';
import type { BodyForm, ReplyBody } from './body-form.js';
import type { Refuse } from './invalid-reply.js';
import {
  guardSource,
  isSource,
  listSource,
  openSource,
  type ReadableSource,
  type Source,
  settledSource,
} from './source.js';
import { type Piece, StreamedBody } from './streamed-body.js';

/**
 * A source of a streamed body: a list, another iterable, an async one (a `Readable` of node:stream is one), a
 * `ReadableStream`.
 */
export type StreamOf<T> = (Iterable<T> & object) | AsyncIterable<T> | ReadableSource;

/** A stream, or a function of the request that makes one for each answer. */
export type Streamed<T> = StreamOf<T> | ((request: Request) => StreamOf<T> | Promise<StreamOf<T>>);

/** The form in which a streamed body is written and read. */
interface StreamForm {
  /** The reply's key. */
  readonly key: string;
  /** The example, from the value of the key on. */
  readonly example: string;
  /** The example as a function, for each answer anew. */
  readonly functionExample: string;
  /** The example of another key, where that is meant. */
  otherKey?(value: unknown): string | undefined;
  /** Reads one item; `refuse` makes the error where it is none. */
  piece(item: unknown, refuse: Refuse): Piece;
}

const STREAM: StreamForm = {
  key: 'stream',
  example: `{ stream: ['one ', 'two'] }`,
  functionExample: `{ stream: () => createReadStream('video.mp4') }`,
  otherKey: (value) => {
    if (typeof value === 'string') return `{ text: ${formatWritten(value, 60)} }`;
    return bytesOf(value) === undefined ? undefined : `{ body: Buffer.from('…') }`;
  },
  piece: chunkPiece,
};

/** One chunk of a stream. */
export function chunkPiece(chunk: unknown, refuse: Refuse): Piece {
  const bytes = bytesOf(chunk);
  if (bytes !== undefined) return { bytes };
  const why = `a chunk of the stream is ${formatWritten(chunk, 60)}, and no string and no bytes`;
  throw refuse(why, `{ stream: [JSON.stringify({ n: 1 }), Buffer.from('…')] }`);
}

/** `stream`: sent in the pieces in which it comes, no faster than the client takes it. */
export const streamBody: BodyForm = (value, refuse) => streamedBody(value, STREAM, refuse);

/** A body that is streamed from a list, a stream, or a function that makes one. */
export function streamedBody(value: unknown, form: StreamForm, refuse: Refuse): ReplyBody {
  const pieceOf = (item: unknown) => form.piece(item, refuse);
  if (Array.isArray(value)) {
    // Checked and copied when the reply is written.
    const pieces = value.map(pieceOf);
    return { open: (asked) => new StreamedBody(listSource(pieces), (piece) => piece as Piece, asked) };
  }
  const opened = async (stream: unknown, what: string): Promise<Source> => {
    if (!isSource(stream)) throw refuse(`${what} is ${described(stream)} and no stream`, form.example);
    await settledSource(stream);
    const source = openSource(stream);
    if (source !== undefined) return source;
    const why = `${what} can be read once, and has been; a function makes one for each answer`;
    throw refuse(why, form.functionExample);
  };
  if (typeof value === 'function') {
    return {
      needsBody: true,
      open: async (asked) => {
        const stream = await value(asked.exchange.request);
        return new StreamedBody(await opened(stream, `what ${form.key} returned`), pieceOf, asked);
      },
    };
  }
  if (!isSource(value)) {
    const write = form.otherKey?.(value) ?? form.example;
    throw refuse(`${form.key} is ${described(value)}, and no stream, list or function that returns one`, write);
  }
  guardSource(value);
  return { open: async (asked) => new StreamedBody(await opened(value, form.key), pieceOf, asked) };
}

function described(value: unknown): string {
  if (value instanceof Promise) return 'a promise';
  return ArrayBuffer.isView(value) ? 'bytes' : kindOf(value);
}
