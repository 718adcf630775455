import { TestError } from '../../src/errors.js';
import type { Handshake, HandshakeFault } from '../../src/interceptor.js';
import type { Exchange } from '../../src/journal/exchange.js';
import type { AnyPort } from '../../src/net/authority.js';
import { Rule, type RuleHandle, type RuleInit } from '../rule/rule.js';
import type { WrittenChange } from './apply-change.js';
import type { Change, ChangeFunction, MessageChange } from './change.js';
import { checkChange, checkMessageChange } from './check-change.js';
import { checkHandshakePattern, handshakeFault } from './handshake-change.js';
import type { ReadyOptions } from './mutation-options.js';
import { randomAt } from './random.js';
import { checkWebSocketChange } from './websocket-change.js';

/** A registered mutation. */
export type MutationHandle = RuleHandle;

/** A change that a function of the exchange is still to be asked for. */
export interface PendingChange {
  /** Resolves to undefined where it changes nothing. */
  ask(): Promise<WrittenChange | undefined>;
}

/** Numbers drawn for each match: whether it applies, and the jitter of request and response. */
const DRAWS = 3;

/** Changes the exchanges whose requests its pattern selects, or fails the handshakes before them. */
export class Mutation extends Rule {
  protected readonly verb = 'mutate';
  protected readonly kind = 'mutation';
  readonly #change: Change<never> | ChangeFunction<never>;
  readonly #options: ReadyOptions;
  #matches = 0;

  /** @throws {TestError} `WAYLAY_INVALID_CHANGE`, `WAYLAY_INVALID_PATTERN` */
  constructor(init: RuleInit & { change: Change<never> | ChangeFunction<never>; options: ReadyOptions }) {
    super(init);
    this.#change = init.change;
    this.#options = init.options;
    if (typeof this.#change === 'function') return;
    checkChange(this.#change);
    if (this.#change.tls !== undefined) checkHandshakePattern(this.pattern);
    else if (this.pattern.onlyWebSockets) checkWebSocketChange(this.#change);
  }

  /** It applied as often as it may. */
  get exhausted(): boolean {
    return this.hits >= this.#options.times;
  }

  /** The reason why it took no part in what it was held against and matches; undefined where nothing was. */
  get passedOver(): string | undefined {
    if (this.#matches === 0) return undefined;
    const { probability } = this.#options;
    const reasons = [
      ...(probability < 1 ? [`chance left it out (probability: ${probability})`] : []),
      ...(typeof this.#change === 'function' ? ['its function changed nothing'] : []),
    ];
    return reasons.join(', or ') || undefined;
  }

  /** It is about handshakes and not about requests. */
  get ofHandshakes(): boolean {
    return typeof this.#change === 'object' && this.#change.tls !== undefined;
  }

  /** No request that it matches needs its upstream: it goes elsewhere, or is not let out at all. */
  mayAnswer(authority: AnyPort): boolean {
    if (typeof this.#change === 'function' || this.exhausted || this.#options.probability < 1) return false;
    return this.#sparesUpstream(this.#change) && this.pattern.mayMatch(authority);
  }

  /**
   * Takes part in an exchange that it matches, and counts it; undefined where chance leaves it out.
   * A function is counted when it has changed something.
   */
  take(exchange: Exchange): WrittenChange | PendingChange | undefined {
    const draws = this.#draw();
    const change = this.#change;
    if (draws === undefined) return undefined;
    if (typeof change === 'function') return { ask: () => this.#ask(change, exchange, draws) };
    this.record(exchange);
    return { change: change as MessageChange, effects: this.effects, site: this.site, draws };
  }

  /** The fault of a handshake; undefined where it is left alone. */
  onHandshake(handshake: Handshake): HandshakeFault | undefined {
    if (typeof this.#change === 'function' || this.#change.tls === undefined || this.exhausted) return undefined;
    if (!this.pattern.matchesAuthority(handshake) || this.#draw() === undefined) return undefined;
    this.record();
    return { ...handshakeFault(this.#change.tls, handshake, this.site), rule: this };
  }

  #sparesUpstream(change: Change<never>): boolean {
    if (change.tls !== undefined) return true;
    const { request } = change;
    return request?.url !== undefined || (request?.fault !== undefined && request.after === undefined);
  }

  /** The draws for the next match; undefined where it is not to apply, or no longer. */
  #draw(): WrittenChange['draws'] | undefined {
    if (this.exhausted) return undefined;
    const { seed, probability } = this.#options;
    const first = this.#matches * DRAWS;
    this.#matches += 1;
    if (randomAt(seed, first) >= probability) return undefined;
    return { request: randomAt(seed, first + 1), response: randomAt(seed, first + 2) };
  }

  async #ask(
    decide: ChangeFunction,
    exchange: Exchange,
    draws: WrittenChange['draws'],
  ): Promise<WrittenChange | undefined> {
    if (this.exhausted) return undefined;
    const change: unknown = await decide(exchange);
    if (change === undefined) return undefined;
    try {
      checkMessageChange(change);
    } catch (cause) {
      const message = `The function written at ${this.site} for ${this} gave no change. ${(cause as Error).message}`;
      throw this.site.placed(new TestError('WAYLAY_INVALID_CHANGE', message, { cause }));
    }
    // No more than it may take part, of many that were asked at once.
    if (this.exhausted || exchange.ended) return undefined;
    this.record(exchange);
    return { change, effects: this.effects, site: this.site, draws };
  }
}
