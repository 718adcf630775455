/**
 * Addresses for names that no system resolves, each for one name: whoever connects to it means the name. They are of the
 * ranges for measurements in networks of one's own (198.18.0.0/15, RFC 2544; 2001:2::/48, RFC 5180), where nobody's server is.
 * Kept as long as the process runs: a client may connect to an address long after it was told.
 */

export type Family = 4 | 6;

const byName = new Map<string, number>();
const byAddress = new Map<string, string>();
/** The size of the smaller range. */
const SIZE = 2 ** 17 - 2;
let last = 0;

/** The address that stands for a name. */
export function syntheticAddress(name: string, family: Family): string {
  return formatted(syntheticNumber(name), family);
}

/** The number that its addresses are made of. */
export function syntheticNumber(name: string): number {
  const number = byName.get(name) ?? (last++ % SIZE) + 1;
  adoptSyntheticNumber(name, number);
  return number;
}

/** Takes over what another thread has made of a name. */
export function adoptSyntheticNumber(name: string, number: number): void {
  byName.set(name, number);
  byAddress.set(formatted(number, 4), name).set(formatted(number, 6), name);
}

/** The name that an address stands for; undefined where it stands for none. */
export function nameOfSynthetic(address: string): string | undefined {
  return byAddress.get(address);
}

function formatted(number: number, family: Family): string {
  return family === 4
    ? `198.${18 + (number >> 16)}.${(number >> 8) & 0xff}.${number & 0xff}`
    : `2001:2::${number > 0xffff ? `${(number >> 16).toString(16)}:` : ''}${(number & 0xffff).toString(16)}`;
}
