/** The one spelling in which names of hosts are compared. Pure. */
import { isIP } from 'node:net';
import { memoize } from '../runtime/memoize.js';
import { wireText } from './wire-text.js';

/** ASCII, in lower case, its last label no number; or four decimals: they are their own canonical spelling. */
export const PLAIN_HOST = /(?:[a-z0-9_-]+\.)*[a-z_][a-z0-9_-]*|(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}/;

const PLAIN = new RegExp(`^(?:${PLAIN_HOST.source})$`);

// Many patterns ask for the same one, one after the other.
let last = '';

/**
 * The spelling of a host that is the same for all that mean the same one: A-labels (RFC 5890, mapped as UTS 46 says)
 * in lower case without the dot of the root; IPv4 in four decimals, IPv6 without brackets and shortened (RFC 5952), its
 * zone kept, and IPv4 in IPv6 (RFC 4291, section 2.5.5.2) as IPv4. What is no host stays as it is, in lower case.
 *
 * @example canonicalHost('MÜNCHEN.test.') // 'xn--mnchen-3ya.test'
 * @example canonicalHost('[0:0::1]') // '::1'
 */
export function canonicalHost(host: string): string {
  if (host === last) return host;
  if (!PLAIN.test(host)) return canonical(host);
  last = host;
  return host;
}

// Names that the URL parser refuses must stay refused: some would be a name once all of Unicode is in lower case.
const canonical = memoize((host: string) => readHost(wireText(host)) ?? lowerASCII(host));

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

function lowerASCII(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
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
