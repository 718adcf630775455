import { pipeline, Readable, type Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { Decompress as ZstdDecompress } from 'fzstd';
import { TestError, WaylayError } from '../errors.js';
import { awsChunkedStream } from './aws-chunked.js';
import { checkZstdWindows, codingsToUndo, isZlibWrapped, type Named, unknownCoding } from './content-coding.js';

type Chunks = AsyncIterable<Buffer>;
type StreamDecoder = (chunks: Chunks) => Chunks;

const decoders: ReadonlyMap<string, StreamDecoder> = new Map<string, StreamDecoder>([
  ['identity', (chunks) => chunks],
  ['gzip', (chunks) => through(chunks, () => zlib.createGunzip())],
  ['x-gzip', (chunks) => through(chunks, () => zlib.createGunzip())],
  ['br', (chunks) => through(chunks, () => zlib.createBrotliDecompress())],
  [
    'deflate',
    (chunks) => through(chunks, (start) => (isZlibWrapped(start) ? zlib.createInflate() : zlib.createInflateRaw())),
  ],
  ['zstd', zstdStream],
  ['aws-chunked', awsChunkedStream],
]);

/**
 * Undoes the codings of a `Content-Encoding` field while the body comes, last applied first (RFC 9110,
 * section 8.4). An empty body stays empty.
 * @throws {TestError} `WAYLAY_BODY_UNREADABLE` for an unknown coding; while it is read, for bytes that are not of it
 */
export function decodeStream(chunks: Chunks, contentEncoding: string | undefined, what: Named): Chunks {
  let decoded = chunks;
  for (const coding of codingsToUndo(contentEncoding)) {
    const decode = decoders.get(coding);
    if (decode === undefined) throw unknownCoding(coding, what);
    if (coding !== 'identity') decoded = explained(decode(decoded), coding, what);
  }
  return decoded;
}

async function* explained(chunks: Chunks, coding: string, what: Named): AsyncGenerator<Buffer, void> {
  try {
    yield* chunks;
  } catch (cause) {
    // The body itself failed to come.
    if (cause instanceof WaylayError) throw cause;
    throw new TestError('WAYLAY_BODY_UNREADABLE', `The body of ${what} is not valid ${coding}.`, { cause });
  }
}

/** @param make gets the first two bytes at least, where there are so many */
async function* through(chunks: Chunks, make: (start: Buffer) => Transform): AsyncGenerator<Buffer, void> {
  const iterator = chunks[Symbol.asyncIterator]();
  let start = Buffer.alloc(0);
  while (start.length < 2) {
    const { done, value } = await iterator.next();
    if (done) break;
    start = Buffer.concat([start, value]);
  }
  if (start.length === 0) return;
  const transform = make(start);
  async function* all(): AsyncGenerator<Buffer, void> {
    yield start;
    yield* { [Symbol.asyncIterator]: () => iterator };
  }
  // The reader of the result hears of its failure.
  pipeline(Readable.from(all(), { objectMode: false }), transform, () => {});
  yield* transform as AsyncIterable<Buffer>;
}

// A block of 4 bytes may unfold to 128 KiB (RFC 8878, section 3.1.1.2): fed in small pieces, little is in memory.
const ZSTD_PIECE = 256;

/** @internal zstd (RFC 8878); not by node:zlib, see `zstdDecompress`. */
export async function* zstdStream(chunks: Chunks): AsyncGenerator<Buffer, void> {
  let blocks: Buffer[] = [];
  let size = 0;
  let tail = Buffer.alloc(0);
  const decoder = new ZstdDecompress((block) => {
    if (block.length > 0) blocks.push(Buffer.from(block));
  });
  for await (const chunk of chunks) {
    size += chunk.length;
    for (let at = 0; at < chunk.length; at += ZSTD_PIECE) {
      const piece = chunk.subarray(at, at + ZSTD_PIECE);
      // A frame's header may be in two pieces.
      const seen = Buffer.concat([tail, piece]);
      checkZstdWindows(seen);
      tail = seen.subarray(-5);
      decoder.push(piece);
      yield* blocks;
      blocks = [];
    }
  }
  if (size === 0) return;
  decoder.push(new Uint8Array(0), true);
  yield* blocks;
}
