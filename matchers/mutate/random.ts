/**
 * The `index`-th number of the generator mulberry32 with this seed, from 0 to 1 (1 excluded). Its
 * state is a counter, so that every number can be had by itself. It is written here and not taken
 * from a package because the sequence is part of the contract: with the same seed, the same
 * requests of a test are met today and in years.
 *
 * @param seed a whole number; its lowest 32 bits count
 */
export function randomAt(seed: number, index: number): number {
  let bits = (seed + Math.imul(index + 1, 0x6d2b79f5)) | 0;
  bits = Math.imul(bits ^ (bits >>> 15), bits | 1);
  bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
  return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
}
