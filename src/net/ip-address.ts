import { isIPv4, isIPv6 } from 'node:net';

/** The bytes of an address as certificates carry them (RFC 5280, section 4.2.1.6): 4 or 16; zone identifiers are left out. */
export function ipBytes(text: string): Buffer | undefined {
  const address = text.replace(/%.*$/, '');
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  // Node's own test costs milliseconds the first time.
  if (!address.includes(':') || !isIPv6(address)) return undefined;
  const [head = '', tail] = canonicalIPv6(address).split('::');
  const front = groups(head);
  const back = groups(tail ?? '');
  const zeros: string[] = new Array(8 - front.length - back.length).fill('0');
  const bytes = Buffer.alloc(16);
  for (const [i, group] of [...front, ...zeros, ...back].entries())
    bytes.writeUInt16BE(Number.parseInt(group, 16), 2 * i);
  return bytes;
}

/** The address in its canonical form (RFC 5952); undefined where the bytes are not 4 or 16. */
export function ipText(bytes: Buffer): string | undefined {
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.length !== 16) return undefined;
  const words = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(2 * i).toString(16));
  return canonicalIPv6(words.join(':'));
}

function groups(text: string): string[] {
  return text === '' ? [] : text.split(':');
}

// The URL parser writes out embedded IPv4 addresses in hexadecimal and shortens as RFC 5952 says.
function canonicalIPv6(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}
