/**
 * Undoes `aws-chunked` (Amazon S3, "Signature calculations: transferring payload in multiple chunks"): inside the body,
 * chunks of their own, each with its signature, and trailers after them.
 */
import { headerValue, type RawHeaders } from './headers.js';

/** The codings of a body, as `Content-Encoding`; some clients say only in another field that it is in chunks. */
export function contentCoding(headers: RawHeaders): string | undefined {
  const coding = headerValue(headers, 'content-encoding');
  if (!isAwsStreaming(headers) || /\baws-chunked\b/i.test(coding ?? '')) return coding;
  return coding === undefined ? 'aws-chunked' : `aws-chunked, ${coding}`;
}

/** True if the fields are about a body in such chunks. */
export function isAwsStreaming(headers: RawHeaders): boolean {
  return headerValue(headers, 'x-amz-content-sha256')?.startsWith('STREAMING-') === true;
}

const SIZE = /^([0-9a-f]{1,12})\s*(?:;.*)?$/i;
/** A line with a size and a signature has some 90 bytes. */
const LONGEST_LINE = 4096;

/** Reads the chunks as they come. */
export class AwsChunkedReader {
  #rest: Buffer = Buffer.alloc(0);
  /** Bytes of this chunk that are still to come; undefined before its size. */
  #left: number | undefined;
  #trailers = false;

  /** @throws {SyntaxError} for what is no such body */
  push(bytes: Buffer): Buffer[] {
    const data: Buffer[] = [];
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    while (!this.#trailers && this.#step(data));
    return data;
  }

  /** @throws {SyntaxError} where the last chunk is missing */
  end(): void {
    if (!this.#trailers) throw new SyntaxError('it ends before its last chunk');
  }

  #step(data: Buffer[]): boolean {
    if (this.#left === undefined) return this.#readSize();
    if (this.#left > 0) {
      if (this.#rest.length === 0) return false;
      const piece = this.#rest.subarray(0, this.#left);
      data.push(piece);
      this.#left -= piece.length;
      this.#rest = this.#rest.subarray(piece.length);
      return true;
    }
    if (this.#rest.length < 2) return false;
    if (this.#rest.toString('latin1', 0, 2) !== '\r\n') throw new SyntaxError('a chunk is longer than its size');
    this.#rest = this.#rest.subarray(2);
    this.#left = undefined;
    return true;
  }

  #readSize(): boolean {
    const end = this.#rest.indexOf('\r\n');
    if (end === -1) {
      if (this.#rest.length > LONGEST_LINE) throw new SyntaxError('a chunk has no size');
      return false;
    }
    const size = SIZE.exec(this.#rest.toString('latin1', 0, end))?.[1];
    if (size === undefined) throw new SyntaxError('a chunk has no size');
    this.#left = Number.parseInt(size, 16);
    this.#rest = this.#rest.subarray(end + 2);
    this.#trailers = this.#left === 0;
    return true;
  }
}

/** The payload of a whole body. */
export function decodeAwsChunked(bytes: Buffer): Buffer {
  const reader = new AwsChunkedReader();
  const data = reader.push(bytes);
  reader.end();
  return Buffer.concat(data);
}

/** The payload of a body while it comes. */
export async function* awsChunkedStream(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  const reader = new AwsChunkedReader();
  let empty = true;
  for await (const chunk of chunks) {
    empty &&= chunk.length === 0;
    yield* reader.push(chunk);
  }
  if (!empty) reader.end();
}
