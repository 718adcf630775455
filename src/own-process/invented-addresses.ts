/**
 * Addresses for names that no system resolves, each for one name: whoever connects to it means the name. They are of the
 * ranges for measurements in networks of one's own (198.18.0.0/15, RFC 2544; 2001:2::/48, RFC 5180), where nobody's server is.
 * Kept as long as the process runs: a client may connect to an address long after it was told.
 */

export type Family = 4 | 6;

const byName = new Map<string, number>();
const byAddress = new Map<string, string>();
/** As many as the smaller range has. */
const SIZE = 2 ** 17 - 2;
let last = 0;

/** The address that stands for a name. */
export function inventAddress(name: string, family: Family): string {
  let index = byName.get(name);
  if (index === undefined) byName.set(name, (index = (last++ % SIZE) + 1));
  const address = formatted(index, family);
  byAddress.set(address, name);
  return address;
}

/** The name that an address stands for; undefined where it stands for none. */
export function nameOfInvented(address: string): string | undefined {
  return byAddress.get(address);
}

function formatted(index: number, family: Family): string {
  return family === 4
    ? `198.${18 + (index >> 16)}.${(index >> 8) & 0xff}.${index & 0xff}`
    : `2001:2::${index > 0xffff ? `${(index >> 16).toString(16)}:` : ''}${(index & 0xffff).toString(16)}`;
}
