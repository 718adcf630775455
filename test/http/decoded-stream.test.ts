import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { ClientError } from '../../src/errors.js';
import { decodeContent } from '../../src/http/content-coding.js';
import { decodeStream, zstdStream } from '../../src/http/decoded-stream.js';

const TEXT = Buffer.from('One request with its response. '.repeat(40));
// `zstd -19 --check` of the text, from a pipe.
const ZSTD_TEXT = Buffer.from(
  '28b52ffd0468350100f201070cd03da0082901f90a4808592d07d1b253c9ebd267a9bf2a8c92978a0100db227ee504ccb4d2c5',
  'hex',
);
// `zstd --ultra --long=27` of 100 bytes from a pipe: asks for a window of 128 MiB.
const ZSTD_LONG = Buffer.from('28b52ffd048845000010787801003f012c94c0a388', 'hex');

const CODINGS: [string, Buffer][] = [
  ['gzip', gzipSync(TEXT)],
  ['gzip', Buffer.concat([gzipSync(TEXT.subarray(0, 100)), gzipSync(TEXT.subarray(100))])],
  ['x-gzip', gzipSync(TEXT)],
  ['br', brotliCompressSync(TEXT)],
  ['deflate', deflateSync(TEXT)],
  ['deflate', deflateRawSync(TEXT)],
  ['zstd', ZSTD_TEXT],
  ['zstd', Buffer.concat([ZSTD_TEXT, ZSTD_TEXT])],
  ['deflate, gzip , br', brotliCompressSync(gzipSync(deflateSync(TEXT)))],
  ['', TEXT],
];

/** The bytes in pieces of so many. */
async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer, void> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function all(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const list: Buffer[] = [];
  for await (const chunk of chunks) list.push(chunk);
  return Buffer.concat(list);
}

describe.each([1, 3, 7, 1000])('in pieces of %d', (size) => {
  test.each(CODINGS)('%s is undone as in one piece, row %#', async (coding, bytes) => {
    const decoded = await all(decodeStream(pieces(bytes, size), coding, 'it'));
    expect(decoded).toEqual(decodeContent(bytes, coding, 'it'));
    expect(decoded.subarray(0, TEXT.length)).toEqual(TEXT);
  });

  test.each(CODINGS.filter(([coding]) => coding !== ''))(
    '%s that is cut off is unreadable, row %#',
    async (coding, bytes) => {
      const cut = bytes.subarray(0, bytes.length - 6);
      await expect(all(decodeStream(pieces(cut, size), coding, 'it'))).rejects.toMatchObject({
        code: 'WAYLAY_BODY_UNREADABLE',
      });
    },
  );

  test('zstd whose window is too large is not undone', async () => {
    await expect(all(zstdStream(pieces(ZSTD_LONG, size)))).rejects.toThrow('window too large');
  });
});

test.each(['gzip', 'br', 'deflate', 'zstd'])('an empty body in %s stays empty', async (coding) => {
  expect(await all(decodeStream(pieces(Buffer.alloc(0), 1), coding, 'it'))).toHaveLength(0);
});

test('an unknown coding is told at once', () => {
  expect(() => decodeStream(pieces(TEXT, 10), 'gzip, rot13', 'it')).toThrow("the content coding 'rot13'");
});

test('a failure of the body stays what it is', async () => {
  const gone = new ClientError('WAYLAY_CLIENT_ABORTED', 'gone');
  async function* failing(): AsyncGenerator<Buffer, void> {
    yield gzipSync(TEXT).subarray(0, 20);
    throw gone;
  }
  await expect(all(decodeStream(failing(), 'gzip', 'it'))).rejects.toBe(gone);
});

test('a reader that stops lets go of the body', async () => {
  let finished = false;
  async function* endless(): AsyncGenerator<Buffer, void> {
    try {
      for (;;) yield TEXT;
    } finally {
      finished = true;
    }
  }
  const chunks = decodeStream(endless(), 'identity', 'it');
  for await (const chunk of chunks) {
    expect(chunk.length).toBeGreaterThan(0);
    break;
  }
  expect(finished).toBe(true);
});
