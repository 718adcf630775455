import type { Socket } from 'node:net';
import type { WaylayError } from '../errors.js';
import type { CapturedBody } from '../http/captured-body.js';
import type { RawHeaders } from '../http/headers.js';
import type { ResponseHead } from '../http/response-head.js';
import type { Exchange } from '../journal/exchange.js';
import type { ExchangeContext } from './context.js';
import type { ClientSink } from './incoming.js';
import { recordedResponse } from './record.js';

/** The client's end of an exchange, with the record of what it is sent. */
export class ClientEnd {
  readonly sink: ClientSink;
  readonly #context: ExchangeContext;
  readonly #exchange: Exchange;
  /** A head has gone out. */
  responded = false;

  constructor(context: ExchangeContext, exchange: Exchange, sink: ClientSink) {
    this.sink = sink;
    this.#context = context;
    this.#exchange = exchange;
  }

  /**
   * Sends the head; returns what was thrown where it cannot be sent.
   * @param body where the response's body is kept; default: in a place of its own
   */
  head(head: ResponseHead, trailersFollow: boolean, body?: CapturedBody): unknown {
    this.#record(head, body);
    try {
      this.sink.head(head, trailersFollow);
    } catch (cause) {
      return this.#unsent(cause);
    }
    this.#context.journal.notify(this.#exchange, 'response');
    return undefined;
  }

  /** {@link head} for a 101. */
  switchProtocols(head: ResponseHead, socket: Socket, firstBytes: Buffer): unknown {
    this.#record(head);
    try {
      this.sink.switchProtocols(head, socket, firstBytes);
    } catch (cause) {
      return this.#unsent(cause);
    }
    this.#context.journal.notify(this.#exchange, 'response');
    return undefined;
  }

  data(chunk: Buffer): boolean {
    this.#exchange.response?.captured.append(chunk);
    return this.sink.data(chunk);
  }

  end(trailers: RawHeaders): void {
    if (this.#exchange.response !== undefined) this.#exchange.response.trailers = trailers;
    this.sink.end(trailers);
  }

  /** Breaks off a response that the client does not have in full: one that it has stays, whatever fails after it. */
  fail(error: WaylayError): void {
    if (!this.#exchange.response?.captured.complete) this.sink.fail(error);
  }

  #record(head: ResponseHead, body?: CapturedBody): void {
    this.responded = true;
    this.#exchange.response = recordedResponse(this.#context, this.#exchange.request, head, body);
  }

  #unsent(cause: unknown): unknown {
    this.#exchange.response = undefined;
    // A first failure can still be told: nothing has gone out.
    this.responded = this.#exchange.error !== undefined;
    return cause ?? new Error('the head cannot be sent');
  }
}
