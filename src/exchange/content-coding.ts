import * as zlib from 'node:zlib';
import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import { decompress as zstdDecompressPure } from 'fzstd';
import { TestError } from '../errors.js';

type Decoder = (bytes: Buffer) => Buffer;

const decoders: Readonly<Record<string, Decoder>> = {
  identity: (bytes) => bytes,
  gzip: (bytes) => gunzipSync(bytes),
  'x-gzip': (bytes) => gunzipSync(bytes),
  br: (bytes) => brotliDecompressSync(bytes),
  // RFC 9110, section 8.4.1.2: zlib format, though some senders leave its wrapper out.
  deflate: (bytes) => ((bytes[0] ?? 0) % 16 === 8 ? inflateSync(bytes) : inflateRawSync(bytes)),
  zstd: zstdDecoder(),
};

// node:zlib has zstd only from Node 22.15.
function zstdDecoder(): Decoder {
  const native = (zlib as { zstdDecompressSync?: Decoder }).zstdDecompressSync;
  return native ?? ((bytes) => Buffer.from(zstdDecompressPure(bytes)));
}

/**
 * Undoes the codings of a `Content-Encoding` field, last applied first (RFC 9110, section 8.4).
 * @throws {TestError} `WAYLAY_BODY_UNREADABLE` for an unknown coding or bytes that are not of it
 */
export function decodeContent(bytes: Buffer, contentEncoding: string | undefined, what: string): Buffer {
  if (contentEncoding === undefined || bytes.length === 0) return bytes;
  const codings = contentEncoding.split(',').map((coding) => coding.trim().toLowerCase());
  let decoded = bytes;
  for (const coding of codings.reverse()) {
    if (coding === '') continue;
    const decode = decoders[coding];
    if (decode === undefined) {
      throw new TestError(
        'WAYLAY_BODY_UNREADABLE',
        `The body of ${what} has the content coding '${coding}', which Waylay cannot undo.`,
      );
    }
    try {
      decoded = decode(decoded);
    } catch (cause) {
      throw new TestError('WAYLAY_BODY_UNREADABLE', `The body of ${what} is not valid ${coding}.`, { cause });
    }
  }
  return decoded;
}
