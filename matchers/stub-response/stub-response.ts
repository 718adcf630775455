import { TestError } from '../../src/errors.js';
import type { Exchange } from '../../src/exchange/exchange.js';
import type { Answer, IncomingBody, MessageFault } from '../../src/interceptor.js';
import { isCount } from '../expect-request/times.js';
import type { Outcome } from '../pattern/pattern.js';
import { formatValue, isPlainObject } from '../report/format.js';
import { Rule, type RuleHandle } from '../rule.js';
import { answerOf, type ReadyReply, type ReplyFunction } from './reply.js';

/** How a stub is limited. */
export interface StubOptions {
  /** How many requests it answers before they fall through to older stubs or the upstream. Default: all. */
  times?: number;
}

/** What a stub makes of a request: an answer, whatever the upstream says, or a failure. */
export type StubOutcome =
  | { readonly action: 'answer'; readonly answer: Answer }
  | { readonly action: 'pass' }
  | { readonly action: 'fail'; readonly fault: MessageFault };

/** A registered stub. */
export type StubHandle = RuleHandle;

/** Answers the requests that its pattern selects. */
export class Stub extends Rule {
  readonly #replies: readonly ReadyReply[];
  readonly #times: number;

  constructor(init: ConstructorParameters<typeof Rule>[0] & { replies: readonly ReadyReply[]; times: number }) {
    super(init);
    this.#replies = init.replies;
    this.#times = init.times;
  }

  /** It has answered as often as it may. */
  get exhausted(): boolean {
    return this.hits >= this.#times;
  }

  /** Whether it is for this request. */
  test(exchange: Exchange): Outcome {
    return this.pattern.test(exchange);
  }

  /**
   * Takes the request: from here on it counts, so that of many parallel requests exactly `times` are
   * answered. A function is asked when the request's body has come.
   */
  take(exchange: Exchange, incoming: IncomingBody): StubOutcome | Promise<StubOutcome> {
    const reply = this.#replies[Math.min(this.hits, this.#replies.length - 1)] as ReadyReply;
    this.record(exchange);
    return typeof reply === 'function' ? this.#ask(reply, exchange, incoming) : { action: 'answer', answer: reply };
  }

  async #ask(reply: ReplyFunction, { request }: Exchange, incoming: IncomingBody): Promise<StubOutcome> {
    if (!request.captured.complete) await incoming.body();
    const value = await reply(request);
    try {
      return { action: 'answer', answer: answerOf(value) };
    } catch (cause) {
      const { message } = cause as TestError;
      throw new TestError(
        'WAYLAY_INVALID_REPLY',
        `The function written at ${this.site} for ${this} gave no reply. ${message}`,
        {
          cause,
        },
      );
    }
  }
}

/** @throws {TestError} `WAYLAY_INVALID_OPTION` */
export function readStubOptions(options: unknown): { times: number } {
  const example = 'Write stubResponse(pattern, reply, { times: 1 })';
  if (options === undefined) return { times: Number.POSITIVE_INFINITY };
  if (!isPlainObject(options)) {
    throw new TestError('WAYLAY_INVALID_OPTION', `A stub's options cannot be ${formatValue(options)}. ${example}.`);
  }
  const { times = Number.POSITIVE_INFINITY, ...others } = options;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw new TestError('WAYLAY_INVALID_OPTION', `A stub has no option '${unknown}', only 'times'. ${example}.`);
  }
  if (times !== Number.POSITIVE_INFINITY && (!isCount(times) || times === 0)) {
    throw new TestError('WAYLAY_INVALID_OPTION', `A stub's 'times' cannot be ${formatValue(times)}. ${example}.`);
  }
  return { times };
}
