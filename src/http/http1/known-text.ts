/** Longer texts are rarely those that come again. */
const MAX_LENGTH = 100;

const SLOTS = 2048;

/** The newest text of each slot. A new one takes the place of the one before, so this never grows. */
const texts: string[] = new Array(SLOTS).fill('');

/**
 * The octets as text, a character each (Latin-1): the same string as before where they have come before, so that nothing is
 * allocated for the names and values that every message has.
 *
 * @param hash of these octets, see {@link hashOf}; readers work it out while they look for the end
 */
export function knownText(bytes: Buffer, start: number, end: number, hash: number): string {
  const length = end - start;
  if (length === 0) return '';
  if (length > MAX_LENGTH) return bytes.toString('latin1', start, end);
  const slot = (hash ^ (hash >>> 11)) & (SLOTS - 1);
  const before = texts[slot] as string;
  if (before.length === length) {
    let i = 0;
    while (i < length && before.charCodeAt(i) === bytes[start + i]) i += 1;
    if (i === length) return before;
  }
  return (texts[slot] = bytes.toString('latin1', start, end));
}

/** The hash of octets, taken one after the other: that of none is 0. */
export function hashOf(before: number, octet: number): number {
  return (Math.imul(before, 31) + octet) | 0;
}
