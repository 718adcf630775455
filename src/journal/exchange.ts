import type { WaylayError } from '../errors.js';
import type { Destination } from '../net/authority.js';
import type { CertificateInfo } from '../tls/upstream-certificate.js';
import type { WebSocketMessage } from '../websocket/message.js';
import { MessageLog } from '../websocket/message-log.js';
import { disagreement } from './disagreement.js';
import { type Initiator, initiatorOf } from './initiator.js';
import { type ExchangeRule, Intervention } from './intervention.js';
import type { Request, Response } from './message.js';

/** The source of the response; `failed` where there is none, `tunnel` for bytes relayed unread. */
export type ExchangeSource = 'upstream' | 'stub' | 'refused' | 'failed' | 'tunnel';

/** The facts known of one side's TLS session. */
export interface TlsInfo {
  /** `TLSv1.3` and the like, as OpenSSL names it. */
  readonly version: string;
  /** The protocol agreed on by ALPN (RFC 7301); undefined where there was none. */
  readonly alpn: string | undefined;
  /** The server name the client asked for (RFC 6066, section 3). */
  readonly serverName: string | undefined;
}

/** The client's end of its connection. */
export interface ClientInfo {
  /** Its IP address. */
  readonly address: string;
  /** Its port. */
  readonly port: number;
  /** Its TLS session with the proxy; undefined where it sent plain HTTP. */
  readonly tls: TlsInfo | undefined;
}

/** The connection to the upstream server that carried the exchange. */
export interface UpstreamInfo {
  /** The server's, or those of the proxy on the way to it. */
  readonly address: string;
  /** The port that belongs to `address`. */
  readonly port: number;
  /** `host:port` of the proxy (option `upstreamProxy`) that it was reached through; undefined where there was none. */
  readonly proxy: string | undefined;
  /** The TLS session with it; undefined where there was none. */
  readonly tls: TlsInfo | undefined;
  /** The certificate that it showed; undefined without TLS. */
  readonly certificate: CertificateInfo | undefined;
  /** The exchange was the first on this connection: its `connect` times are this exchange's. */
  readonly reused: boolean;
}

/** Milliseconds since the epoch; undefined for what has not happened (or did not, as with a stub). */
export interface Timing {
  /** The request's head was read. */
  start: number;
  /** Name resolution, TCP and TLS of the upstream connection, where this exchange waited for them. */
  connectStart?: number;
  /** The TCP connection stood. */
  connected?: number;
  /** The TLS handshake was begun. */
  secureStart?: number;
  /** The TLS handshake was complete. */
  secured?: number;
  /** The request was passed on in full. */
  sent?: number | undefined;
  /** The response's head came. */
  responseStart?: number | undefined;
  /** The last byte was handed on, or the exchange failed. */
  end?: number | undefined;
}

const NO_RULES: readonly ExchangeRule[] = Object.freeze([]);

/** A finished exchange. */
export type FinishedExchange<Json = unknown> = Exchange<Json> & { readonly response: Response };

/**
 * One request with its response, or with its failure; `Json` is what `request.json()` gives, where that is known.
 *
 * @example
 * const { request, response } = await exchange.finished();
 */
export class Exchange<Json = unknown> {
  /** 1 for the first exchange of the test, in order of arrival. */
  readonly id: number;
  /** The request as the client sent it. */
  readonly request: Request<Json>;
  /** The response as the client received it. Present as soon as its head has come. */
  response: Response | undefined;
  /** The source of the response. */
  source: ExchangeSource = 'upstream';
  /** A mutation changed the request or the response. */
  mutated = false;
  /** The reason why there is no complete response, or why the one the client got is not the one it should have got. */
  error: WaylayError | undefined;
  /** The times of what happened. */
  readonly timing: Timing;
  /** The destination that it was sent to. */
  readonly destination: Destination;
  /** The client's end of its connection. */
  readonly client: ClientInfo;
  /** The upstream connection that carried it; undefined where there was none, as with a stub. */
  upstream: UpstreamInfo | undefined;
  /** The request was a WebSocket handshake (RFC 6455, section 4.1). */
  readonly websocket: boolean;
  /** The reason why not all messages of a WebSocket are in `messages`: what came is no WebSocket's, or cannot be undone. */
  messagesError: WaylayError | undefined;
  /** @internal Undefined where the exchange is no WebSocket. */
  readonly messageLog: MessageLog | undefined;

  /** @internal Bytes of its bodies and messages that the journal keeps, once it has ended. */
  bytesKept = 0;
  #ended = false;
  /** The initiator's facts that a runner's adapter knows. */
  #known: Initiator | undefined;
  #waiting: { resolve(exchange: FinishedExchange<Json>): void; reject(error: WaylayError): void }[] | undefined;

  /** @internal */
  constructor(init: {
    id: number;
    request: Request<Json>;
    client: ClientInfo;
    destination: Destination;
    websocket: boolean;
    start: number;
  }) {
    this.id = init.id;
    this.request = init.request;
    this.client = init.client;
    this.destination = init.destination;
    this.websocket = init.websocket;
    this.messageLog = init.websocket ? new MessageLog() : undefined;
    // Fields that most exchanges come to have get a place in the object from the start.
    this.timing = { start: init.start, sent: undefined, responseStart: undefined, end: undefined };
  }

  /**
   * The messages of both sides of the WebSocket so far, oldest first; empty where the exchange is none. A message is here
   * before its receiver has it.
   *
   * @example
   * expect(exchange.messages.at(-1)).toMatchObject({ from: 'server', type: 'close', code: 1000 });
   */
  get messages(): readonly WebSocketMessage[] {
    return this.messageLog?.messages ?? [];
  }

  /** The oldest messages of the WebSocket that are no longer kept: so many, since `journalLimit` was reached. */
  get forgottenMessages(): number {
    return this.messageLog?.forgotten ?? 0;
  }

  /**
   * The stub and the mutations that took part, each with its pattern and where the test wrote it: the stub first, then
   * the mutations in the order in which they apply. Empty where none did.
   *
   * @example
   * expect(exchange.rules).toEqual([{ kind: 'stub', pattern: 'POST https://api.pay.test/**', place: 'pay.spec.ts:12' }]);
   */
  get rules(): readonly ExchangeRule[] {
    return this.intervention?.rules ?? NO_RULES;
  }

  /**
   * The request as it was forwarded, where mutations made another one of it than `request`, which is what the client
   * sent. Fields that concern one connection only (RFC 9110, section 7.6.1) are not among its headers.
   *
   * @example
   * expect(exchange.forwardedRequest?.header('authorization')).toBeUndefined();
   */
  get forwardedRequest(): Request | undefined {
    return this.intervention?.forwarded;
  }

  /**
   * The response as the upstream, or the stub, gave it, where mutations changed what became of it; `response` is what
   * the client received. Its body is kept as far as any (`captureLimit`).
   *
   * @example
   * expect(exchange.originalResponse?.json()).toEqual({ currency: 'USD' });
   */
  get originalResponse(): Response | undefined {
    return this.intervention?.original;
  }

  /** @internal What rules did to it; undefined where none took part. */
  get intervention(): Intervention<Request, Response> | undefined {
    return this.request.intervention;
  }

  /** @internal What rules did to it, noted from here on. */
  intervene(): Intervention<Request, Response> {
    this.request.intervention ??= new Intervention();
    return this.request.intervention;
  }

  /** The sender of the request and its purpose, as far as they can be known. */
  get initiator(): Initiator {
    // Put together where it is read: most exchanges are never asked.
    const told = initiatorOf(this.request, this.websocket);
    const known = this.#known;
    if (known === undefined) return told;
    // Its fields may tell more where a browser has no better word for it.
    const resourceType = known.resourceType === 'other' ? told.resourceType : undefined;
    return { ...told, ...known, ...(resourceType && { resourceType }) };
  }

  /** @internal Adds what a runner's adapter knows of the initiator. */
  identify(known: Initiator): void {
    this.#known = this.#known === undefined ? known : { ...this.#known, ...known };
  }

  /**
   * The disagreement of the client's words, with each other or with where its connection was going, in transparent mode:
   * `Host asks for a.test, SNI asks for b.test.` It was dialled as `destination` says. Undefined where they agree.
   */
  get disagreement(): string | undefined {
    return disagreement(this.destination, this.client.tls?.serverName, this.request.url);
  }

  /** Nothing more will happen to it. */
  get ended(): boolean {
    return this.#ended;
  }

  /**
   * Resolves to the exchange when its response has been handed on in full.
   * @throws {WaylayError} the exchange's `error` where it failed
   */
  finished(): Promise<FinishedExchange<Json>> {
    return new Promise((resolve, reject) => {
      if (this.#ended) this.#settle({ resolve, reject });
      else (this.#waiting ??= []).push({ resolve, reject });
    });
  }

  /** @internal Marks the end; called once, by the journal. */
  end(now: number): void {
    if (this.#ended) return;
    this.#ended = true;
    this.timing.end = now;
    for (const waiter of this.#waiting ?? []) this.#settle(waiter);
    this.#waiting = undefined;
  }

  #settle(waiter: { resolve(exchange: FinishedExchange<Json>): void; reject(error: WaylayError): void }): void {
    if (this.error !== undefined) waiter.reject(this.error);
    else waiter.resolve(this as FinishedExchange<Json>);
  }

  /** Its request on one line: `GET https://shop.test/`. */
  toString(): string {
    return this.request.toString();
  }

  /**
   * The summary that runners and consoles print: its request and response hold secrets, and are long. For all there is
   * the HAR.
   */
  toJSON(): object {
    const { id, request, response, source, error, rules } = this;
    const shown = { id, request: request.toString(), status: response?.status, source, error: error?.code };
    return rules.length === 0 ? shown : { ...shown, rules };
  }

  [Symbol.for('nodejs.util.inspect.custom')](): object {
    return this.toJSON();
  }
}
