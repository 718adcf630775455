import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { RawHeaders } from '../http/headers.js';
import type { ResponseSink, Source } from '../http/sink.js';
import type { ClientInfo } from '../journal/exchange.js';
import type { HttpVersion } from '../journal/message.js';
import type { Authority, Destination } from '../net/authority.js';
import type { Link } from '../upstream/link.js';

/**
 * A client's end of one exchange, over whichever version of HTTP. A failure with an ending breaks the response off as that
 * says, when what came before has gone out; after `hang` nothing more comes, and the client is to be seen leaving.
 */
export interface ClientSink extends ResponseSink {
  /** The source of the response: resumed when the client can take more after `data` returned false. */
  source: Source | undefined;
}

/** A request that has arrived, in the terms that all versions of HTTP share (RFC 9110, section 6). */
export interface Incoming {
  readonly client: ClientInfo;
  readonly destination: Destination;
  readonly link: Link;
  /** A link to another origin, for a request that is sent elsewhere. */
  linkTo(scheme: 'http' | 'https', authority: Authority): Link;
  readonly method: string;
  /** Absolute, with the port only where the scheme does not imply it. */
  readonly url: string;
  readonly scheme: 'http' | 'https';
  /** `host[:port]` as the client named it. */
  readonly authority: string;
  /** Path and query as sent, or `*`. */
  readonly path: string;
  readonly httpVersion: HttpVersion;
  /** Fields as sent, without HTTP/2's pseudo-header fields. */
  readonly headers: RawHeaders;
  /** The names of HTTP/2's pseudo-header fields, in the client's order; undefined for other versions. */
  readonly pseudoFields?: readonly string[];
  readonly body: Readable | null;
  trailers(): RawHeaders;
  /** The protocol of an `Upgrade` that is to be passed on, such as `websocket`. */
  readonly upgrade: string | undefined;
  readonly sink: ClientSink;
  /** The client's socket after a 101 has been sent, with bytes that already came. */
  takeOver?(): { socket: Socket; firstBytes: Buffer } | undefined;
}
