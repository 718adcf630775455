import { expect, test } from 'vitest';
import { randomAt } from '../../../matchers/mutate/random.js';

/** The generator as its author published it, which goes on from number to number. */
function mulberry32(seed: number): () => number {
  let a = seed;
  return () => {
    a += 0x6d2b79f5;
    let t = a;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

test.each([0, 1, 7, -3, 2 ** 31, 0xdeadbeef])('a sequence is mulberry32 with the seed %d', (seed) => {
  const next = mulberry32(seed | 0);
  for (let index = 0; index < 1000; index += 1) expect(randomAt(seed, index)).toBe(next());
});

test('the sequence of a seed never changes', () => {
  expect([0, 1, 2].map((index) => randomAt(1, index))).toEqual([
    0.6270739405881613, 0.002735721180215478, 0.5274470399599522,
  ]);
});
