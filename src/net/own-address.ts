import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Authority } from './authority.js';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');

const UNSPECIFIED = new Set(['0.0.0.0', '::']);

/** Does an authority name the port that the proxy listens on, by one of its addresses or by `localhost`? */
export function isOwnAddress(listening: Authority, { host, port }: Authority): boolean {
  if (port !== listening.port) return false;
  const address = unmapped(host);
  if (address === listening.host) return true;
  if (address === 'localhost') return UNSPECIFIED.has(listening.host) || isLoopback(listening.host);
  return UNSPECIFIED.has(listening.host) && isOfThisMachine(address);
}

/** The address at which this machine reaches what listens there; `::` takes IPv4, too (Node listens dual-stack). */
export function reachableAt(listening: string): string {
  return UNSPECIFIED.has(listening) ? '127.0.0.1' : listening;
}

/** IPv4 addresses as IPv6 sockets write them (RFC 4291, section 2.5.5.2), as they are otherwise written. */
export function unmapped(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
}

function isOfThisMachine(address: string): boolean {
  if (UNSPECIFIED.has(address) || isLoopback(address)) return true;
  return Object.values(networkInterfaces()).some((addresses) => addresses?.some((own) => own.address === address));
}

function isLoopback(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && LOOPBACK.check(address, family === 6 ? 'ipv6' : 'ipv4');
}
