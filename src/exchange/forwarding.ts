import type { Readable } from 'node:stream';
import type { ProxyContext } from '../context.js';
import { asWaylayError } from '../errors.js';
import type { MessageFault, RequestChange } from '../interceptor.js';
import { AbortController } from '../realm.js';
import { type Sending, upstreamInfo } from '../upstream/connection.js';
import type { Exchange } from './exchange.js';
import { withoutBody } from './framing.js';
import type { Incoming } from './incoming.js';
import { changedBody, type Outgoing, outgoingRequest } from './outgoing.js';
import type { RequestBody } from './request-body.js';
import { FaultReached, faultBeforeHead } from './shape.js';
import type { ResponseSink, ResponseSource } from './sink.js';

/** What is told of a request on its way, beside its response. */
export interface ForwardingSink extends ResponseSink {
  /** A fault has come to its place: it takes the place of the response. */
  broken(fault: MessageFault): void;
  /** A function that was to change the request threw. */
  handlerFailed(cause: unknown): void;
}

/** A request on its way to the upstream: with its changes, at its pace, up to its fault. */
export class Forwarding implements ResponseSource {
  readonly #context: ProxyContext;
  readonly #exchange: Exchange;
  readonly #sink: ForwardingSink;
  #sending: Sending | undefined;
  /** Made only where there is something to end. */
  #abort: AbortController | undefined;
  #clearTimer: (() => void) | undefined;
  #body: Readable | undefined;
  #over = false;

  constructor(context: ProxyContext, exchange: Exchange, sink: ForwardingSink) {
    this.#context = context;
    this.#exchange = exchange;
    this.#sink = sink;
  }

  start(incoming: Incoming, body: RequestBody, change: RequestChange | undefined): void {
    const go = (): void => {
      this.#go(incoming, body, change).catch((cause) => {
        if (!this.#over) this.#sink.fail(asWaylayError(cause));
      });
    };
    if (change?.shape?.delay) this.#clearTimer = this.#context.clock.startTimer(change.shape.delay, go);
    else go();
  }

  /** The request is being sent. */
  get begun(): boolean {
    return this.#sending !== undefined;
  }

  pause(): void {
    this.#sending?.pause();
  }

  resume(): void {
    this.#sending?.resume();
  }

  abort(): void {
    if (this.#over) return;
    this.stop();
    this.#sending?.abort();
  }

  /** The exchange is over: nothing more of the request is wanted. */
  stop(): void {
    this.#over = true;
    this.#clearTimer?.();
    this.#abort?.abort();
    this.#body?.destroy();
  }

  async #go(incoming: Incoming, body: RequestBody, change: RequestChange | undefined): Promise<void> {
    const fault = change?.shape === undefined ? undefined : faultBeforeHead(change.shape);
    if (fault !== undefined) {
      this.#sink.broken(fault);
      return;
    }
    // What waits for nothing leaves in the turn in which it came.
    const outgoing =
      change === undefined ? outgoingRequest(incoming, body, change) : await this.#changed(incoming, body, change);
    if (outgoing === undefined || this.#over) return;
    const { request, link } = outgoing;
    // A request without a body has its fault after its head; one that hangs there would be answered.
    const faultAfterHead = request.body === null ? change?.shape?.fault : undefined;
    if (faultAfterHead?.kind === 'hang') {
      this.#sink.broken(faultAfterHead);
      return;
    }
    const connection = link.claim(request.exclusive) ?? (await link.acquire(request.exclusive));
    if (this.#over) {
      connection.release();
      return;
    }
    const exchange = this.#exchange;
    exchange.upstream = upstreamInfo(connection);
    if (!connection.used) Object.assign(exchange.timing, connection.transport.times);
    if (body.complete) exchange.timing.sent = this.#context.clock.now();
    const losesBody = request.method === 'HEAD' && incoming.method !== 'HEAD';
    this.#sending = connection.send(request, losesBody ? withoutBodies(this.#sink) : this.#sink);
    if (faultAfterHead !== undefined) this.#break(faultAfterHead);
  }

  async #changed(incoming: Incoming, body: RequestBody, change: RequestChange): Promise<Outgoing | undefined> {
    try {
      if (change.body?.kind !== 'stream' && change.shape === undefined) {
        const changed = change.body === undefined ? undefined : await changedBody(incoming, body, change);
        return outgoingRequest(incoming, body, change, changed);
      }
      this.#abort = new AbortController();
      const shaping = {
        clock: this.#context.clock,
        signal: this.#abort.signal,
        failed: (cause: unknown) => this.#bodyFailed(cause),
      };
      const changed = await changedBody(incoming, body, change, shaping);
      const outgoing = outgoingRequest(incoming, body, change, changed, shaping);
      const { body: stream } = outgoing.request;
      if (stream !== null && !Buffer.isBuffer(stream)) this.#body = stream;
      if (this.#over) this.#body?.destroy();
      return outgoing;
    } catch (cause) {
      if (!this.#over) this.#sink.handlerFailed(cause);
      return undefined;
    }
  }

  #bodyFailed(cause: unknown): void {
    if (this.#over) return;
    if (cause instanceof FaultReached) this.#break(cause.fault);
    else this.#sink.handlerFailed(cause);
  }

  #break(fault: MessageFault): void {
    const { kind } = fault;
    this.#exchange.error ??= fault.error;
    if (kind === 'hang') return;
    // What the upstream says to a request that ends short, and how it ends, is the client's to see.
    if (kind === 'truncate') this.#sending?.breakOff?.('truncate', () => {});
    else this.#sending?.breakOff?.('reset', () => this.#sink.broken(fault));
  }
}

/** For a client that waits for the body that the response to a HEAD tells of and does not have (RFC 9110, section 9.3.2). */
function withoutBodies(sink: ResponseSink): ResponseSink {
  return {
    informational: (head) => sink.informational(head),
    switchProtocols: (...response) => sink.switchProtocols(...response),
    head: (head) => sink.head({ ...head, headers: withoutBody(head.headers) }),
    data: (chunk) => sink.data(chunk),
    end: (trailers) => sink.end(trailers),
    fail: (error) => sink.fail(error),
  };
}
