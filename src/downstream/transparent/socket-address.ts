import type { Authority } from '../../net/authority.js';
import { ipText } from '../../net/ip-address.js';

/** Bytes of a `sockaddr_in`, and of a `sockaddr_in6` (POSIX, netinet/in.h). */
export const SOCKADDR_IN = 16;
export const SOCKADDR_IN6 = 28;

/**
 * Reads the address and port of an IPv4 or IPv6 socket address as Linux lays it out: family, port, then the
 * address, or flow label and address. The family needs no look: the length tells it.
 *
 * @returns undefined where the bytes are neither
 */
export function readSocketAddress(bytes: Buffer): Authority | undefined {
  if (bytes.length !== SOCKADDR_IN && bytes.length !== SOCKADDR_IN6) return undefined;
  const host = ipText(bytes.length === SOCKADDR_IN ? bytes.subarray(4, 8) : bytes.subarray(8, 24));
  const port = bytes.readUInt16BE(2);
  return host === undefined || port === 0 ? undefined : { host, port };
}
