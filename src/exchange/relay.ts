import type { Socket } from 'node:net';
import { asWaylayError, InternalError, type WaylayError } from '../errors.js';
import type { FaultKind } from '../faults.js';
import { expectsContinue, NO_FIELDS, type RawHeaders } from '../http/headers.js';
import type { ResponseHead } from '../http/response-head.js';
import type { ResponseSink, Source } from '../http/sink.js';
import type { RequestDecision, ResponseChange } from '../interceptor.js';
import type { Exchange } from '../journal/exchange.js';
import { discardAnswer, sendAnswer, sendFault } from './answer.js';
import { Arriving } from './arriving.js';
import { type Asker, askOfRequest, askOfResponse, UNDECIDED } from './asking.js';
import { changeStages } from './change-stages.js';
import type { ExchangeContext } from './context.js';
import { Forwarding } from './forwarding.js';
import { Holder } from './holder.js';
import type { Incoming } from './incoming.js';
import { recordRequest } from './record.js';
import { type Recorded, Recorder } from './recorder.js';
import { clientGone, handlerFailure } from './relay-errors.js';
import { RequestBody } from './request-body.js';
import type { ResponseSource } from './response-source.js';
import { Switching, type SwitchingTarget } from './switching.js';

/** State of an exchange; see {@link Relay}. */
type Phase = 'open' | 'switched' | 'hanging' | 'over';

/**
 * One exchange from its request's head to its end: asks the interceptor, forwards or answers, and puts the stages together
 * that the response passes (`stage.ts`). It is the sink of the response's source, and the source of the client's sink.
 *
 *     open ── 101 ──► switched ─────── both sides are closed ───────► over
 *       │ └── the fault of a rule ──► hanging ── the client leaves ──► │
 *       └── both messages are complete, one fails, the client leaves ──┘
 */
export class Relay implements ResponseSink, Source, SwitchingTarget, Recorded, Asker {
  readonly exchange: Exchange;
  readonly #context: ExchangeContext;
  readonly #incoming: Incoming;
  readonly #recorder: Recorder;
  readonly #body: RequestBody;
  readonly #onEnd: () => void;
  #phase: Phase = 'open';
  #source: ResponseSource | undefined;
  /** The first stage after the source. */
  #first: ResponseSink;
  /** The last stage before the recorder; undefined where there is none. */
  #last: Source | undefined;
  #switching: Switching | undefined;

  constructor(context: ExchangeContext, incoming: Incoming, onEnd: () => void) {
    this.#context = context;
    this.#incoming = incoming;
    this.#onEnd = onEnd;
    this.exchange = recordRequest(context, incoming);
    this.#recorder = new Recorder(context, this, incoming.sink);
    this.#first = this.#recorder;
    this.#body = new RequestBody(incoming.body, this.exchange.request.captured, () => this.#requestComplete());
    incoming.sink.source = this;
    askOfRequest(context.interceptor, this);
  }

  get over(): boolean {
    return this.#phase === 'over';
  }

  /** A rule has it hang: it is never going to end by itself. */
  get hangs(): boolean {
    return this.#phase === 'hanging' || this.#switching?.hangs === true;
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
      this.#recorder.informational({ status: 100, statusText: 'Continue', headers: [] });
    }
  }

  decided(decision: RequestDecision | undefined): void {
    const { exchange } = this;
    const { clock } = this.#context;
    if (this.over) {
      if (decision?.action === 'answer') discardAnswer(decision.answer);
      return;
    }
    switch (decision?.action) {
      case 'answer': {
        const { answer, delay, shape } = decision;
        const answering = { exchange, delay, clock, sink: this };
        exchange.source = 'stub';
        this.#askForBody();
        if (shape === undefined) {
          this.#body.discard();
          this.#source = sendAnswer(answer, answering);
        } else {
          const arriving = new Arriving(answer, shape, answering);
          this.#source = arriving;
          arriving.start(this.#body);
        }
        break;
      }
      case 'refuse':
        exchange.source = 'refused';
        this.fail(decision.error);
        break;
      case 'fail':
        this.#body.discard();
        this.#source = sendFault(decision.fault, decision.delay, clock, this);
        break;
      default: {
        if (decision !== undefined) exchange.mutated = true;
        if (decision?.change.body?.kind === 'whole') this.#askForBody();
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

  // ---- the response, from its source -----------------------------------------------------------

  informational(head: ResponseHead): void {
    this.#first.informational(head);
  }

  switchProtocols(head: ResponseHead, socket: Socket, firstBytes: Buffer): void {
    const client = this.#incoming.takeOver?.();
    if (this.over || client === undefined) {
      socket.destroy();
      this.fail(new InternalError('WAYLAY_INTERNAL', 'The upstream switched protocols without being asked to.'));
      return;
    }
    const change = askOfResponse(this.#context.interceptor, this, head);
    if (change === UNDECIDED) return;
    const sides = { head, client, upstream: { socket, firstBytes } };
    this.#switching = new Switching(this.#context, this.exchange, sides, this.#source?.clientStream, this);
    this.#switching.start(change);
  }

  head(head: ResponseHead, trailersFollow = false): void {
    if (this.over) return;
    this.exchange.timing.responseStart = this.#context.clock.now();
    const change = askOfResponse(this.#context.interceptor, this, head);
    if (change === UNDECIDED) return;
    if (change instanceof Promise) this.#hold(change);
    else if (change !== undefined) this.#put(change);
    this.#first.head(head, trailersFollow);
  }

  data(chunk: Buffer): boolean {
    return this.over || this.#first.data(chunk);
  }

  end(trailers: RawHeaders): void {
    if (!this.over) this.#first.end(trailers);
  }

  /** A fault takes the place of what is still on its way. */
  fail(error: WaylayError, ending?: FaultKind): void {
    if (this.over) return;
    if (ending === undefined) this.#first.fail(error);
    else this.#recorder.fail(error, ending);
  }

  /** Has the response wait for its change. */
  #hold(change: Promise<ResponseChange | undefined>): void {
    const holder = new Holder(this.#recorder);
    holder.source = this.#upstream();
    this.#first = holder;
    this.#last = holder;
    const decided = (decision: ResponseChange | undefined): void => {
      if (this.over) return;
      this.#first = this.#recorder;
      this.#last = undefined;
      if (decision !== undefined) this.#put(decision);
      holder.release(this.#first);
    };
    change
      .then(decided, (cause) => this.fail(handlerFailure(this.exchange, cause).error))
      .catch((cause) => this.fail(asWaylayError(cause)));
  }

  /** Puts the stages of a change before the recorder. */
  #put(change: ResponseChange): void {
    const place = { source: this.#upstream(), next: this.#recorder };
    const { first, last } = changeStages(this.#context, this.exchange, change, place);
    this.#first = first;
    this.#last = last;
  }

  /** The source, which may be known only after it has begun to send. */
  #upstream(): Source {
    return { resume: () => this.#source?.resume(), abort: () => this.#source?.abort() };
  }

  // ---- an upgrade ------------------------------------------------------------------------------

  switched(head: ResponseHead, socket: Socket, firstBytes: Buffer): boolean {
    this.#phase = 'switched';
    this.#recorder.switchProtocols(head, socket, firstBytes);
    return !this.over;
  }

  refused(head: ResponseHead, change: ResponseChange): void {
    this.#source?.abort();
    this.#put(change);
    this.#first.head(head);
    this.#first.end(NO_FIELDS);
  }

  ended(): void {
    // Its connection was the two sides' own, and has ended with them.
    this.#source = undefined;
    if (this.exchange.error === undefined) this.complete();
    else this.finish();
  }

  // ---- the client ------------------------------------------------------------------------------

  /** The client can take more. */
  resume(): void {
    (this.#last ?? this.#source)?.resume();
  }

  /** The client went away. */
  abort(): void {
    // An exchange that switched protocols ends when both of its sockets have.
    if (this.#phase === 'over' || this.#phase === 'switched') return;
    const { exchange } = this;
    const error = clientGone(exchange, this.#context.stopping);
    this.#body.fail(error);
    if (!exchange.response?.captured.complete) {
      exchange.error ??= error;
      if (exchange.response === undefined) exchange.source = 'failed';
    }
    this.finish();
  }

  // ---- the end, as the recorder sees it --------------------------------------------------------

  complete(): void {
    if (this.exchange.response !== undefined) this.exchange.response.captured.complete = true;
    this.#endIfDone();
  }

  // A response may come before the request is complete; the exchange ends with the later of the two.
  #endIfDone(): void {
    if (this.exchange.response?.captured.complete && this.#body.complete) this.finish();
  }

  hang(): void {
    if (this.#phase === 'open') this.#phase = 'hanging';
    this.#body.discard();
  }

  abandon(): void {
    this.#body.discard();
    (this.#last ?? this.#source)?.abort();
  }

  finish(): void {
    if (this.over) return;
    this.#phase = 'over';
    (this.#last ?? this.#source)?.abort();
    this.#switching?.abort();
    this.#context.journal.end(this.exchange, this.#context.clock.now());
    this.#onEnd();
  }
}
