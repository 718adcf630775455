import type { Socket } from 'node:net';
import type { WaylayError } from '../errors.js';
import type { FaultKind } from '../faults.js';
import type { CapturedBody } from '../http/captured-body.js';
import { NO_FIELDS, type RawHeaders } from '../http/headers.js';
import type { ResponseHead } from '../http/response-head.js';
import type { ResponseSink } from '../http/sink.js';
import type { Exchange } from '../journal/exchange.js';
import type { ExchangeContext } from './context.js';
import { errorAnswer } from './error-answer.js';
import type { ClientSink } from './incoming.js';
import { recordedResponse } from './record.js';
import { unsendable } from './relay-errors.js';

/** The exchange that a recorder keeps the response of. */
export interface Recorded {
  readonly exchange: Exchange;
  readonly over: boolean;
  /** The response is complete, for its record and for the client. */
  complete(): void;
  /** It is left hanging: nothing more is going to come, until somebody leaves. */
  hang(): void;
  /** It has failed: nothing more is wanted of either side's. */
  abandon(): void;
  /** The client has been told of it. */
  finish(): void;
}

/**
 * The last stage before the client's own sink: keeps what the client is sent, and is the one place where a failure of
 * whatever kind is recorded and told to the client.
 */
export class Recorder implements ResponseSink {
  readonly #context: ExchangeContext;
  readonly #of: Recorded;
  readonly #client: ClientSink;
  /** A head has gone out. */
  #responded = false;

  constructor(context: ExchangeContext, of: Recorded, client: ClientSink) {
    this.#context = context;
    this.#of = of;
    this.#client = client;
  }

  informational(head: ResponseHead): void {
    if (!this.#of.over && !this.#responded) this.#client.informational(head);
  }

  switchProtocols(head: ResponseHead, socket: Socket, firstBytes: Buffer): void {
    if (this.#of.over) return;
    this.#record(head);
    try {
      this.#client.switchProtocols(head, socket, firstBytes);
    } catch (cause) {
      this.#unsent(cause);
      return;
    }
    this.#context.journal.notify(this.#of.exchange, 'response');
  }

  head(head: ResponseHead, trailersFollow = false): void {
    if (!this.#of.over) this.#send(head, trailersFollow, this.#of.exchange.intervention?.untouchedBody);
  }

  data(chunk: Buffer): boolean {
    const { over, exchange } = this.#of;
    if (over) return true;
    exchange.response?.captured.append(chunk);
    return this.#client.data(chunk);
  }

  end(trailers: RawHeaders): void {
    const { over, exchange } = this.#of;
    if (over) return;
    if (exchange.response !== undefined) exchange.response.trailers = trailers;
    this.#client.end(trailers);
    this.#of.complete();
  }

  fail(error: WaylayError, ending?: FaultKind): void {
    const { over, exchange } = this.#of;
    if (over) return;
    exchange.error ??= error;
    if (exchange.source !== 'refused') exchange.source = 'failed';
    this.#context.log('http', '%s failed: %s %s', exchange, error.code, error.message);
    const hangs = ending === 'hang' && !this.#context.retirement.begun;
    if (hangs) this.#of.hang();
    else this.#of.abandon();
    this.#tell(error, ending === 'hang' && !hangs ? 'reset' : ending);
    if (!hangs) this.#of.finish();
  }

  #tell(error: WaylayError, ending: FaultKind | undefined): void {
    const client = this.#client;
    const { response } = this.#of.exchange;
    if (ending !== undefined) {
      // A response of 101 hangs by itself: nothing is relayed any more.
      if (ending !== 'hang' || response?.status !== 101) client.fail(error, ending);
      return;
    }
    const answer = this.#responded ? undefined : errorAnswer(error, this.#context.options.upstreamErrors);
    if (answer !== undefined) {
      if (!this.#send(answer, false)) return;
      this.data(answer.body);
      client.end(NO_FIELDS);
      if (this.#of.exchange.response !== undefined) this.#of.exchange.response.captured.complete = true;
    }
    // A response that the client has in full stays, whatever fails after it.
    else if (!response?.captured.complete) client.fail(error);
  }

  /** False where it cannot be sent; that has been told then. */
  #send(head: ResponseHead, trailersFollow: boolean, body?: CapturedBody): boolean {
    this.#record(head, body);
    try {
      this.#client.head(head, trailersFollow);
    } catch (cause) {
      this.#unsent(cause);
      return false;
    }
    this.#context.journal.notify(this.#of.exchange, 'response');
    return true;
  }

  /** @param body where the response's body is kept; default: in a place of its own */
  #record(head: ResponseHead, body?: CapturedBody): void {
    this.#responded = true;
    const { exchange } = this.#of;
    exchange.response = recordedResponse(this.#context, exchange.request, head, body);
  }

  #unsent(cause: unknown): void {
    const { exchange } = this.#of;
    exchange.response = undefined;
    // A first failure can still be told: nothing has gone out.
    this.#responded = exchange.error !== undefined;
    this.fail(unsendable(exchange, cause));
  }
}
