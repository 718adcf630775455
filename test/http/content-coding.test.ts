import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { TestError } from '../../src/errors.js';
import { decodeContent, zstdDecompress } from '../../src/http/content-coding.js';
import { seeded } from '../journal/seeded.js';

const text = 'One request with its response. '.repeat(40);

// `zstd -19 --check` of the text, from a pipe: a frame without content size, with a checksum.
const ZSTD_TEXT = hex(
  '28b52ffd0468350100f201070cd03da0082901f90a4808592d07d1b253c9ebd267a9bf2a8c92978a0100db227ee504ccb4d2c5',
);
// `zstd --no-check` of the file `hi\n`: a single segment with content size.
const ZSTD_HI = hex('28b52ffd200319000068690a');
// `zstd --ultra --long=27` of 100 bytes from a pipe: asks for a window of 128 MiB.
const ZSTD_LONG = hex('28b52ffd048845000010787801003f012c94c0a388');

function hex(digits: string): Buffer {
  return Buffer.from(digits.replaceAll(/\s/g, ''), 'hex');
}

const decode = (bytes: Buffer, coding: string | undefined, limit?: number) =>
  decodeContent(bytes, coding, 'GET https://shop.test/', limit);

function failureOf(action: () => unknown): TestError {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(TestError);
    return error as TestError;
  }
  throw new Error('It did not throw.');
}

describe('where there is one coding', () => {
  test.each([
    ['gzip', gzipSync(text)],
    ['x-gzip', gzipSync(text)],
    ['GZip', gzipSync(text)],
    ['br', brotliCompressSync(text)],
    ['deflate', deflateSync(text)],
    ['deflate', deflateSync(text, { level: 0 })],
    ['deflate', deflateRawSync(text)],
    ['deflate', deflateRawSync(text, { level: 0 })],
    ['identity', Buffer.from(text)],
    ['', Buffer.from(text)],
    ['zstd', ZSTD_TEXT],
  ])('%s is undone, row %#', (coding, bytes) => {
    expect(decode(bytes, coding).toString()).toBe(text);
  });

  test('none leaves the bytes as they are', () => {
    const bytes = Buffer.from('abc');
    expect(decode(bytes, undefined)).toBe(bytes);
  });

  test('deflate without its wrapper is told by the check bits, not by the method alone', () => {
    // A stored block (RFC 1951, section 3.2.4) whose padding bits are not zero: its first byte ends
    // in 8 as that of the zlib format does.
    const bytes = Buffer.from([0x08, 3, 0, 0xfc, 0xff, 0x61, 0x62, 0x63, 0x01, 0, 0, 0xff, 0xff]);
    expect(decode(bytes, 'deflate').toString()).toBe('abc');
  });

  test('an empty body needs no decoding, as in an answer to HEAD', () => {
    for (const coding of ['gzip', 'zstd', 'unknown']) expect(decode(Buffer.alloc(0), coding)).toHaveLength(0);
  });

  test('gzip of several members is undone in full', () => {
    expect(decode(Buffer.concat([gzipSync('a'), gzipSync('b')]), 'gzip').toString()).toBe('ab');
  });
});

describe('several codings', () => {
  test('are undone from the last to the first', () => {
    expect(decode(gzipSync(brotliCompressSync(text)), 'br, gzip').toString()).toBe(text);
    expect(decode(deflateSync(gzipSync(ZSTD_TEXT)), ' zstd ,identity,, GZIP,deflate').toString()).toBe(text);
  });

  test('in the wrong order fail, naming the one that is not', () => {
    const error = failureOf(() => decode(gzipSync(brotliCompressSync(text)), 'gzip, br'));
    expect(error.message).toContain('is not valid br');
  });
});

describe('zstd', () => {
  const LIMIT = 1_000_000;

  test('is undone in a frame of blocks and in a frame of a single segment', () => {
    expect(zstdDecompress(ZSTD_TEXT, LIMIT).toString()).toBe(text);
    expect(zstdDecompress(ZSTD_HI, LIMIT).toString()).toBe('hi\n');
  });

  test('is undone in several frames, those that are to be skipped among them', () => {
    const skippable = hex('50 2a 4d 18 03000000 616263');
    const bytes = Buffer.concat([ZSTD_HI, skippable, ZSTD_TEXT, ZSTD_HI]);
    expect(zstdDecompress(bytes, LIMIT).toString()).toBe(`hi\n${text}hi\n`);
    expect(decode(bytes, 'zstd').toString()).toBe(`hi\n${text}hi\n`);
  });

  test('is refused with a window beyond RFC 9659', () => {
    expect(() => zstdDecompress(ZSTD_LONG, LIMIT)).toThrow('window too large');
    expect(() => zstdDecompress(Buffer.concat([ZSTD_HI, ZSTD_LONG]), LIMIT)).toThrow('window too large');
  });

  test('is refused where it unfolds to more than the limit', () => {
    expect(zstdDecompress(ZSTD_TEXT, text.length)).toHaveLength(text.length);
    expect(() => zstdDecompress(ZSTD_TEXT, text.length - 1)).toThrow(RangeError);
  });

  test('fails in a frame that was cut, wherever', () => {
    for (let length = 1; length < ZSTD_TEXT.length - 4; length++) {
      expect(() => zstdDecompress(ZSTD_TEXT.subarray(0, length), LIMIT), `${length} bytes`).toThrow();
    }
  });
});

describe('where a coding cannot be undone', () => {
  test.each(['compress', 'constructor', '__proto__', 'gzip;q=1'])('%s is unknown', (coding) => {
    const error = failureOf(() => decode(Buffer.from('abc'), coding));
    expect(error.code).toBe('WAYLAY_BODY_UNREADABLE');
    expect(error.message).toContain(`GET https://shop.test/ has the content coding '${coding}'`);
  });

  test.each(['gzip', 'br', 'deflate', 'zstd'])('bytes that are not %s are told as such', (coding) => {
    const error = failureOf(() => decode(Buffer.from('this is plain text'), coding));
    expect(error.code).toBe('WAYLAY_BODY_UNREADABLE');
    expect(error.message).toBe(`The body of GET https://shop.test/ is not valid ${coding}.`);
    expect(error.cause).toBeInstanceOf(Error);
  });

  test.each([
    ['gzip', gzipSync(text)],
    ['br', brotliCompressSync(text)],
    ['deflate', deflateSync(text)],
    ['zstd', ZSTD_TEXT],
  ])('%s that unfolds to more than the limit is told as such', (coding, bytes) => {
    expect(decode(bytes, coding, text.length)).toHaveLength(text.length);
    const error = failureOf(() => decode(bytes, coding, text.length - 1));
    expect(error.code).toBe('WAYLAY_BODY_UNREADABLE');
    expect(error.message).toContain(`unfolds from ${bytes.length} to more than ${text.length - 1} bytes (${coding})`);
  });

  test('any bytes give a result or a TestError', () => {
    const random = seeded(1);
    for (let round = 0; round < 400; round++) {
      const start = round % 2 === 0 ? [] : [...ZSTD_TEXT.subarray(0, 9)];
      const rest = Array.from({ length: 1 + Math.floor(random() * 60) }, () => Math.floor(random() * 256));
      for (const coding of ['gzip', 'br', 'deflate', 'zstd']) {
        try {
          expect(decode(Buffer.from([...start, ...rest]), coding, 100_000)).toBeInstanceOf(Buffer);
        } catch (error) {
          expect(error).toBeInstanceOf(TestError);
        }
      }
    }
  });
});
