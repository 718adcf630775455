// @ts-check
/** Answers of upstreams, by path. */

const KiB = 1024;

/** @type {Record<string, { type: string, body: Buffer }>} */
export const bodies = {
  '/1k': text(KiB),
  '/4k': text(4 * KiB),
  '/16k': text(16 * KiB),
  '/64k': text(64 * KiB),
  '/256k': text(256 * KiB),
  '/1m': text(KiB * KiB),
  '/4m': text(4 * KiB * KiB),
  '/16m': text(16 * KiB * KiB),
  '/json': {
    type: 'application/json',
    body: Buffer.from(
      JSON.stringify({
        currency: 'CHF',
        items: Array.from({ length: 20 }, (_, id) => ({ id, title: `Item number ${id}`, price: id * 100 })),
      }),
    ),
  },
  '/page': {
    type: 'text/html',
    body: Buffer.from('<!doctype html><title>bench</title><link rel="icon" href="data:,">'),
  },
};

/** @param {number} size */
function text(size) {
  return { type: 'text/plain', body: Buffer.alloc(size, 'waylay ') };
}
