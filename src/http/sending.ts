/** A request to an upstream, and the hold on it while its response is on its way. */
import type { Readable } from 'node:stream';
import type { RawHeaders } from './headers.js';
import type { Source } from './sink.js';

/** A request as it goes to the upstream. */
export interface OutgoingRequest {
  readonly method: string;
  readonly scheme: 'http' | 'https';
  /** `host[:port]`, for `Host` or `:authority`. */
  readonly authority: string;
  /** Path and query, or `*`. */
  readonly path: string;
  /** Fields in order, with `host` where the client sent one; hop-by-hop fields only for an upgrade. */
  readonly headers: RawHeaders;
  /** The order of HTTP/2's pseudo-header fields, where the client had one. */
  readonly pseudoFields: readonly string[] | undefined;
  /** Null where there is none. */
  readonly body: Buffer | Readable | null;
  /** The trailer fields; complete when the body has ended. */
  readonly trailers: () => RawHeaders;
  /** It takes an HTTP/1.1 connection of its own: an upgrade, an expectation of 100, or trailers. */
  readonly exclusive: boolean;
}

/** The control over a response that is on its way. */
export interface Sending extends Source {
  /**
   * Breaks the request off when what came before has gone out: HTTP/1 by FIN or RST of the connection, HTTP/2 by
   * resetting the stream. Only where the request was sent as exclusive, or over HTTP/2.
   * @param done called when the upstream has been told; after a `reset` nothing more comes from it
   */
  breakOff?(kind: 'truncate' | 'reset', done: () => void): void;
}
