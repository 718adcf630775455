import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { AwsChunkedReader, contentCoding } from '../../src/http/aws-chunked.js';
import { decodeContent } from '../../src/http/content-coding.js';
import { decodeStream } from '../../src/http/decoded-stream.js';

const SIGNATURE = 'chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648';
/** A body from the documents of Amazon S3: signed chunks, trailers behind the last one. */
const SIGNED = `5;${SIGNATURE}\r\nhello\r\n6;${SIGNATURE}\r\n world\r\n0;${SIGNATURE}\r\nx-amz-checksum-crc32:DUoRhQ==\r\nx-amz-trailer-signature:ad80\r\n\r\n`;
const what = 'PUT https://s3.test/a';

async function streamed(chunks: readonly Buffer[], coding: string): Promise<string> {
  async function* sent() {
    yield* chunks;
  }
  const all: Buffer[] = [];
  for await (const chunk of decodeStream(sent(), coding, what)) all.push(chunk);
  return Buffer.concat(all).toString();
}

test.each<[string, string, Buffer, string]>([
  ['signed chunks with trailers', 'aws-chunked', Buffer.from(SIGNED), 'hello world'],
  ['chunks without signatures', 'aws-chunked', Buffer.from('B\r\nhello world\r\n0\r\n\r\n'), 'hello world'],
  ['no payload', 'aws-chunked', Buffer.from('0\r\n\r\n'), ''],
  ['a last chunk without what follows it', 'AWS-Chunked', Buffer.from('1\r\na\r\n0\r\n'), 'a'],
  ['a payload with a coding', 'aws-chunked,gzip', framed(gzipSync('hello world')), 'hello world'],
  ['the same, named the other way round', 'gzip, aws-chunked', framed(gzipSync('hello world')), 'hello world'],
])('a body is unchunked: %s', async (_, coding, bytes, text) => {
  expect(decodeContent(bytes, coding, what).toString()).toBe(text);
  for (const size of [1, 2, 7, bytes.length]) {
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
      bytes.subarray(at * size, (at + 1) * size),
    );
    expect(await streamed(pieces, coding)).toBe(text);
  }
});

function framed(payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${payload.length.toString(16)}\r\n`), payload, Buffer.from('\r\n0\r\n\r\n')]);
}

test.each([
  ['no size', 'hello'],
  ['a size that is none', '5x\r\nhello\r\n0\r\n\r\n'],
  ['a chunk that is too long', '4\r\nhello\r\n0\r\n\r\n'],
  ['no last chunk', '5\r\nhello\r\n'],
  ['no end of a line', 'a'.repeat(5000)],
])('a body is not valid aws-chunked with %s', async (_, body) => {
  const problem = `The body of ${what} is not valid aws-chunked.`;
  expect(() => decodeContent(Buffer.from(body), 'aws-chunked', what)).toThrow(problem);
  await expect(streamed([Buffer.from(body)], 'aws-chunked')).rejects.toThrow(problem);
});

describe('the coding of a body', () => {
  test.each<[string[], string | undefined]>([
    [['content-encoding', 'aws-chunked'], 'aws-chunked'],
    [['x-amz-content-sha256', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD'], 'aws-chunked'],
    [['content-encoding', 'gzip', 'x-amz-content-sha256', 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'], 'aws-chunked, gzip'],
    [['content-encoding', 'aws-chunked', 'x-amz-content-sha256', 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'], 'aws-chunked'],
    [['x-amz-content-sha256', 'UNSIGNED-PAYLOAD'], undefined],
    [['content-encoding', 'br'], 'br'],
  ])('is told by the fields %j', (headers, coding) => {
    expect(contentCoding(headers)).toBe(coding);
  });
});

test('a chunk that is still coming is passed on', () => {
  const reader = new AwsChunkedReader();
  expect(Buffer.concat(reader.push(Buffer.from('ff\r\nabc'))).toString()).toBe('abc');
});
