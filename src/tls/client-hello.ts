/**
 * Reads a TLS ClientHello before the handshake begins, so that the upstream server can be asked
 * first. Pure: bytes in, a result out; nothing is consumed.
 */
import { ClientError } from '../errors.js';
import { INCOMPLETE, type ParseResult } from '../net/parse-result.js';
import { Vector } from './vector.js';

/** The first handshake message of a client, in which it describes itself (RFC 8446, section 4.1.2). */
export interface ClientHello {
  /** The name asked for, in lower case (RFC 6066, section 3); undefined where none was sent. */
  readonly serverName: string | undefined;
  /** Offered protocols in order of preference (RFC 7301); opaque bytes, one character each. */
  readonly alpnProtocols: readonly string[];
  /** The version field, at most TLS 1.2 (0x0303) in practice; newer ones are in supportedVersions. */
  readonly legacyVersion: number;
  readonly supportedVersions: readonly number[];
  readonly cipherSuites: readonly number[];
  /** Extension types in the order in which they were sent. */
  readonly extensions: readonly number[];
  readonly supportedGroups: readonly number[];
  readonly signatureAlgorithms: readonly number[];
}

/** The most that a ClientHello may take with its record headers, in bytes. Real ones take 0.2 to 2 KiB. */
export const CLIENT_HELLO_LIMIT = 65_536;

const RECORD_HEADER = 5;
const RECORD_LIMIT = 16_384; // RFC 8446, section 5.1
const HANDSHAKE_HEADER = 4;
// Content types (section 5.1) and a handshake type (section 4).
const ALERT = 21;
const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
// No host name has these; they must not reach a resolver or a log.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNPRINTABLE = /[\u0000-\u0020\u007f-\u00a0\ufffd]/;

/**
 * Reads the ClientHello at the start of a connection, in however many records it comes
 * (RFC 8446, section 5.1). `length` counts the records up to the one in which the message ends,
 * that one included.
 *
 * @returns `more` until the message is complete; a {@link ClientError} `WAYLAY_CLIENT_TLS` where
 * the bytes are no ClientHello or take more than {@link CLIENT_HELLO_LIMIT}
 * @example
 * const result = readClientHello(bytes);
 * if (result.kind === 'done') dial(result.value.serverName);
 */
export function readClientHello(bytes: Buffer): ParseResult<ClientHello> {
  const fragments: Buffer[] = [];
  let gathered = 0;
  let wanted: number | undefined;
  let offset = 0;
  while (offset < bytes.length) {
    const fault = recordFault(bytes, offset);
    if (fault !== undefined) return failed(fault);
    const start = offset + RECORD_HEADER;
    if (bytes.length < start) break;
    offset = start + bytes.readUInt16BE(offset + 3);
    // The last record may not have come in full.
    const fragment = bytes.subarray(start, offset);
    if (fragment.length === 0) break;
    fragments.push(fragment);
    gathered += fragment.length;

    if (wanted === undefined) {
      const header = joined(fragments);
      if (header[0] !== CLIENT_HELLO) return failed(`its first message has type ${header[0]}, not 1 (ClientHello)`);
      if (gathered >= HANDSHAKE_HEADER) {
        wanted = HANDSHAKE_HEADER + header.readUIntBE(1, 3);
        if (wanted > CLIENT_HELLO_LIMIT) return failed(`its ClientHello has ${wanted} bytes`);
      }
    }
    if (wanted !== undefined && gathered >= wanted && offset <= bytes.length) {
      // RFC 8446, section 5.1: a ClientHello ends where its record ends.
      if (gathered > wanted) return failed('something follows the ClientHello in its record');
      return read(joined(fragments), offset);
    }
  }
  if (bytes.length < CLIENT_HELLO_LIMIT) return INCOMPLETE;
  return failed(`its ClientHello does not end in the first ${CLIENT_HELLO_LIMIT} bytes`);
}

/** The fault in the record that starts there, as far as its header has come. */
function recordFault(bytes: Buffer, offset: number): string | undefined {
  const type = bytes[offset];
  if (type === ALERT) return 'it sent an alert';
  if (type !== HANDSHAKE) return `a record has type ${type}, not 22 (handshake)`;
  // The minor version is legacy and says nothing (RFC 8446, section 5.1).
  const major = bytes[offset + 1];
  if (major !== undefined && major !== 3) return `a record has the major version ${major}`;
  if (bytes.length < offset + RECORD_HEADER) return undefined;
  const length = bytes.readUInt16BE(offset + 3);
  if (length === 0) return 'a handshake record is empty';
  return length > RECORD_LIMIT ? `a record has ${length} bytes` : undefined;
}

function joined(fragments: Buffer[]): Buffer {
  const [first] = fragments;
  return first !== undefined && fragments.length === 1 ? first : Buffer.concat(fragments);
}

function failed(what: string): ParseResult<never> {
  const message = `The client's TLS handshake is broken: ${what}.`;
  return { kind: 'failed', error: new ClientError('WAYLAY_CLIENT_TLS', message) };
}

/** Reads the whole message; `length` is what the result says of the bytes used. */
function read(message: Buffer, length: number): ParseResult<ClientHello> {
  const hello = Vector.over(message);
  hello.skip(HANDSHAKE_HEADER);
  const legacyVersion = hello.uint16();
  hello.skip(32); // random
  if (hello.vector8().length > 32) hello.fail(); // session id
  const cipherSuites = hello.vector16().uint16s();
  if (hello.vector8().length === 0) hello.fail(); // compression methods
  // SSL 3.0 and TLS 1.0 clients may leave the extensions out.
  const list = hello.length === 0 ? hello : hello.vector16();
  hello.expectEnd();

  const extensions: number[] = [];
  let serverName: string | undefined;
  let alpnProtocols: string[] = [];
  let supportedVersions: number[] = [];
  let supportedGroups: number[] = [];
  let signatureAlgorithms: number[] = [];
  while (list.length > 0 && !hello.broken) {
    const type = list.uint16();
    const data = list.vector16();
    // RFC 8446, section 4.2: no type comes twice. One that is not read here does no harm.
    const known = type === 0 || type === 10 || type === 13 || type === 16 || type === 43;
    if (known && extensions.includes(type)) hello.fail();
    extensions.push(type);
    if (!known) continue;
    if (type === 0) serverName = readServerName(data);
    else if (type === 10) supportedGroups = data.vector16().uint16s();
    else if (type === 13) signatureAlgorithms = data.vector16().uint16s();
    else if (type === 16) alpnProtocols = readAlpnProtocols(data);
    else supportedVersions = data.vector8().uint16s();
    data.expectEnd();
  }
  if (hello.broken) return failed('its ClientHello cannot be read (RFC 8446, section 4.1.2)');

  const value: ClientHello = {
    serverName,
    alpnProtocols,
    legacyVersion,
    supportedVersions,
    cipherSuites,
    extensions,
    supportedGroups,
    signatureAlgorithms,
  };
  return { kind: 'done', value, length };
}

// RFC 6066, section 3.
function readServerName(data: Vector): string | undefined {
  const list = data.vector16();
  if (list.length === 0) list.fail();
  let serverName: string | undefined;
  while (list.length > 0) {
    const isHostName = list.uint8() === 0;
    const name = list.vector16().text('utf8');
    if (!isHostName) continue;
    if (serverName !== undefined || name.length > 255 || UNPRINTABLE.test(name)) list.fail();
    serverName = name.toLowerCase();
  }
  return serverName;
}

// RFC 7301, section 3.1.
function readAlpnProtocols(data: Vector): string[] {
  const list = data.vector16();
  if (list.length === 0) list.fail();
  const protocols: string[] = [];
  while (list.length > 0) protocols.push(list.vector8().text('latin1'));
  return protocols;
}
