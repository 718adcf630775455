import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Payload } from '../../src/websocket/payload.js';

const KIB = 1024;

describe('a payload', () => {
  test('is what came, in parts of any size, up to the limit', () => {
    const bytes = randomBytes(300 * KIB);
    for (const step of [1 * KIB + 1, 64 * KIB, 300 * KIB]) {
      for (const limit of [10, 100 * KIB, 300 * KIB]) {
        const payload = new Payload(limit);
        for (let at = 0; at < bytes.length; at += step) {
          const part = bytes.subarray(at, at + step);
          payload.append(part, undefined, at, bytes.length - at - part.length);
        }
        expect(payload.size).toBe(bytes.length);
        expect(payload.truncated).toBe(limit < bytes.length);
        expect(payload.take().equals(bytes.subarray(0, limit))).toBe(true);
      }
    }
  });

  test.each([10, 200 * KIB])('of %d bytes that was taken is not written into by the next', (size) => {
    const payload = new Payload(300 * KIB);
    payload.append(Buffer.alloc(size, 'a'));
    const taken = payload.take();
    payload.clear();
    payload.append(Buffer.alloc(size, 'b'));
    expect(taken.equals(Buffer.alloc(size, 'a'))).toBe(true);
    expect(payload.bytes.equals(Buffer.alloc(size, 'b'))).toBe(true);
  });

  test('takes no memory for what is only claimed', () => {
    const payload = new Payload(Number.MAX_SAFE_INTEGER);
    payload.append(Buffer.from('few'), undefined, 0, Number.MAX_SAFE_INTEGER - 3);
    expect(payload.bytes.buffer.byteLength).toBe(KIB);
  });
});
