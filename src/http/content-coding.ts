import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import { Decompress as ZstdDecompress } from 'fzstd';
import { TestError } from '../errors.js';
import { decodeAwsChunked } from './aws-chunked.js';

/** @throws where the bytes are not of the coding or undoing it gives more than `limit` bytes */
type Decoder = (bytes: Buffer, limit: number) => Buffer;

// A map and no object: `constructor` is a name a peer may send.
const decoders: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  ['identity', (bytes) => bytes],
  ['gzip', (bytes, maxOutputLength) => gunzipSync(bytes, { maxOutputLength })],
  ['x-gzip', (bytes, maxOutputLength) => gunzipSync(bytes, { maxOutputLength })],
  ['br', (bytes, maxOutputLength) => brotliDecompressSync(bytes, { maxOutputLength })],
  ['deflate', inflate],
  ['zstd', zstdDecompress],
  ['aws-chunked', decodeAwsChunked],
]);

/**
 * RFC 9110, section 8.4.1.2: `deflate` is the zlib format, though some senders leave its wrapper out. The
 * wrapper's first two bytes tell the method and are a multiple of 31 (RFC 1950, section 2.2).
 */
export function isZlibWrapped(bytes: Buffer): boolean {
  return bytes.length >= 2 && bytes.readUInt8(0) % 16 === 8 && bytes.readUInt16BE(0) % 31 === 0;
}

function inflate(bytes: Buffer, maxOutputLength: number): Buffer {
  return isZlibWrapped(bytes) ? inflateSync(bytes, { maxOutputLength }) : inflateRawSync(bytes, { maxOutputLength });
}

/**
 * @internal zstd (RFC 8878). Not by node:zlib: it has zstd only from Node 22.15 on, and of several frames (section
 * 3.1) it may undo the first and drop the others without a word (seen with 22.23 and 24.21).
 */
export function zstdDecompress(bytes: Buffer, limit: number): Buffer {
  checkZstdWindows(bytes);
  const blocks: Uint8Array[] = [];
  let size = 0;
  // Fed as a stream, since it would otherwise allocate whatever size the frame claims to have.
  const stream = new ZstdDecompress((block) => {
    size += block.length;
    if (size > limit) throw new OutputLimitError();
    blocks.push(block);
  });
  stream.push(bytes, true);
  return Buffer.concat(blocks, size);
}

const ZSTD_MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
const ZSTD_WINDOW_LOG_LIMIT = 23;

/**
 * Checks the windows of Zstandard, which in a content coding are 8 MiB at most (RFC 9659); the decoder allocates what a
 * frame asks for. The magic number inside compressed data is too unlikely to matter.
 * @throws {RangeError}
 */
export function checkZstdWindows(bytes: Buffer): void {
  for (let at = bytes.indexOf(ZSTD_MAGIC); at !== -1; at = bytes.indexOf(ZSTD_MAGIC, at + 4)) {
    const descriptor = bytes[at + 4] ?? 0;
    const singleSegment = (descriptor & 0x20) !== 0;
    const exponent = (bytes[at + 5] ?? 0) >> 3;
    if (!singleSegment && 10 + exponent > ZSTD_WINDOW_LOG_LIMIT) throw new RangeError('window too large');
  }
}

class OutputLimitError extends RangeError {
  readonly code = 'ERR_BUFFER_TOO_LARGE';
}

const AWS_CHUNKED = 'aws-chunked';

/** The codings of a `Content-Encoding` field in the order in which they are undone: last applied first. */
export function codingsToUndo(contentEncoding: string | undefined): string[] {
  const codings = (contentEncoding ?? '').split(',').map((coding) => coding.trim().toLowerCase());
  const applied = codings.filter((coding) => coding !== '' && coding !== AWS_CHUNKED).reverse();
  // Wherever it is named, it was applied last: `aws-chunked,gzip` is the usual order.
  return codings.includes(AWS_CHUNKED) ? [AWS_CHUNKED, ...applied] : applied;
}

/** The name in errors of the message whose body it is. */
export interface Named {
  toString(): string;
}

export function unknownCoding(coding: string, what: Named): TestError {
  return new TestError(
    'WAYLAY_BODY_UNREADABLE',
    `The body of ${what} has the content coding '${coding}', which Waylay cannot undo.`,
  );
}

/** Bytes that a body may have when its codings are undone: a few kilobytes can unfold to gigabytes. */
const DECODED_LIMIT = 256 * 1024 * 1024;

/**
 * Undoes the codings of a `Content-Encoding` field, last applied first (RFC 9110, section 8.4).
 * @param limit bytes that the result may have; default 256 MiB
 * @throws {TestError} `WAYLAY_BODY_UNREADABLE` for an unknown coding, bytes that are not of it, or more than the limit
 */
export function decodeContent(
  bytes: Buffer,
  contentEncoding: string | undefined,
  what: Named,
  limit = DECODED_LIMIT,
): Buffer {
  if (bytes.length === 0) return bytes;
  let decoded = bytes;
  for (const coding of codingsToUndo(contentEncoding)) {
    const decode = decoders.get(coding);
    if (decode === undefined) throw unknownCoding(coding, what);
    try {
      decoded = decode(decoded, limit);
    } catch (cause) {
      const problem =
        (cause as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE'
          ? `unfolds from ${bytes.length} to more than ${limit} bytes (${coding}), which Waylay does not undo`
          : `is not valid ${coding}`;
      throw new TestError('WAYLAY_BODY_UNREADABLE', `The body of ${what} ${problem}.`, { cause });
    }
  }
  return decoded;
}
