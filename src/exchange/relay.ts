import type { Socket } from 'node:net';
import type { ProxyContext } from '../context.js';
import { asWaylayError, ClientError, InternalError, TestError, type WaylayError } from '../errors.js';
import type { RequestDecision, ResponseHead } from '../interceptor.js';
import { splice } from '../splice.js';
import { type Sending, upstreamInfo } from '../upstream/connection.js';
import { sendAnswer } from './answer.js';
import { errorAnswer } from './error-answer.js';
import type { Exchange } from './exchange.js';
import { expectsContinue, type RawHeaders } from './headers.js';
import type { Incoming } from './incoming.js';
import { Response } from './message.js';
import { type Outgoing, outgoingRequest } from './outgoing.js';
import { recordRequest } from './record.js';
import { RequestBody } from './request-body.js';
import { ResponseChanger } from './response-changer.js';
import type { ResponseSink } from './sink.js';

/**
 * One exchange from its request's head to its end: asks the interceptor, forwards or answers, and
 * keeps the record. It is the sink of the upstream (or of the answer) and drives the client's sink;
 * between the two stands a changer, if the response is to be changed.
 */
export class Relay implements ResponseSink {
  readonly exchange: Exchange;
  readonly #context: ProxyContext;
  readonly #incoming: Incoming;
  readonly #body: RequestBody;
  readonly #onEnd: () => void;
  #sending: Sending | undefined;
  #changer: ResponseChanger | undefined;
  #responded = false;
  #switched = false;
  #over = false;

  constructor(context: ProxyContext, incoming: Incoming, onEnd: () => void) {
    this.#context = context;
    this.#incoming = incoming;
    this.#onEnd = onEnd;
    this.exchange = recordRequest(context, incoming);
    this.#body = new RequestBody(incoming.body, this.exchange.request.captured, () => this.#requestComplete());
    incoming.sink.onDrain = () => {
      this.#changer?.resume();
      this.#sending?.resume();
    };
    this.#start();
  }

  /** The client went away. */
  abort(): void {
    // What was switched to another protocol ends when both of its sockets have.
    if (this.#over || this.#switched) return;
    const error = this.#context.stopping
      ? new InternalError('WAYLAY_STOPPED', `The proxy was stopped before ${this.exchange} was complete.`)
      : new ClientError(
          'WAYLAY_CLIENT_ABORTED',
          `The client closed the connection before ${this.exchange} was complete.`,
        );
    this.#body.fail(error);
    if (!this.exchange.response?.captured.complete) {
      this.exchange.error ??= error;
      if (this.exchange.response === undefined) this.exchange.source = 'failed';
    }
    this.#sending?.abort();
    this.#finish();
  }

  // ---- the request -----------------------------------------------------------------------------

  #start(): void {
    const { exchange } = this;
    let decision: ReturnType<ProxyContext['interceptor']['onRequest']>;
    try {
      decision = this.#context.interceptor.onRequest(exchange, { body: () => this.#hold() });
    } catch (cause) {
      this.#handlerFailed(cause);
      return;
    }
    if (decision instanceof Promise) {
      decision.then(
        (decided) => this.#decided(decided),
        (cause) => this.#handlerFailed(cause),
      );
    } else this.#decided(decision);
  }

  #hold(): Promise<void> {
    this.#askForBody();
    return this.#body.body();
  }

  // Who expects a 100 sends no body before it has come (RFC 9110, section 10.1.1).
  #askForBody(): void {
    if (expectsContinue(this.#incoming.headers) && !this.#body.complete) {
      this.#incoming.sink.informational({ status: 100, statusText: 'Continue', headers: [] });
    }
  }

  #decided(decision: RequestDecision | undefined): void {
    if (this.#over) return;
    switch (decision?.action) {
      case 'answer':
        this.exchange.source = 'stub';
        this.#askForBody();
        this.#body.discard();
        this.#sending = sendAnswer(decision.answer, this.exchange.request.method, this, (cause) =>
          this.#handlerFailed(cause),
        );
        break;
      case 'refuse':
        this.exchange.source = 'refused';
        this.exchange.error = decision.error;
        this.#body.discard();
        this.fail(decision.error);
        break;
      case 'fail':
        this.fail(decision.fault.error);
        break;
      default:
        if (decision !== undefined) this.exchange.mutated = true;
        this.#forward(decision?.change).catch((cause) => this.fail(asWaylayError(cause)));
    }
  }

  async #forward(change: Parameters<typeof outgoingRequest>[2]): Promise<void> {
    let outgoing: Outgoing;
    try {
      outgoing = await outgoingRequest(this.#incoming, this.#body, change);
    } catch (cause) {
      if (!this.#over) this.#handlerFailed(cause);
      return;
    }
    const { request, link } = outgoing;
    const connection = await link.acquire(request.exclusive);
    if (this.#over) {
      connection.release();
      return;
    }
    const { exchange } = this;
    exchange.upstream = upstreamInfo(connection);
    if (!connection.used) Object.assign(exchange.timing, connection.transport.times);
    if (this.#body.complete) exchange.timing.sent = this.#context.clock.now();
    this.#sending = connection.send(request, this);
  }

  #requestComplete(): void {
    const { exchange } = this;
    exchange.request.trailers = this.#incoming.trailers();
    if (this.#sending !== undefined) exchange.timing.sent = this.#context.clock.now();
    this.#context.journal.notify(exchange, 'request-complete');
    this.#endIfDone();
  }

  // ---- the response ----------------------------------------------------------------------------

  informational(head: ResponseHead): void {
    if (!this.#over && !this.#responded) this.#incoming.sink.informational(head);
  }

  switchProtocols(head: ResponseHead, upstream: Socket, firstBytes: Buffer): void {
    const takeOver = this.#incoming.takeOver?.();
    if (this.#over || takeOver === undefined) {
      upstream.destroy();
      this.fail(new InternalError('WAYLAY_INTERNAL', 'The upstream switched protocols without being asked to.'));
      return;
    }
    this.#switched = true;
    this.#respond(head, () => this.#incoming.sink.switchProtocols(head, upstream, firstBytes));
    if (takeOver.firstBytes.length > 0) upstream.write(takeOver.firstBytes);
    splice(takeOver.socket, upstream, () => this.#complete());
  }

  head(head: ResponseHead): void {
    if (this.#over) return;
    this.exchange.timing.responseStart = this.#context.clock.now();
    let change: ReturnType<ProxyContext['interceptor']['onResponse']>;
    try {
      change = this.#context.interceptor.onResponse(this.exchange, head);
    } catch (cause) {
      this.#handlerFailed(cause);
      return;
    }
    if (change === undefined) {
      this.#respond(head);
      return;
    }
    this.#changer = new ResponseChanger(head, this.exchange.request, {
      head: (changed) => this.#respond(changed),
      data: (chunk) => this.#deliver(chunk),
      end: (trailers) => this.#finishResponse(trailers),
      failed: (cause) => this.#handlerFailed(cause),
      more: () => this.#sending?.resume(),
      changed: () => {
        this.exchange.mutated = true;
      },
    });
    this.#changer.start(change);
  }

  data(chunk: Buffer): boolean {
    if (this.#over) return true;
    return this.#changer === undefined ? this.#deliver(chunk) : this.#changer.data(chunk);
  }

  end(trailers: RawHeaders): void {
    if (this.#over) return;
    if (this.#changer === undefined) this.#finishResponse(trailers);
    else this.#changer.end(trailers);
  }

  fail(error: WaylayError): void {
    if (this.#over) return;
    const { exchange } = this;
    exchange.error ??= error;
    if (exchange.source !== 'refused') exchange.source = 'failed';
    this.#context.log('http', '%s failed: %s %s', exchange, error.code, error.message);
    this.#body.discard();
    const answer = this.#responded ? undefined : errorAnswer(error, this.#context.options.upstreamErrors);
    if (answer === undefined) {
      this.#incoming.sink.fail(error);
    } else {
      this.#respond(answer);
      this.#deliver(answer.body);
      this.#incoming.sink.end([]);
      if (exchange.response !== undefined) exchange.response.captured.complete = true;
    }
    this.#finish();
  }

  #respond(head: ResponseHead, send = () => this.#incoming.sink.head(head)): void {
    const { exchange } = this;
    this.#responded = true;
    exchange.response = new Response(
      exchange.request,
      head.status,
      head.statusText,
      head.headers,
      this.#incoming.httpVersion,
      this.#context.options.captureLimit,
    );
    try {
      send();
    } catch (cause) {
      this.#sending?.abort();
      exchange.response = undefined;
      // Nothing has gone out: a first failure can still be told.
      this.#responded = exchange.error !== undefined;
      this.fail(
        new InternalError(
          'WAYLAY_INTERNAL',
          `The response to ${exchange} cannot be sent: ${(cause as Error).message}`,
          { cause },
        ),
      );
      return;
    }
    this.#context.journal.notify(exchange, 'response');
  }

  #deliver(chunk: Buffer): boolean {
    this.exchange.response?.captured.append(chunk);
    return this.#incoming.sink.data(chunk);
  }

  #finishResponse(trailers: RawHeaders): void {
    if (this.#over) return;
    const { response } = this.exchange;
    if (response !== undefined) response.trailers = trailers;
    this.#incoming.sink.end(trailers);
    this.#complete();
  }

  #complete(): void {
    if (this.exchange.response !== undefined) this.exchange.response.captured.complete = true;
    this.#endIfDone();
  }

  // A response may come before the request is complete; the exchange ends with the later of the two.
  #endIfDone(): void {
    if (this.exchange.response?.captured.complete && this.#body.complete) this.#finish();
  }

  // ---- the end ---------------------------------------------------------------------------------

  #handlerFailed(cause: unknown): void {
    if (this.#over) return;
    this.#sending?.abort();
    const reason = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
    this.fail(
      new TestError('WAYLAY_HANDLER', `A function that was to handle ${this.exchange} failed: ${reason}`, { cause }),
    );
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#context.journal.end(this.exchange, this.#context.clock.now());
    this.#onEnd();
  }
}
