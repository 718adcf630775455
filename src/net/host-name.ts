/** The one spelling in which names of hosts are compared. Pure. */
import { isIP } from 'node:net';
import { remembered } from '../remembered.js';

/** ASCII, in lower case, its last label no number: it is its own canonical spelling. */
const PLAIN = /^(?:[a-z0-9_-]+\.)*[a-z_][a-z0-9_-]*$/;

/**
 * The spelling of a host that is the same for all that mean the same one: A-labels (RFC 5890, mapped as UTS 46 says)
 * in lower case without the dot of the root; IPv4 in four decimals, IPv6 without brackets and shortened (RFC 5952), its
 * zone kept, and IPv4 in IPv6 (RFC 4291, section 2.5.5.2) as IPv4. What is no host stays as it is, in lower case.
 *
 * @example canonicalHost('MÜNCHEN.test.') // 'xn--mnchen-3ya.test'
 * @example canonicalHost('[0:0::1]') // '::1'
 */
export function canonicalHost(host: string): string {
  return PLAIN.test(host) ? host : canonical(host);
}

const canonical = remembered((host: string) => readHost(asUtf8(host)) ?? host.toLowerCase());

/** The canonical spelling of what a URL could have as its host; undefined where none could. */
export function readHost(text: string): string | undefined {
  if (text.includes(':')) return readIPv6(text.replace(/^\[(.*)\]$/, '$1'));
  if (/[\s/\\?#@%[\]<>^|]/.test(text) || text === '') return undefined;
  const name = hostnameOf(text)?.replace(/\.$/, '');
  return name === '' ? undefined : name;
}

/** Is it an address, in whatever spelling? */
export function isAddress(canonicalHost: string): boolean {
  return isIP(canonicalHost) !== 0;
}

function readIPv6(text: string): string | undefined {
  if (isIP(text) !== 6) return undefined;
  const [, address = '', zone = ''] = /^([^%]*)(%.*)?$/.exec(text) ?? [];
  const short = hostnameOf(`[${address}]`)?.slice(1, -1);
  return short === undefined ? undefined : (mappedIPv4(short) ?? short + zone.toLowerCase());
}

function mappedIPv4(address: string): string | undefined {
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(address) ?? [];
  if (high === undefined || low === undefined) return undefined;
  return [high, low]
    .map((word) => Number.parseInt(word, 16))
    .flatMap((word) => [word >> 8, word & 255])
    .join('.');
}

// The URL parser of the clients, whose names these are (WHATWG URL, "host parsing").
function hostnameOf(host: string): string | undefined {
  try {
    return new URL(`http://${host}/`).hostname;
  } catch {
    return undefined;
  }
}

// The heads of messages are read byte by byte, and some clients put UTF-8 there.
function asUtf8(host: string): string {
  if (!/[\u0080-\u00ff]/.test(host) || /[\u0100-\uffff]/.test(host)) return host;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(host, 'latin1'));
  } catch {
    return host;
  }
}
