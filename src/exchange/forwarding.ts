import type { Readable } from 'node:stream';
import { asWaylayError, type WaylayError } from '../errors.js';
import type { FaultKind } from '../faults.js';
import { CapturedBody } from '../http/captured-body.js';
import { withoutBody } from '../http/framing.js';
import type { ResponseHead } from '../http/response-head.js';
import type { OutgoingRequest, Sending } from '../http/sending.js';
import { PassingSink, type ResponseSink } from '../http/sink.js';
import type { MessageFault, RequestChange } from '../interceptor.js';
import type { Exchange } from '../journal/exchange.js';
import { Request } from '../journal/message.js';
import { AbortController } from '../runtime/realm.js';
import { type UpstreamConnection, upstreamInfo } from '../upstream/connection.js';
import type { ExchangeContext } from './context.js';
import type { Incoming } from './incoming.js';
import { changedBody, type Outgoing, outgoingRequest } from './outgoing.js';
import { ruleFailure } from './relay-errors.js';
import type { RequestBody } from './request-body.js';
import type { ClientStream, ResponseSource } from './response-source.js';
import { faultBeforeHead, shapesBody } from './shape.js';

/** A request on its way to the upstream: with its changes, at its pace, up to its fault. */
export class Forwarding implements ResponseSource {
  readonly #context: ExchangeContext;
  readonly #exchange: Exchange;
  readonly #incoming: Incoming;
  readonly #body: RequestBody;
  readonly #change: RequestChange | undefined;
  readonly #sink: ResponseSink;
  #sending: Sending | undefined;
  /** Made only where there is something to end. */
  #abort: AbortController | undefined;
  #clearTimer: (() => void) | undefined;
  #changedBody: Readable | undefined;
  #over = false;

  constructor(
    context: ExchangeContext,
    exchange: Exchange,
    incoming: Incoming,
    body: RequestBody,
    change: RequestChange | undefined,
    sink: ResponseSink,
  ) {
    this.#context = context;
    this.#exchange = exchange;
    this.#incoming = incoming;
    this.#body = body;
    this.#change = change;
    this.#sink = sink;
  }

  start(): void {
    const delay = this.#change?.shape?.delay;
    if (delay) this.#clearTimer = this.#context.clock.startTimer(delay, () => this.#go());
    else this.#go();
  }

  /** The request is being sent. */
  get begun(): boolean {
    return this.#sending !== undefined;
  }

  get clientStream(): ClientStream | undefined {
    const shape = this.#change?.shape;
    if (shape === undefined || !shapesBody(shape)) return undefined;
    return { shape, fail: (error, ending) => this.#break(error, ending) };
  }

  resume(): void {
    this.#sending?.resume();
  }

  /** An upstream whose response is complete is left as it is: it may still read the request, and be used again. */
  abort(): void {
    if (this.#over) return;
    this.#over = true;
    this.#clearTimer?.();
    this.#abort?.abort();
    this.#changedBody?.destroy();
    if (!this.#exchange.response?.captured.complete) this.#sending?.abort();
  }

  #go(): void {
    const change = this.#change;
    const fault = change?.shape === undefined ? undefined : faultBeforeHead(change.shape);
    if (fault !== undefined) this.#sink.fail(fault.error, fault.kind);
    else if (change === undefined) this.#goUnchanged();
    else this.#await(this.#changed(change), (outgoing) => this.#forward(outgoing));
  }

  // Forwards in the turn in which the request came, and without a promise, if there is nothing to wait for.
  #goUnchanged(): void {
    try {
      this.#forward(outgoingRequest(this.#incoming, this.#body, undefined));
    } catch (cause) {
      this.#failed(cause);
    }
  }

  #forward(outgoing: Outgoing | undefined): void {
    if (outgoing === undefined || this.#over) return;
    const { request, link } = outgoing;
    // A request without a body has its fault after its head; one that hangs there would be answered. What is to be
    // upgraded has it in what the client sends from then on.
    const ends = request.body === null && this.#incoming.upgrade === undefined;
    const fault = ends ? this.#change?.shape?.fault : undefined;
    if (fault?.kind === 'hang') {
      this.#sink.fail(fault.error, fault.kind);
      return;
    }
    const connection = link.claim(request.exclusive);
    if (connection !== undefined) this.#send(request, connection, fault);
    else this.#await(link.acquire(request.exclusive), (acquired) => this.#send(request, acquired, fault));
  }

  #send(request: OutgoingRequest, connection: UpstreamConnection, fault: MessageFault | undefined): void {
    if (this.#over) {
      connection.release();
      return;
    }
    const exchange = this.#exchange;
    exchange.upstream = upstreamInfo(connection);
    if (!connection.used) Object.assign(exchange.timing, connection.transport.times);
    if (this.#body.complete) exchange.timing.sent = this.#context.clock.now();
    const losesBody = request.method === 'HEAD' && this.#incoming.method !== 'HEAD';
    this.#sending = connection.send(request, losesBody ? new WithoutBody(this.#sink) : this.#sink);
    if (fault !== undefined) this.#break(fault.error, fault.kind);
  }

  #await<Value>(promise: Promise<Value>, next: (value: Value) => void): void {
    promise.then(next).catch((cause) => this.#failed(cause));
  }

  #failed(cause: unknown): void {
    if (!this.#over) this.#sink.fail(asWaylayError(cause));
  }

  async #changed(change: RequestChange): Promise<Outgoing | undefined> {
    const incoming = this.#incoming;
    const body = this.#body;
    const exchange = this.#exchange;
    const captured = new CapturedBody(this.#context.options.captureLimit);
    try {
      if (change.body?.kind !== 'stream' && change.shape === undefined) {
        const made = change.body && (await changedBody(incoming, body, change.body, { exchange, captured }));
        return this.#recorded(outgoingRequest(incoming, body, change, made), change, captured);
      }
      this.#abort = new AbortController();
      const shaping = {
        clock: this.#context.clock,
        signal: this.#abort.signal,
        fail: (...failure: Parameters<ResponseSink['fail']>) => this.#bodyFailed(...failure),
      };
      const changed = await changedBody(incoming, body, change.body, { exchange, captured, shaping });
      const outgoing = outgoingRequest(incoming, body, change, changed, shaping);
      const { body: stream } = outgoing.request;
      if (stream !== null && !Buffer.isBuffer(stream)) this.#changedBody = stream;
      if (this.#over) this.#changedBody?.destroy();
      return this.#recorded(outgoing, change, captured);
    } catch (cause) {
      if (!this.#over) this.#sink.fail(ruleFailure(this.#exchange, cause).error);
      return undefined;
    }
  }

  /** Keeps what goes out in the request's place. What only takes its time is no other request. */
  #recorded(outgoing: Outgoing, { method, url, headers, body }: RequestChange, captured: CapturedBody): Outgoing {
    if (method === undefined && url === undefined && headers === undefined && body === undefined) return outgoing;
    const { request } = this.#exchange;
    const { request: sent } = outgoing;
    const kept = body === undefined ? request.captured : captured;
    const forwarded = new Request(sent.method, url ?? request.url, sent.headers, request.httpVersion, kept);
    forwarded.secrets = request.secrets;
    forwarded.trailers = request.trailers;
    this.#exchange.intervene().forwarded = forwarded;
    return outgoing;
  }

  #bodyFailed(error: WaylayError, ending?: FaultKind): void {
    if (this.#over) return;
    if (ending === undefined) this.#sink.fail(error);
    else this.#break(error, ending);
  }

  #break(error: WaylayError, kind: FaultKind | undefined): void {
    this.#exchange.error ??= error;
    if (kind === 'hang') return;
    // The client is to see the upstream's answer to a request that ends short, and how it ends.
    if (kind === 'truncate') this.#sending?.breakOff?.('truncate', () => {});
    else this.#sending?.breakOff?.('reset', () => this.#sink.fail(error, kind));
  }
}

/** A client that waits for the body that the response to a HEAD tells of and does not have (RFC 9110, section 9.3.2). */
class WithoutBody extends PassingSink {
  override head(head: ResponseHead): void {
    super.head({ ...head, headers: withoutBody(head.headers) });
  }
}
