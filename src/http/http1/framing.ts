/** The end of a message's body (RFC 9112, section 6.3): pure, by version, method, status and fields. */

import { mayHaveBody } from '../framing.js';
import { isToken } from '../token.js';
import type { FailureReason } from './failure.js';
import { elements, type FieldSection } from './field-section.js';

/**
 * - `none`: nothing follows the head
 * - `length`: that many bytes
 * - `chunked`: chunks and trailers
 * - `close`: all until the connection ends; responses only
 * - `tunnel`: HTTP ends here, what follows is the parties' own (CONNECT, 101); for a request of CONNECT, if it is granted
 */
export type BodyFraming = 'none' | 'length' | 'chunked' | 'close' | 'tunnel';

/** End of a body, or why nobody can say it. */
export interface Framing {
  readonly kind: BodyFraming;
  /** Bytes of the body where its kind is `length`; else 0. */
  readonly length: number;
  readonly failure?: FailureReason;
}

const NONE: Framing = { kind: 'none', length: 0 };
const CHUNKED: Framing = { kind: 'chunked', length: 0 };
const CLOSE: Framing = { kind: 'close', length: 0 };
const TUNNEL: Framing = { kind: 'tunnel', length: 0 };

const DIGITS = /^\d+$/;
const TOO_MUCH = 2 ** 63;

/**
 * A request's, as a server reads it: what two servers could read in two ways fails (RFC 9112, sections 6.1, 6.3 and 11.2).
 * More than one length fails even where all are equal, and so does a coding that is no plain token: the standard lets a server
 * choose, and not all of them choose alike.
 */
export function requestFraming(method: string, minor: number, section: FieldSection): Framing {
  // RFC 9110, section 9.3.6: no content. What follows belongs to the tunnel, or to nobody.
  if (method === 'CONNECT')
    return section.hasLength || section.hasCoding ? strictFraming(minor, section, TUNNEL) : TUNNEL;
  return section.hasLength || section.hasCoding ? strictFraming(minor, section, undefined) : NONE;
}

function strictFraming(minor: number, section: FieldSection, instead: Framing | undefined): Framing {
  if (section.hasCoding) {
    if (section.hasLength) return failed('length-and-coding');
    const codings = elements(section.fields, 'transfer-encoding').map((coding) => coding.toLowerCase());
    const isFramed = codings.indexOf('chunked') === codings.length - 1 && codings.every(isToken);
    // HTTP/1.0 knows no codings: such a server reads another body (RFC 9112, section 6.1).
    return isFramed && minor === 1 ? (instead ?? CHUNKED) : failed('invalid-coding');
  }
  const lengths = elements(section.fields, 'content-length');
  if (lengths.length > 1) return failed('repeated-length');
  const length = Number(lengths[0]);
  if (!DIGITS.test(lengths[0] as string) || length > Number.MAX_SAFE_INTEGER) return failed('invalid-length');
  return instead ?? lengthOf(length);
}

/**
 * A response's, as Chromium and curl read it.
 *
 * | what                                        | here                    | Chromium   | curl             |
 * |---------------------------------------------|-------------------------|------------|------------------|
 * | chunked, in HTTP/1.1, anywhere in the list   | chunks                  | same       | same             |
 * | chunked, in HTTP/1.0                         | until the end           | same       | chunks           |
 * | other codings                                | as if there were none   | same       | gives up; identity: until the end |
 * | chunked, and any Content-Length              | chunks                  | same       | gives up where the length is none |
 * | equal lengths                                | the length              | same       | same             |
 * | lengths that differ                          | the last field's digits | gives up   | same             |
 * | a length that is none (`abc`, `+5`, `5 5`)   | until the end           | same       | gives up, or takes the digits |
 * | a length of 2^63 or more                     | until the end           | same       | same             |
 * | 205 with a length or chunks                  | a body                  | none; drops the bytes | same  |
 * | 205 without either                           | none                    | same       | until the end    |
 *
 * @param method of the request
 */
export function responseFraming(method: string, minor: number, status: number, section: FieldSection): Framing {
  if (status === 101) return TUNNEL;
  if (!mayHaveBody(method, status) || (status >= 100 && status < 200)) return NONE;
  if (method === 'CONNECT' && status >= 200 && status < 300) return TUNNEL;
  if (section.hasCoding && minor >= 1 && elements(section.fields, 'transfer-encoding').some(isChunked)) return CHUNKED;
  if (section.hasLength) return lenientLength(elements(section.fields, 'content-length'), section);
  return status === 205 ? NONE : CLOSE;
}

function isChunked(coding: string): boolean {
  return coding.length === 7 && coding.toLowerCase() === 'chunked';
}

function lenientLength(lengths: readonly string[], section: FieldSection): Framing {
  const [first] = lengths as readonly [string];
  if (lengths.every((length) => length === first)) {
    return DIGITS.test(first) && Number(first) < TOO_MUCH ? lengthOf(Number(first)) : CLOSE;
  }
  // Chromium gives up. curl takes the digits that a field begins with, and of several fields the last one.
  let length = Number.NaN;
  for (let i = 0; i + 1 < section.fields.length; i += 2) {
    if ((section.fields[i] as string).toLowerCase() !== 'content-length') continue;
    const digits = /^\+?(\d+)/.exec(section.fields[i + 1] as string)?.[1];
    if (digits === undefined) return failed('invalid-length');
    length = Number(digits);
  }
  return length < TOO_MUCH ? lengthOf(length) : CLOSE;
}

function lengthOf(length: number): Framing {
  return length === 0 ? NONE : { kind: 'length', length };
}

function failed(failure: FailureReason): Framing {
  return { kind: 'none', length: 0, failure };
}

/**
 * Does the sender of this message let the connection carry another one (RFC 9112, section 9.3)? A response that ends with the
 * connection never does; that is for its framing to say.
 */
export function keepsAlive(minor: number, section: FieldSection): boolean {
  if (section.hasOption('close')) return false;
  return minor >= 1 || section.hasOption('keep-alive');
}
