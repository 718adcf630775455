import { expect, test } from 'vitest';
import { TestError } from '../../src/errors.js';
import { CapturedBody } from '../../src/http/captured-body.js';
import { seeded } from '../journal/seeded.js';

test('a captured body keeps what passes by up to the limit and counts the rest, however it is sliced', () => {
  const random = seeded(1);
  const all = Buffer.from(Array.from({ length: 200 }, (_, at) => at));
  for (let round = 0; round < 200; round++) {
    const limit = Math.floor(random() * 250);
    const captured = new CapturedBody(limit);
    for (let at = 0; at < all.length; ) {
      const next = at + Math.floor(random() * 60);
      captured.append(all.subarray(at, next));
      if (random() < 0.2) captured.bytes;
      at = next;
    }
    expect(captured.bytes).toEqual(all.subarray(0, limit));
    expect(captured).toMatchObject({ size: 200, kept: Math.min(limit, 200), truncated: limit < 200 });
  }
});

test('a captured body keeps the first MiB of a body longer than a large limit, and the whole of one as long as that', () => {
  const MIB = 1024 * 1024;
  const all = Buffer.from(Array.from({ length: 3 * MIB + 1 }, (_, at) => at % 251));
  const captured = new CapturedBody(3 * MIB);
  for (let at = 0; at < all.length - 1; at += MIB / 4)
    captured.append(all.subarray(at, Math.min(at + MIB / 4, 3 * MIB)));
  expect(captured).toMatchObject({ kept: 3 * MIB, truncated: false });
  expect(captured.bytes.equals(all.subarray(0, 3 * MIB))).toBe(true);
  for (let more = 0; more < 2; more += 1) {
    captured.append(all.subarray(-1));
    expect(captured).toMatchObject({ size: all.length + more, kept: MIB, truncated: true });
    expect(captured.bytes.equals(all.subarray(0, MIB))).toBe(true);
  }
});

test('a captured body is whole only when it is complete and kept in full', () => {
  const captured = new CapturedBody(3);
  const decode = () => captured.decoded(undefined, 'GET https://shop.test/');
  captured.append(Buffer.from('abc'));
  expect(decode).toThrow(TestError);
  expect(decode).toThrow('The body of GET https://shop.test/ has not arrived in full: 3 bytes so far.');
  captured.complete = true;
  expect(decode().toString()).toBe('abc');
  captured.append(Buffer.from('d'));
  expect(decode).toThrow('has 4 bytes, of which 3 were kept. Raise captureLimit or journalLimit');
});
