import type { Socket } from 'node:net';
import type { ProxyContext } from '../context.js';
import { InternalError, type WaylayError } from '../errors.js';
import type { IncomingBody, MessageFault, RequestDecision, ResponseHead } from '../interceptor.js';
import { discardAnswer, sendAnswer, sendFault } from './answer.js';
import type { CapturedBody } from './body.js';
import { errorAnswer } from './error-answer.js';
import type { Exchange } from './exchange.js';
import { Forwarding, type ForwardingSink } from './forwarding.js';
import { expectsContinue, type RawHeaders } from './headers.js';
import type { Incoming } from './incoming.js';
import { recordedResponse, recordOriginal, recordRequest } from './record.js';
import { clientGone, handlerError, unsendable } from './relay-errors.js';
import { RequestBody } from './request-body.js';
import { ResponseChanger } from './response-changer.js';
import type { ResponseSource } from './sink.js';
import { joinSwitched, type SwitchedSide } from './switched.js';

/**
 * One exchange from its request's head to its end: asks the interceptor, forwards or answers, and
 * keeps the record. It is the sink of the upstream (or of the answer) and drives the client's sink;
 * between the two stands a changer, if the response is to be changed.
 */
export class Relay implements ForwardingSink, IncomingBody {
  readonly exchange: Exchange;
  readonly #context: ProxyContext;
  readonly #incoming: Incoming;
  readonly #body: RequestBody;
  readonly #onEnd: () => void;
  #source: ResponseSource | undefined;
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
    incoming.sink.source = this;
    this.#start();
  }

  /** The client went away. */
  abort(): void {
    // What was switched to another protocol ends when both of its sockets have.
    if (this.#over || this.#switched) return;
    const error = clientGone(this.exchange, this.#context.stopping);
    this.#body.fail(error);
    if (!this.exchange.response?.captured.complete) {
      this.exchange.error ??= error;
      if (this.exchange.response === undefined) this.exchange.source = 'failed';
    }
    this.#source?.abort();
    this.#finish();
  }

  // ---- the request -----------------------------------------------------------------------------

  #start(): void {
    const { exchange } = this;
    let decision: ReturnType<ProxyContext['interceptor']['onRequest']>;
    try {
      decision = this.#context.interceptor.onRequest(exchange, this);
    } catch (cause) {
      this.handlerFailed(cause);
      return;
    }
    if (decision instanceof Promise) {
      decision.then(
        (decided) => this.#decided(decided),
        (cause) => this.handlerFailed(cause),
      );
    } else this.#decided(decision);
  }

  /** Holds the request's body until it is complete, or has outgrown the capture limit. */
  body(): Promise<void> {
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
    if (this.#over) {
      if (decision?.action === 'answer') discardAnswer(decision.answer);
      return;
    }
    switch (decision?.action) {
      case 'answer':
        this.exchange.source = 'stub';
        this.#askForBody();
        this.#body.discard();
        this.#source = sendAnswer(decision.answer, {
          method: this.exchange.request.method,
          delay: decision.delay,
          startTimer: this.#context.clock.startTimer,
          sink: this,
          failed: (cause) => this.handlerFailed(cause),
        });
        break;
      case 'refuse':
        this.exchange.source = 'refused';
        this.exchange.error = decision.error;
        this.#body.discard();
        this.#failed(decision.error);
        break;
      case 'fail':
        this.#body.discard();
        this.#source = sendFault(decision, this.#context.clock.startTimer, () => this.broken(decision.fault));
        break;
      default: {
        if (decision !== undefined) this.exchange.mutated = true;
        if (decision?.change.body?.kind === 'whole') this.#askForBody();
        const { exchange } = this;
        const forwarding = new Forwarding(this.#context, exchange, this.#incoming, this.#body, decision?.change, this);
        this.#source = forwarding;
        forwarding.start();
      }
    }
  }

  #requestComplete(): void {
    const { exchange } = this;
    exchange.request.trailers = this.#incoming.trailers();
    if (exchange.forwardedRequest !== undefined) exchange.forwardedRequest.trailers = exchange.request.trailers;
    if (this.#source?.begun) exchange.timing.sent = this.#context.clock.now();
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
      this.#failed(new InternalError('WAYLAY_INTERNAL', 'The upstream switched protocols without being asked to.'));
      return;
    }
    this.#switched = true;
    this.#respond(head, false, { socket: upstream, firstBytes });
    const sides = { head, client: takeOver, upstream: { socket: upstream, firstBytes } };
    joinSwitched(this.#context, this.exchange, sides, () => this.#complete());
  }

  head(head: ResponseHead, trailersFollow = false): void {
    if (this.#over) return;
    this.exchange.timing.responseStart = this.#context.clock.now();
    let change: ReturnType<ProxyContext['interceptor']['onResponse']>;
    try {
      change = this.#context.interceptor.onResponse(this.exchange, head);
    } catch (cause) {
      this.handlerFailed(cause);
      return;
    }
    if (change === undefined) {
      this.#respond(head, trailersFollow);
      return;
    }
    const response = { head, trailersFollow, request: this.exchange.request };
    this.#changer = new ResponseChanger(response, this.#context.clock, {
      head: (changed, follow) => this.#respond(changed, follow, undefined, this.exchange.intervention?.untouchedBody),
      data: (chunk) => this.#over || this.#deliver(chunk),
      end: (trailers) => this.#finishResponse(trailers),
      fail: (error) => this.#failed(error),
      broken: (fault) => this.broken(fault),
      failed: (cause) => this.handlerFailed(cause),
      more: () => this.#source?.resume(),
      changed: (untouched) => recordOriginal(this.#context, this.exchange, head, untouched),
    });
    this.#changer.start(change);
  }

  /** The client can take more. */
  resume(): void {
    (this.#changer ?? this.#source)?.resume();
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
    if (this.#changer === undefined) this.#failed(error);
    else this.#changer.fail(error);
  }

  broken(fault: MessageFault): void {
    if (this.#over) return;
    const { exchange } = this;
    exchange.error ??= fault.error;
    exchange.source = 'failed';
    this.#context.log('http', '%s: %s', exchange, fault.error.message);
    this.#body.discard();
    // Until the client goes away.
    if (fault.kind === 'hang') return;
    this.#source?.abort();
    this.#incoming.sink.breakOff(fault.kind);
    this.#finish();
  }

  #failed(error: WaylayError): void {
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

  #respond(head: ResponseHead, trailersFollow = false, switched?: SwitchedSide, body?: CapturedBody): void {
    if (this.#over) return;
    const { exchange } = this;
    this.#responded = true;
    exchange.response = recordedResponse(this.#context, exchange.request, head, body);
    try {
      if (switched === undefined) this.#incoming.sink.head(head, trailersFollow);
      else this.#incoming.sink.switchProtocols(head, switched.socket, switched.firstBytes);
    } catch (cause) {
      this.#source?.abort();
      exchange.response = undefined;
      // Nothing has gone out: a first failure can still be told.
      this.#responded = exchange.error !== undefined;
      this.#failed(unsendable(exchange, cause));
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
    if (this.exchange.response !== undefined) this.exchange.response.trailers = trailers;
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

  handlerFailed(cause: unknown): void {
    if (this.#over) return;
    this.#source?.abort();
    this.#failed(handlerError(this.exchange, cause));
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#changer?.stop();
    this.#source?.stop();
    this.#context.journal.end(this.exchange, this.#context.clock.now());
    this.#onEnd();
  }
}
