/**
 * The core's only opening to the floors above. The proxy asks three questions; whoever answers
 * them decides what becomes of the traffic. The core knows nothing of patterns and rules.
 */
import type { Duplex } from 'node:stream';
import type { Authority } from './destination.js';
import type { WaylayError } from './errors.js';
import type { Exchange } from './exchange/exchange.js';
import type { RawHeaders } from './exchange/headers.js';

/** The head of a response. */
export interface ResponseHead {
  readonly status: number;
  /** The reason phrase; empty in HTTP/2 (RFC 9113, section 8.3.2). */
  readonly statusText: string;
  readonly headers: RawHeaders;
}

/** What becomes of a body: other bytes, a function of the whole decoded body, or a stream it runs through as it is. */
export type BodyChange =
  | { readonly kind: 'replace'; readonly bytes: Buffer }
  | { readonly kind: 'whole'; readonly change: (decoded: Buffer) => Buffer | Promise<Buffer> }
  | { readonly kind: 'stream'; readonly through: Duplex };

/** What is changed of a request before it is forwarded; what is absent stays. */
export interface RequestChange {
  readonly method?: string;
  /** Absolute; another authority sends the request to another upstream. */
  readonly url?: string;
  readonly headers?: RawHeaders;
  readonly body?: BodyChange;
}

/** What is changed of a response, a real one or an answer; what is absent stays. */
export interface ResponseChange {
  readonly status?: number;
  readonly statusText?: string;
  readonly headers?: RawHeaders;
  readonly body?: BodyChange;
  readonly trailers?: RawHeaders;
}

/** An answer made here. The core adds `content-length` where the body is bytes and none is given. */
export interface Answer extends ResponseHead {
  readonly body: Buffer | AsyncIterable<Uint8Array>;
  readonly trailers?: RawHeaders;
}

/** What becomes of a request; undefined forwards it untouched. */
export type RequestDecision =
  | { readonly action: 'forward'; readonly change: RequestChange }
  | { readonly action: 'answer'; readonly answer: Answer }
  /** Not forwarded because no rule allows it: the client gets the error's sentence. */
  | { readonly action: 'refuse'; readonly error: WaylayError };

/**
 * Answers the proxy's questions. All may throw or reject: the client then gets a 500 that says so
 * and the exchange carries the error `WAYLAY_HANDLER`.
 */
export interface Interceptor {
  /**
   * May a request to this authority be answered without an upstream? Then none is dialled until a
   * request needs it.
   */
  mayAnswer(authority: Authority): boolean;

  /**
   * What becomes of this request? Asked once, when its head has come. Who needs the body awaits
   * `body()`; the request is held until the decision is there.
   */
  onRequest(
    exchange: Exchange,
    incoming: IncomingBody,
  ): RequestDecision | undefined | Promise<RequestDecision | undefined>;

  /** What becomes of this response? Asked once, when its head has come; undefined changes nothing. */
  onResponse(exchange: Exchange, head: ResponseHead): ResponseChange | undefined | Promise<ResponseChange | undefined>;
}

/** Access to a request's body before the decision. */
export interface IncomingBody {
  /**
   * Resolves when the request's body has come in full (then `exchange.request.text()` and the like
   * can be read) or has outgrown the capture limit (then they throw).
   */
  body(): Promise<void>;
}
