/**
 * The work of the readers grows no faster than their input. It is counted, not timed: how often a byte is looked at, through a
 * buffer that counts, and how many bytes are copied.
 */
import { expect, test, vi } from 'vitest';
import { Carry } from '../../../src/http/http1/carry.js';
import { RequestReader } from '../../../src/http/http1/request-reader.js';
import { ResponseReader } from '../../../src/http/http1/response-reader.js';
import { latin1, pieces } from './reading.js';

const KINDS: Readonly<Record<string, (size: number) => string>> = {
  'a long target': (size) => `GET /${'a'.repeat(size)} HTTP/1.1\r\n\r\n`,
  'a long method': (size) => `${'A'.repeat(size)} / HTTP/1.1\r\n\r\n`,
  'a start line without an end': (size) => `GET /${'a'.repeat(size)}`,
  'a long value': (size) => `GET / HTTP/1.1\r\nA: ${'a'.repeat(size)}\r\n\r\n`,
  'a value of blanks': (size) => `GET / HTTP/1.1\r\nA: a${' '.repeat(size)}b\r\n\r\n`,
  'a long name': (size) => `GET / HTTP/1.1\r\n${'a'.repeat(size)}: 1\r\n\r\n`,
  'many fields': (size) => `GET / HTTP/1.1\r\n${'A: 1\r\n'.repeat(size / 6)}\r\n`,
  'many fields without an end': (size) => `GET / HTTP/1.1\r\n${'A: 1\r\n'.repeat(size / 6)}`,
  'many empty lines': (size) => '\r\n'.repeat(size / 2),
  'many requests': (size) => 'GET / HTTP/1.1\r\nA: 1\r\n\r\n'.repeat(size / 24),
  'many chunks': (size) =>
    `POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n${'1\r\na\r\n'.repeat(size / 6)}0\r\n\r\n`,
  'many zeros': (size) => `POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n${'0'.repeat(size)}1\r\na\r\n0\r\n\r\n`,
  'a long reason': (size) => `HTTP/1.1 200 ${'a'.repeat(size)}\r\n\r\n`,
  'a reason of spaces': (size) => `HTTP/1.1 200 a${' '.repeat(size)}b\r\n\r\n`,
  'a long version': (size) => `HTTP/1${'1'.repeat(size)} 200 OK\r\n\r\n`,
  'lines without a colon': (size) => `HTTP/1.1 200 OK\r\n${'a\r\n'.repeat(size / 3)}\r\n`,
  'many folds': (size) => `HTTP/1.1 200 OK\r\nA: 1\r\n${' 2\r\n'.repeat(size / 4)}\r\n`,
  'many of CR': (size) => `HTTP/1.1 200 OK\r\nA: 1\r\n${'\r'.repeat(size)}`,
  'fields that end in CR': (size) => `HTTP/1.1 200 OK\r\n${'A: 1\r'.repeat(size / 5)}\r\n\r\n`,
  'many lengths': (size) => `HTTP/1.1 200 OK\r\n${'Content-Length: 1\r\n'.repeat(size / 19)}\r\na`,
  'many codings': (size) => `HTTP/1.1 200 OK\r\nTransfer-Encoding: ${'a,'.repeat(size / 2)}chunked\r\n\r\n0\r\n\r\n`,
  'many of 1xx': (size) => 'HTTP/1.1 103 E\r\n\r\n'.repeat(size / 18),
  'many trailers': (size) =>
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n${'A: 1\r\n'.repeat(size / 6)}\r\n`,
};

/** A buffer that counts how often its bytes are read one by one; calls of its methods count with the bytes they may look at. */
function counted(bytes: Buffer, count: { work: number }): Buffer {
  return new Proxy(bytes, {
    get(target, key) {
      if (typeof key === 'string' && key.charCodeAt(0) <= 0x39) {
        count.work += 1;
        return target[key as unknown as number];
      }
      const value = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function work(wire: string, pieceSize: number): number {
  const count = { work: 0 };
  const bytesOfCarry = Object.getOwnPropertyDescriptor(Carry.prototype, 'bytes')?.get as (this: Carry) => Buffer;
  vi.spyOn(Carry.prototype, 'bytes', 'get').mockImplementation(function (this: Carry) {
    return counted(bytesOfCarry.call(this), count);
  });
  const copy = vi.spyOn(Buffer.prototype, 'copy');
  const indexOf = vi.spyOn(Buffer.prototype, 'indexOf');
  const copyWithin = vi.spyOn(Uint8Array.prototype, 'copyWithin');
  const sink = { informational: () => {}, head: () => {}, data: () => {}, end: () => {}, fail: () => {} };
  const reader = wire.startsWith('HTTP') ? new ResponseReader(sink, () => 'GET') : new RequestReader(sink);
  for (const piece of pieces(latin1(wire), pieceSize)) {
    reader.push(counted(piece, count));
  }
  reader.end();
  for (const result of copy.mock.results) count.work += result.value as number;
  for (const [i, [, from]] of indexOf.mock.calls.entries()) {
    const found = indexOf.mock.results[i]?.value as number;
    const buffer = indexOf.mock.contexts[i] as Buffer;
    count.work += (found === -1 ? buffer.length : found) - Number(from ?? 0);
  }
  for (const context of copyWithin.mock.contexts) count.work += (context as Uint8Array).length;
  vi.restoreAllMocks();
  return count.work;
}

test.each(Object.entries(KINDS))('%s, whole or in pieces', (_, make) => {
  for (const pieceSize of [Number.POSITIVE_INFINITY, 1, 100]) {
    const measure = (size: number) => {
      const wire = make(size);
      return { length: wire.length, work: work(wire, Math.min(pieceSize, wire.length)) };
    };
    const small = measure(1_200);
    const large = measure(12_000);
    // Each byte is looked at a few times, however many there are.
    expect(small.work).toBeLessThan(12 * small.length + 5_000);
    expect(large.work).toBeLessThan(12 * large.length + 5_000);
  }
});
