/**
 * The part of a representation that answers a request: all of it, parts of it, or that the client has it (RFC 9110,
 * sections 13 and 14).
 */
import { STATUS_CODES } from 'node:http';
import { headerValue, type RawHeaders, withoutHeaders } from '../../src/http/headers.js';
import type { Answer } from '../../src/interceptor.js';
import { type ByteRange, partialBody, readRanges, sizeOf } from './byte-ranges.js';
import { failedPrecondition, mayBePartial, type Validators } from './preconditions.js';
import type { StubbedRequest } from './ready-reply.js';

/** The facts about a representation that are known before it is sent. */
export interface Representation {
  /** The length in bytes. */
  readonly length: number;
  /** Strong. */
  readonly etag: string;
  /** An HTTP date. */
  readonly lastModified: string;
}

/** The reply's head as it was written. */
export type RepresentationHead = Omit<Answer, 'body'>;

/** The head that is sent, and what its body is made of; nothing where it has none. */
export interface Selected extends RepresentationHead {
  readonly parts: readonly (Buffer | ByteRange)[];
}

const OF_THE_WHOLE = new Set(['content-length', 'content-type']);

/**
 * Selects what answers the request. What the test wrote stays as it is: another status than 200 is sent as it stands, fields
 * of its own take the place of those that would be added, `accept-ranges: none` switches parts off.
 */
export function selectRepresentation(
  head: RepresentationHead,
  representation: Representation,
  asked: StubbedRequest,
): Selected {
  const { method } = asked.exchange.request;
  const all: ByteRange[] = method === 'HEAD' || representation.length === 0 ? [] : [whole(representation)];
  if (head.status !== 200 || (method !== 'GET' && method !== 'HEAD')) {
    return { ...withLength(head, head.headers, representation.length), parts: all };
  }
  const headers = withValidators(head.headers, representation);
  const validators: Validators = {
    etag: headerValue(headers, 'etag'),
    lastModified: headerValue(headers, 'last-modified'),
  };
  // A body that is going to be changed is asked for as a whole.
  if (asked.whole) return { ...withLength(head, headers, representation.length), parts: all };
  const failed = failedPrecondition(asked.exchange.request, validators);
  if (failed !== undefined) return bodiless(head, failed, headers);
  const ranges =
    method === 'GET' &&
    headerValue(headers, 'accept-ranges') !== 'none' &&
    mayBePartial(asked.exchange.request, validators)
      ? readRanges(asked.exchange.request.header('range'), representation.length)
      : undefined;
  if (ranges === undefined) return { ...withLength(head, headers, representation.length), parts: all };
  if (ranges === 'unsatisfiable') {
    return bodiless(head, 416, [...headers, 'Content-Range', `bytes */${representation.length}`]);
  }
  const { fields, parts } = partialBody(ranges, representation.length, headerValue(headers, 'content-type'));
  const length = parts.reduce((sum, part) => sum + (Buffer.isBuffer(part) ? part.length : sizeOf(part)), 0);
  const partial = [...withoutHeaders(headers, OF_THE_WHOLE), ...fields];
  return { ...withLength({ ...head, ...named(206) }, partial, length), parts };
}

function whole({ length }: Representation): ByteRange {
  return { first: 0, last: length - 1 };
}

function named(status: number): { status: number; statusText: string } {
  return { status, statusText: STATUS_CODES[status] ?? '' };
}

// Nothing says how long a file is fresh, and a browser would guess by its age (RFC 9111, section 4.2.2): requests for it
// would no longer come to the wire. So it is to be asked for again, and a 304 answers.
function withValidators(given: RawHeaders, { etag, lastModified }: Representation): RawHeaders {
  const added: string[] = [];
  const add = (name: string, value: string) => {
    if (headerValue(given, name) === undefined) added.push(name, value);
  };
  add('Accept-Ranges', 'bytes');
  add('Cache-Control', 'no-cache');
  add('ETag', etag);
  add('Last-Modified', lastModified);
  return [...given, ...added];
}

/** The head with the length, where it may be said: trailers follow a body in chunks (RFC 9112, section 7.1). */
function withLength(head: RepresentationHead, headers: RawHeaders, length: number): RepresentationHead {
  const isLeftOut = head.trailers !== undefined || headerValue(headers, 'content-length') !== undefined;
  return { ...head, headers: isLeftOut ? headers : [...headers, 'Content-Length', String(length)] };
}

/** A head alone, with what is true of the representation and not of its bytes (RFC 9110, section 15.4.5). */
function bodiless({ trailers: _, ...head }: RepresentationHead, status: number, headers: RawHeaders): Selected {
  return {
    ...head,
    ...named(status),
    headers: withoutHeaders(headers, OF_THE_WHOLE),
    parts: [],
  };
}
