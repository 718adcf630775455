import type { Socket } from 'node:net';
import { InternalError, type WaylayError } from '../errors.js';
import type { CapturedBody } from '../http/captured-body.js';
import { expectsContinue, NO_FIELDS, type RawHeaders } from '../http/headers.js';
import type { ResponseHead } from '../http/response-head.js';
import type { MessageFault, RequestDecision, ResponseChange } from '../interceptor.js';
import type { Exchange } from '../journal/exchange.js';
import { discardAnswer, sendAnswer, sendFault } from './answer.js';
import { Arriving } from './arriving.js';
import { type Asker, askOfRequest, askOfResponse, UNDECIDED } from './asking.js';
import { ClientEnd } from './client-end.js';
import type { ExchangeContext } from './context.js';
import { errorAnswer } from './error-answer.js';
import { Forwarding, type ForwardingSink } from './forwarding.js';
import type { Incoming } from './incoming.js';
import { recordOriginal, recordRequest } from './record.js';
import { clientGone, handlerError, unsendable } from './relay-errors.js';
import { RequestBody } from './request-body.js';
import { ResponseChanger } from './response-changer.js';
import type { ResponseSource } from './response-source.js';
import { Switching, type SwitchingTarget } from './switching.js';

/**
 * One exchange from its request's head to its end: asks the interceptor, forwards or answers, and
 * keeps the record. It is the sink of the upstream (or of the answer) and drives the client's sink;
 * between the two stands a changer, if the response is to be changed.
 */
export class Relay implements ForwardingSink, SwitchingTarget, Asker {
  readonly exchange: Exchange;
  /** A rule has it hang: it is never going to end by itself. */
  hangs = false;
  readonly #context: ExchangeContext;
  readonly #incoming: Incoming;
  readonly #client: ClientEnd;
  readonly #body: RequestBody;
  readonly #onEnd: () => void;
  #source: ResponseSource | undefined;
  #changer: ResponseChanger | undefined;
  #switching: Switching | undefined;
  #switched = false;
  #over = false;

  constructor(context: ExchangeContext, incoming: Incoming, onEnd: () => void) {
    this.#context = context;
    this.#incoming = incoming;
    this.#onEnd = onEnd;
    this.exchange = recordRequest(context, incoming);
    this.#client = new ClientEnd(context, this.exchange, incoming.sink);
    this.#body = new RequestBody(incoming.body, this.exchange.request.captured, () => this.#requestComplete());
    incoming.sink.source = this;
    askOfRequest(context.interceptor, this);
  }

  /** The client went away. */
  abort(): void {
    // An exchange that switched protocols ends when both of its sockets have.
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

  /** Holds the request's body until it is complete, or has outgrown the capture limit. */
  body(): Promise<void> {
    this.#askForBody();
    return this.#body.body();
  }

  // A client that expects a 100 sends no body before it has come (RFC 9110, section 10.1.1).
  #askForBody(): void {
    if (expectsContinue(this.#incoming.headers) && !this.#body.complete) {
      this.#client.sink.informational({ status: 100, statusText: 'Continue', headers: [] });
    }
  }

  decided(decision: RequestDecision | undefined): void {
    if (this.#over) {
      if (decision?.action === 'answer') discardAnswer(decision.answer);
      return;
    }
    switch (decision?.action) {
      case 'answer': {
        const { answer, delay, shape } = decision;
        const { clock } = this.#context;
        const { method } = this.exchange.request;
        const failed = (cause: unknown): void => this.handlerFailed(cause);
        this.exchange.source = 'stub';
        this.#askForBody();
        if (shape === undefined) {
          this.#body.discard();
          this.#source = sendAnswer(answer, { method, delay, startTimer: clock.startTimer, sink: this, failed });
        } else {
          const arriving = new Arriving(answer, shape, clock, (fault) => this.broken(fault));
          this.#source = arriving;
          arriving.start(this.#body, { method, delay, startTimer: clock.startTimer, sink: this, failed });
        }
        break;
      }
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
    if (!this.#over && !this.#client.responded) this.#client.sink.informational(head);
  }

  switchProtocols(head: ResponseHead, socket: Socket, firstBytes: Buffer): void {
    const client = this.#incoming.takeOver?.();
    if (this.#over || client === undefined) {
      socket.destroy();
      this.#failed(new InternalError('WAYLAY_INTERNAL', 'The upstream switched protocols without being asked to.'));
      return;
    }
    const change = askOfResponse(this.#context.interceptor, this, head);
    if (change === UNDECIDED) return;
    const sides = { head, client, upstream: { socket, firstBytes } };
    this.#switching = new Switching(this.#context, this.exchange, sides, this.#source?.clientStream, this);
    this.#switching.start(change);
  }

  switched(head: ResponseHead, socket: Socket, firstBytes: Buffer): boolean {
    this.#switched = true;
    return this.#sent(this.#client.switchProtocols(head, socket, firstBytes));
  }

  refused(head: ResponseHead, change: ResponseChange): void {
    this.#source?.abort();
    this.#change(head, false, change);
    this.end(NO_FIELDS);
  }

  ended(): void {
    if (this.exchange.error === undefined) this.#complete();
    else this.#finish();
  }

  head(head: ResponseHead, trailersFollow = false): void {
    if (this.#over) return;
    this.exchange.timing.responseStart = this.#context.clock.now();
    const change = askOfResponse(this.#context.interceptor, this, head);
    if (change === UNDECIDED) return;
    if (change === undefined) this.#respond(head, trailersFollow);
    else this.#change(head, trailersFollow, change);
  }

  #change(
    head: ResponseHead,
    trailersFollow: boolean,
    change: ResponseChange | Promise<ResponseChange | undefined>,
  ): void {
    const response = { head, trailersFollow, request: this.exchange.request };
    this.#changer = new ResponseChanger(response, this.#context.clock, {
      head: (changed, follow) => this.#respond(changed, follow, this.exchange.intervention?.untouchedBody),
      data: (chunk) => this.#over || this.#client.data(chunk),
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
    return this.#changer === undefined ? this.#client.data(chunk) : this.#changer.data(chunk);
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
    // Hangs until the client goes away, or what asked for it is over.
    if (fault.kind === 'hang' && !this.#context.retirement.begun) {
      this.hangs = true;
      if (!this.#switched) this.#client.sink.hang?.();
      return;
    }
    this.#source?.abort();
    this.#client.sink.breakOff(fault.kind === 'hang' ? 'reset' : fault.kind);
    this.#finish();
  }

  #failed(error: WaylayError): void {
    if (this.#over) return;
    const { exchange } = this;
    exchange.error ??= error;
    if (exchange.source !== 'refused') exchange.source = 'failed';
    this.#context.log('http', '%s failed: %s %s', exchange, error.code, error.message);
    this.#body.discard();
    const answer = this.#client.responded ? undefined : errorAnswer(error, this.#context.options.upstreamErrors);
    if (answer === undefined) this.#client.fail(error);
    else {
      this.#respond(answer);
      this.#client.data(answer.body);
      this.#client.end(NO_FIELDS);
      if (exchange.response !== undefined) exchange.response.captured.complete = true;
    }
    this.#finish();
  }

  #respond(head: ResponseHead, trailersFollow = false, body?: CapturedBody): void {
    if (!this.#over) this.#sent(this.#client.head(head, trailersFollow, body));
  }

  #sent(failure: unknown): boolean {
    if (failure === undefined) return true;
    this.#source?.abort();
    this.#failed(unsendable(this.exchange, failure));
    return false;
  }

  #finishResponse(trailers: RawHeaders): void {
    if (this.#over) return;
    this.#client.end(trailers);
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
    this.#switching?.stop();
    this.#source?.stop();
    this.#context.journal.end(this.exchange, this.#context.clock.now());
    this.#onEnd();
  }
}
