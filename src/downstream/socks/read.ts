/**
 * Reads what a SOCKS client says: SOCKS 4 and its extension 4a, and SOCKS 5 (RFC 1928) with user and password
 * (RFC 1929). Pure: bytes in, a result out; a length that does not fit is a wish for more, and nothing throws.
 */

import { ClientError } from '../../errors.js';
import { type Authority, parseAuthority } from '../../net/authority.js';
import { ipText } from '../../net/ip-address.js';
import { INCOMPLETE, type ParseResult } from '../../net/parse-result.js';

/** The request of a client. */
export interface SocksRequest {
  /** 1 CONNECT, 2 BIND, 3 UDP ASSOCIATE (RFC 1928, section 4); others are none. */
  readonly command: number;
  /** Undefined where it is of a kind, or has a name or a port, that nobody can be connected with. */
  readonly authority: Authority | undefined;
  /** The kind of address is known (RFC 1928, section 5). */
  readonly knownAddressType: boolean;
}

// Characters that may reach a resolver or a log.
const PRINTABLE = /^[!-~]+$/;
const MAPPED = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/;
/** The protocol has no limit for it; what is longer is no name of a user. */
const LONGEST_USER = 255;
const LONGEST_NAME = 255;

/**
 * Reads a whole request of SOCKS 4: version, command, port, address, user, and a name where the address is
 * 0.0.0.x (SOCKS 4a). The user is not looked at.
 *
 * @example readSocks4Request(Buffer.from('0401005000000001' + '00' + '73686f702e7465737400', 'hex')).value.authority.host // 'shop.test'
 */
export function readSocks4Request(bytes: Buffer): ParseResult<SocksRequest> {
  if (bytes.length > 0 && bytes[0] !== 4) return failed(`its version is ${bytes[0]}, not 4`);
  const user = textEnd(bytes, 8, LONGEST_USER);
  if (user === undefined) return failed('its user has no end');
  if (user === -1) return INCOMPLETE;
  const command = bytes.readUInt8(1);
  const port = bytes.readUInt16BE(2);
  const named = bytes.readUIntBE(4, 3) === 0 && bytes[7] !== 0;
  if (!named) return request(command, ipText(bytes.subarray(4, 8)), port, user + 1);
  const end = textEnd(bytes, user + 1, LONGEST_NAME);
  if (end === undefined) return failed('its host name has no end');
  return end === -1 ? INCOMPLETE : request(command, bytes.toString('latin1', user + 1, end), port, end + 1);
}

/** Reads the first message of SOCKS 5: the methods of authentication that the client offers (RFC 1928, section 3). */
export function readSocks5Greeting(bytes: Buffer): ParseResult<readonly number[]> {
  if (bytes.length > 0 && bytes[0] !== 5) return failed(`its version is ${bytes[0]}, not 5`);
  const [, count] = bytes;
  if (count === undefined || bytes.length < 2 + count) return INCOMPLETE;
  return { kind: 'done', value: [...bytes.subarray(2, 2 + count)], length: 2 + count };
}

/** Reads over a user and a password (RFC 1929, section 2). They are not looked at. */
export function readSocks5Credentials(bytes: Buffer): ParseResult<true> {
  if (bytes.length > 0 && bytes[0] !== 1) return failed(`the version of its credentials is ${bytes[0]}, not 1`);
  const [, user] = bytes;
  const password = user === undefined ? undefined : bytes[2 + user];
  if (user === undefined || password === undefined) return INCOMPLETE;
  const length = 3 + user + password;
  return bytes.length < length ? INCOMPLETE : { kind: 'done', value: true, length };
}

/** Reads a whole request of SOCKS 5 (RFC 1928, sections 4 and 5). */
export function readSocks5Request(bytes: Buffer): ParseResult<SocksRequest> {
  if (bytes.length > 0 && bytes[0] !== 5) return failed(`the version of its request is ${bytes[0]}, not 5`);
  const [, command, , type] = bytes;
  if (command === undefined || type === undefined) return INCOMPLETE;
  const [start, size] = extent(type, bytes[4]);
  // The length of an address of an unknown kind is unknown.
  if (size === undefined) {
    return type === NAME
      ? INCOMPLETE
      : { kind: 'done', value: { command, authority: undefined, knownAddressType: false }, length: 4 };
  }
  const end = start + size;
  if (bytes.length < end + 2) return INCOMPLETE;
  const address = bytes.subarray(start, end);
  const host = type === NAME ? address.toString('latin1') : ipText(address);
  return request(command, host, bytes.readUInt16BE(end), end + 2);
}

const IPV4 = 1;
const NAME = 3;
const IPV6 = 4;

/** The start and the length of an address. */
function extent(type: number, nameLength: number | undefined): [start: number, size: number | undefined] {
  if (type === IPV4) return [4, 4];
  if (type === IPV6) return [4, 16];
  return [5, type === NAME ? nameLength : undefined];
}

/** The end of a text that ends with NUL; -1 where it has not come, undefined where it is too far away. */
function textEnd(bytes: Buffer, start: number, longest: number): number | undefined {
  const end = bytes.indexOf(0, start);
  const length = (end === -1 ? bytes.length : end) - start;
  return length > longest ? undefined : end;
}

function request(command: number, host: string | undefined, port: number, length: number): ParseResult<SocksRequest> {
  return { kind: 'done', value: { command, authority: authorityOf(host ?? '', port), knownAddressType: true }, length };
}

function authorityOf(host: string, port: number): Authority | undefined {
  if (!PRINTABLE.test(host)) return undefined;
  // Names that have a colon are IPv6 addresses in words.
  const authority = parseAuthority(host.includes(':') ? `[${host.replace(/^\[(.*)\]$/, '$1')}]` : host, port);
  if (authority === undefined) return undefined;
  const mapped = MAPPED.exec(authority.host);
  return mapped === null ? authority : { host: unmapped(mapped), port };
}

// RFC 4291, section 2.5.5.2: an IPv4 address as IPv6 sockets write it.
function unmapped([, high = '', low = '']: RegExpExecArray): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt16BE(Number.parseInt(high, 16), 0);
  bytes.writeUInt16BE(Number.parseInt(low, 16), 2);
  return bytes.join('.');
}

function failed(what: string): ParseResult<never> {
  return { kind: 'failed', error: new ClientError('WAYLAY_CLIENT_PROTOCOL', `The client's SOCKS is broken: ${what}.`) };
}
