import { TOKEN_OCTETS } from '../http/token.js';
import { INCOMPLETE, type ParseResult } from '../net/parse-result.js';

/** The protocol of a connection, or of what is inside a tunnel, by its first bytes. */
export type Protocol = 'socks4' | 'socks5' | 'tls' | 'http1' | 'http2' | 'unknown';

// RFC 9113, section 3.4.
const HTTP2_PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');
// The method is a token (RFC 9110, section 5.6.2); none in use is longer than this.
const LONGEST_METHOD = 32;
// A request line longer than this is left to the HTTP parser to refuse.
const LONGEST_LINE = 16 * 1024;

const CR = 0x0d;
const LF = 0x0a;
const SPACE = 0x20;

/**
 * Tells a protocol by its first bytes. TLS is known by its handshake record (RFC 8446, section
 * 5.1), HTTP/2 by its preface, SOCKS by its version, HTTP/1 by a whole request line, since other text
 * protocols begin with a word and a space as well. The reading's length counts stray bytes to drop first.
 */
export function detect(bytes: Buffer): ParseResult<Protocol> {
  if (bytes.length === 0) return INCOMPLETE;
  // SOCKS begins with its version; neither text nor TLS does.
  if (bytes[0] === 4) return found('socks4');
  if (bytes[0] === 5) return found('socks5');
  if (bytes[0] === 0x16) {
    if (bytes.length < 2) return INCOMPLETE;
    return found(bytes[1] === 0x03 ? 'tls' : 'unknown');
  }
  const preface = Math.min(bytes.length, HTTP2_PREFACE.length);
  if (bytes.compare(HTTP2_PREFACE, 0, preface, 0, preface) === 0) {
    return preface === HTTP2_PREFACE.length ? found('http2') : INCOMPLETE;
  }
  return detectRequestLine(bytes);
}

function detectRequestLine(bytes: Buffer): ParseResult<Protocol> {
  // RFC 9112, section 2.2: empty lines before a request line are ignored.
  let start = 0;
  while (bytes[start] === CR || bytes[start] === LF) start++;
  // Some clients send a line break after the CONNECT request that belongs neither to it nor to TLS.
  if (start > 0 && bytes[start] === 0x16) {
    if (bytes.length < start + 2) return INCOMPLETE;
    return bytes[start + 1] === 0x03 ? found('tls', start) : found('unknown');
  }
  let end = start;
  while (isTokenCharacter(bytes[end])) end++;
  const method = end - start;
  if (method > LONGEST_METHOD) return found('unknown');
  if (end === bytes.length) return INCOMPLETE;
  if (method === 0 || bytes[end] !== SPACE) return found('unknown');

  const lineEnd = bytes.indexOf(LF, end);
  if (lineEnd === -1) return bytes.length - start < LONGEST_LINE ? INCOMPLETE : found('http1');
  const line = bytes.toString('latin1', end, lineEnd);
  return found(/^ \S+ HTTP\/1\.[01]\r?$/.test(line) ? 'http1' : 'unknown');
}

function found(protocol: Protocol, stray = 0): ParseResult<Protocol> {
  return { kind: 'done', value: protocol, length: stray };
}

function isTokenCharacter(byte: number | undefined): boolean {
  return byte !== undefined && TOKEN_OCTETS[byte] === 1;
}
