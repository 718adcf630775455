/**
 * Every failure Waylay reports has a class that says whose fault it is, a stable code to test
 * for, and a sentence that says what to do.
 */

import { printable } from './runtime/printable.js';
import { stackOf } from './runtime/stack.js';

/** The party whose fault a failure is: the client, the upstream server, the test's own code, or Waylay. */
export type Fault = 'client' | 'upstream' | 'test' | 'waylay';

/** The catalogue of codes. They are part of the public contract and never change their meaning. */
export type ErrorCode =
  // upstream
  | 'WAYLAY_UPSTREAM_DNS' // the name does not resolve
  | 'WAYLAY_UPSTREAM_REFUSED' // nothing listens there, or there is no route
  | 'WAYLAY_UPSTREAM_TIMEOUT' // the connection was not made in time
  | 'WAYLAY_UPSTREAM_RESET' // the connection ended before a response came
  | 'WAYLAY_UPSTREAM_TRUNCATED' // the connection ended inside a response
  | 'WAYLAY_UPSTREAM_TLS' // the TLS handshake failed
  | 'WAYLAY_UPSTREAM_CERTIFICATE' // the certificate does not verify
  | 'WAYLAY_UPSTREAM_PROTOCOL' // what came is not HTTP
  | 'WAYLAY_UPSTREAM_LOOP' // the destination is this proxy
  | 'WAYLAY_UPSTREAM_PROXY' // the proxy on the way to it fails or refuses
  // client
  | 'WAYLAY_CLIENT_TLS' // the client ended the handshake, for example because it does not trust the CA
  | 'WAYLAY_CLIENT_PROTOCOL' // what came is not HTTP
  | 'WAYLAY_CLIENT_ABORTED' // the client went away before the response was complete
  | 'WAYLAY_NO_DESTINATION' // the request does not say where to go
  // test
  | 'WAYLAY_REFUSED' // no rule for this request, and unmatched requests are refused
  | 'WAYLAY_HANDLER' // a function given to stubResponse or mutate threw
  | 'WAYLAY_FAULT' // a mutation or a stub asked for this failure
  | 'WAYLAY_INVALID_PATTERN'
  | 'WAYLAY_INVALID_OPTION'
  | 'WAYLAY_INVALID_REPLY'
  | 'WAYLAY_INVALID_CHANGE'
  | 'WAYLAY_EXPECTATION' // what was expected did not come
  | 'WAYLAY_UNUSED' // no request met a stub or a mutation, and that was to fail the test
  | 'WAYLAY_ENDED' // a Waylay was used after its test, or after it was stopped
  | 'WAYLAY_INSIDE_TEST' // useWaylay() was called where a test was running already
  | 'WAYLAY_OUTSIDE_TEST' // the object of a runner's adapter was used where no test was running
  | 'WAYLAY_SECOND' // a test was given a second Waylay for the same process
  | 'WAYLAY_WHOSE_REQUEST' // several tests run at once, and nothing tells which a connection is for
  | 'WAYLAY_CONCURRENT' // the runner runs tests at once in a way in which they cannot be told apart
  | 'WAYLAY_STRAY_REQUEST' // a request went past the proxy, over a connection from before
  | 'WAYLAY_BLOCKED' // a worker thread waits for the thread that Waylay runs in, which does nothing
  | 'WAYLAY_SPAWN' // a program the test started did not start, ended badly, or did not do in time what was awaited
  | 'WAYLAY_LEFT_OPEN' // a connection or a request was open at the end, and that was to fail the test
  | 'WAYLAY_BODY_INCOMPLETE' // read before it was complete, or longer than the capture limit
  | 'WAYLAY_BODY_UNREADABLE' // not JSON, or an encoding that cannot be undone
  // waylay
  | 'WAYLAY_LISTEN' // no port to listen on
  | 'WAYLAY_TRANSPARENT' // what the option transparent needs of the system is not there
  | 'WAYLAY_STOPPED' // the proxy was stopped while the exchange was pending
  | 'WAYLAY_INTERNAL';

/** The properties of an error beside its sentence. */
export interface ErrorDetails {
  /** `host:port` that the client asked for, where known. */
  authority?: string;
  /** The error this one explains. */
  cause?: unknown;
  /** The code that ended the HTTP/2 stream (RFC 9113, section 7), so that the other side can be told the same. */
  http2Code?: number;
}

/**
 * The base of all errors of Waylay.
 *
 * @example
 * if (error instanceof WaylayError && error.code === 'WAYLAY_UPSTREAM_REFUSED') …
 */
export abstract class WaylayError extends Error {
  /** The party whose fault it is. */
  abstract readonly fault: Fault;
  /** Stable; test for this and not for the message. */
  readonly code: ErrorCode;
  /** `host:port` that the client asked for, where known. */
  declare readonly authority: string | undefined;
  /** The code that ended the HTTP/2 stream (RFC 9113, section 7), where one did. */
  declare readonly http2Code: number | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = code;
    // Unknown properties are left out: they would be printed with the error.
    if (details.authority !== undefined) this.authority = details.authority;
    if (details.http2Code !== undefined) this.http2Code = details.http2Code;
  }
}

/** An error whose sentence has a peer's text in it, so it is made printable. */
abstract class PeerError extends WaylayError {
  constructor(code: ErrorCode, message: string, details?: ErrorDetails) {
    super(code, printable(message), details);
  }
}

/** The client broke the protocol, does not trust the CA, or went away. */
export class ClientError extends PeerError {
  /** The client's. */
  readonly fault = 'client';
}

/** The upstream server could not be reached, or what it sent is broken. */
export class UpstreamError extends PeerError {
  /** The upstream server's. */
  readonly fault = 'upstream';
}

/** The test's own rules, options or functions are at fault. */
export class TestError extends WaylayError {
  /** The test's. */
  readonly fault = 'test';
}

/** Waylay itself could not do its work. */
export class InternalError extends WaylayError {
  /** Waylay's. */
  readonly fault = 'waylay';
}

/** The error as it is where it is one of ours, else as a failure of Waylay itself. */
export function asWaylayError(cause: unknown): WaylayError {
  return cause instanceof WaylayError
    ? cause
    : new InternalError('WAYLAY_INTERNAL', `Waylay failed: ${shown(cause)}`, { cause });
}

function shown(cause: unknown): string {
  try {
    return (cause instanceof Error && stackOf(cause)) || String(cause);
  } catch {
    return 'what was thrown cannot be shown';
  }
}
