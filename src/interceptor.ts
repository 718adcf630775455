/**
 * The core's only opening to the floors above. The proxy asks five questions; whoever answers
 * them decides what becomes of the traffic. The core knows nothing of patterns and rules.
 */

import type { WaylayError } from './errors.js';
import type { FaultKind } from './faults.js';
import type { RawHeaders } from './http/headers.js';
import type { ResponseHead } from './http/response-head.js';
import type { Exchange } from './journal/exchange.js';
import type { Participant } from './journal/intervention.js';
import type { AnyPort, Authority } from './net/authority.js';

/**
 * The change of a body: other bytes, a function of the whole of it, or a function of the stream that it is, whose result
 * is passed on as it comes. Functions see it with its content codings undone.
 */
export type BodyChange =
  | { readonly kind: 'replace'; readonly bytes: Buffer }
  | { readonly kind: 'whole'; readonly change: (decoded: Buffer) => WholeBody | Promise<WholeBody> }
  | { readonly kind: 'stream'; readonly change: (decoded: AsyncIterable<Buffer>) => AsyncIterable<Uint8Array> };

/** A body's new bytes, and the content type where they need another than before. */
export type WholeBody = Buffer | { readonly bytes: Buffer; readonly contentType: string };

/** A fault that the test asked for. */
export interface MessageFault {
  readonly kind: FaultKind;
  /** Bytes of the body (as they go over the wire) that are passed on before. Default: not even the head is. */
  readonly after?: number | undefined;
  /** Called where a connection that had switched protocols ended before: nobody was hurt by the fault. */
  readonly missed?: () => void;
  /** The exchange's error, `WAYLAY_FAULT`: which fault, and where the test wrote it. */
  readonly error: WaylayError;
}

/**
 * The shape in which a message travels: slowed down, cut into pieces, broken off. What is absent stays as it is. Where a
 * connection switches protocols, what its sender sends from then on stands for the body.
 */
export interface Shape {
  /** Milliseconds before its head is passed on. */
  readonly delay?: number;
  /** Bytes of its body a second. */
  readonly bandwidth?: number;
  /** Bytes of its body in one write at most. */
  readonly slice?: number;
  readonly fault?: MessageFault;
}

/** The fault of a client's handshake: an alert (RFC 8446, section 6.2), or a leaf with a defect. */
export type HandshakeFault = (
  | { readonly alert: number }
  | { readonly leaf: 'expired' | 'wrong-host' | 'self-signed' }
) & {
  /** `WAYLAY_FAULT`: which fault, and where the test wrote it. */
  readonly error: WaylayError;
  /** The rule that asked for it. */
  readonly rule?: Participant;
};

/** The changes of a request before it is forwarded; what is absent stays. */
export interface RequestChange {
  readonly method?: string;
  /** Absolute; another authority sends the request to another upstream. */
  readonly url?: string;
  readonly headers?: RawHeaders;
  readonly body?: BodyChange;
  /** The changed body is in the content coding that the fields give. Default: in none, and that field is left out. */
  readonly coded?: boolean;
  readonly shape?: Shape;
}

/** The changes of a response, a real one or an answer; what is absent stays. */
export interface ResponseChange {
  readonly status?: number;
  readonly statusText?: string;
  readonly headers?: RawHeaders;
  readonly body?: BodyChange;
  /** See {@link RequestChange}. */
  readonly coded?: boolean;
  /** Asked when the body has come, with the trailers that came after it (none: empty). */
  readonly trailers?: (trailers: RawHeaders) => RawHeaders | Promise<RawHeaders>;
  readonly shape?: Shape;
}

/**
 * An answer made here. The core adds `content-length` where the body is bytes, none is given and no
 * trailers follow. A stream is read no faster than the client takes it, and let go of when the client leaves.
 */
export interface Answer extends ResponseHead {
  /** Sent before anything else: 1xx other than 101 (RFC 9110, section 15.2). */
  readonly informational?: readonly ResponseHead[];
  /** Milliseconds between what is informational and the head. */
  readonly delay?: number;
  readonly body: Buffer | AsyncIterable<Uint8Array>;
  readonly trailers?: RawHeaders;
}

/** The decision on a request; undefined forwards it untouched. */
export type RequestDecision =
  | { readonly action: 'forward'; readonly change: RequestChange }
  /** Answered here: `delay` milliseconds later than it would be, and when its body has come in its `shape`. */
  | { readonly action: 'answer'; readonly answer: Answer; readonly delay?: number; readonly shape?: Shape }
  /** Neither forwarded nor answered: the fault (reset, hang, empty) takes the place of a response. */
  | { readonly action: 'fail'; readonly fault: MessageFault; readonly delay?: number }
  /** Not forwarded because no rule allows it: the client gets the error's sentence. */
  | { readonly action: 'refuse'; readonly error: WaylayError };

/**
 * Answers the proxy's questions. All may throw or reject: the client then gets a 500 that says so
 * and the exchange carries the error `WAYLAY_HANDLER`.
 */
export interface Interceptor {
  /**
   * May a request to this authority be answered without an upstream? Then none is dialled until a
   * request needs it. Without a port: may any at that host be?
   */
  mayAnswer(authority: AnyPort): boolean;

  /** Is the TLS handshake of a client that wants to reach this authority to fail? Asked before the upstream is. */
  onHandshake(handshake: Handshake): HandshakeFault | undefined;

  /**
   * Decides on this request: asked once, when its head has come. An interceptor that needs the body awaits `body()`; the
   * request is held until the decision is there.
   */
  onRequest(
    exchange: Exchange,
    incoming: IncomingBody,
  ): RequestDecision | undefined | Promise<RequestDecision | undefined>;

  /**
   * Is a connection that carries neither HTTP nor TLS, and whose bytes would be relayed unread, refused? Not asked for
   * hosts of `tlsPassthrough`, which were named for just that.
   */
  onTunnel(exchange: Exchange): WaylayError | undefined;

  /**
   * Decides on this response: asked once, when its head has come; undefined changes nothing. Of a 101 (RFC 9110, section
   * 15.2.2) neither body nor trailers can be changed; another status refuses the upgrade in the upstream's stead.
   */
  onResponse(exchange: Exchange, head: ResponseHead): ResponseChange | undefined | Promise<ResponseChange | undefined>;
}

/** A client's handshake with the proxy in the upstream's stead. */
export interface Handshake extends Authority {
  /** The name as the client sent it (RFC 6066, section 3); undefined where it sent none. */
  readonly serverName: string | undefined;
}

/** Access to a request's body before the decision. */
export interface IncomingBody {
  /**
   * Resolves when the request's body has come in full (then `exchange.request.text()` and the like
   * can be read) or has outgrown the capture limit (then they throw).
   */
  body(): Promise<void>;
}
