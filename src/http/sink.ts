import type { Socket } from 'node:net';
import type { WaylayError } from '../errors.js';
import type { RawHeaders } from './headers.js';
import type { ResponseHead } from './response-head.js';

/**
 * Takes a response, from an upstream or from a stub: any number of informational heads, then a
 * head, data and an end; or, at any time, a failure.
 */
export interface ResponseSink {
  /** A 1xx other than 101 (RFC 9110, section 15.2). */
  informational(head: ResponseHead): void;
  /** A 101 after which the connection is the two parties' own (RFC 9110, section 7.8). */
  switchProtocols(head: ResponseHead, socket: Socket, firstBytes: Buffer): void;
  /** @param trailersFollow it is known that trailers are going to follow the body */
  head(head: ResponseHead, trailersFollow?: boolean): void;
  /** False where the receiver is full: hold on until it calls for more. */
  data(chunk: Buffer): boolean;
  end(trailers: RawHeaders): void;
  fail(error: WaylayError): void;
}

/** A source that has been held back. */
export interface Resumable {
  resume(): void;
}
