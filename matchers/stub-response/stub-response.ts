import type { IncomingBody } from '../../src/interceptor.js';
import type { Exchange } from '../../src/journal/exchange.js';
import type { StartTimer } from '../../src/runtime/clock.js';
import type { Outcome } from '../pattern/pattern.js';
import { Rule, type RuleHandle, type RuleInit } from '../rule/rule.js';
import { unsendableParts } from './answer-effects.js';
import { preflightAnswer, withCors } from './cors.js';
import { located } from './invalid-reply.js';
import type { ReadyReply, StubbedRequest, StubOutcome } from './ready-reply.js';

export type { StubOutcome } from './ready-reply.js';
export { readStubOptions, type StubOptions } from './stub-options.js';

/** A registered stub. */
export type StubHandle = RuleHandle;

/** Answers the requests that its pattern selects. */
export class Stub extends Rule {
  protected readonly verb = 'stubResponse';
  protected readonly kind = 'stub';
  readonly #replies: readonly ReadyReply[];
  readonly #times: number;
  /** Pages of any origin may use it. */
  readonly cors: boolean;
  readonly #startTimer: StartTimer;

  constructor(
    init: RuleInit & {
      replies: readonly ReadyReply[];
      times: number;
      cors: boolean;
      startTimer: StartTimer;
    },
  ) {
    super(init);
    this.#replies = init.replies;
    this.#times = init.times;
    this.cors = init.cors;
    this.#startTimer = init.startTimer;
  }

  /** It has answered as often as it may. */
  get exhausted(): boolean {
    return this.hits >= this.#times;
  }

  /** The outcome for this request, or for the one that this preflight asks about. */
  test(exchange: Exchange): Outcome {
    return this.#permits(exchange) ? 'match' : this.pattern.test(exchange);
  }

  /**
   * Takes the request: from here on it counts, so that of many parallel requests exactly `times` are
   * answered; a preflight does not. A function is asked when the request's body has come.
   *
   * @param whole the answer's body is going to be changed
   */
  take(exchange: Exchange, incoming: IncomingBody, whole = false): StubOutcome | Promise<StubOutcome> {
    if (this.#permits(exchange)) {
      exchange.intervene().add(this);
      return { action: 'answer', answer: preflightAnswer(exchange.request) };
    }
    const reply = this.#replies[Math.min(this.hits, this.#replies.length - 1)] as ReadyReply;
    this.record(exchange);
    const asked: StubbedRequest = { exchange, whole, startTimer: this.#startTimer, stub: this };
    if (reply.needsBody) return this.#outcomeWithBody(reply, asked, incoming);
    const outcome = reply.outcome(asked);
    return outcome instanceof Promise ? this.#settled(outcome, asked) : this.#finished(outcome, asked);
  }

  async #outcomeWithBody(reply: ReadyReply, asked: StubbedRequest, incoming: IncomingBody): Promise<StubOutcome> {
    if (!asked.exchange.request.captured.complete) await incoming.body();
    return this.#settled(reply.outcome(asked), asked);
  }

  async #settled(outcome: StubOutcome | Promise<StubOutcome>, asked: StubbedRequest): Promise<StubOutcome> {
    try {
      return this.#finished(await outcome, asked);
    } catch (cause) {
      throw located(cause, asked);
    }
  }

  #finished(outcome: StubOutcome, { exchange }: StubbedRequest): StubOutcome {
    if (outcome.action === 'answer') {
      for (const [key, why] of unsendableParts(outcome.answer, exchange.request))
        this.effects.hadNoEffect(key, exchange, { why });
    }
    if (!this.cors || outcome.action !== 'answer') return outcome;
    return { action: 'answer', answer: withCors(outcome.answer, exchange.request) };
  }

  #permits(exchange: Exchange): boolean {
    return this.cors && this.pattern.testPreflight(exchange);
  }
}
