// @ts-check

/**
 * Requests that nothing is said of, for so many seconds.
 *
 * @param {number} seconds
 * @returns {import('../load.mjs').Course}
 */
export function leadingIn(seconds) {
  const last = performance.now() + seconds * 1000;
  return { more: () => performance.now() < last, begin: () => 0, end: () => {} };
}
