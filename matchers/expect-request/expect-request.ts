import { TestError } from '../../src/errors.js';
import type { Exchange } from '../../src/exchange/exchange.js';
import type { CompiledPattern, RequestPattern } from '../pattern/pattern.js';
import type { CallSite } from '../report/call-site.js';
import { reportExpectation } from '../report/report.js';
import type { Traffic } from '../traffic.js';
import { Tally } from './tally.js';
import type { Range, Times } from './times.js';
import { type WaitFailure, waitFor } from './wait.js';

/** How an expectation is limited, beside what narrows its pattern. */
export interface ExpectationOptions {
  /** How many requests. Default: at least one. `0` watches until the test ends. */
  times?: Times;
  /** Milliseconds to wait when it is awaited. Default: the option `timeout`, 5000. */
  timeout?: number;
}

/** What narrows the pattern of an expectation, and how it is limited. */
export type Narrowing = RequestPattern & ExpectationOptions;

/**
 * A registered expectation. Awaiting it starts the clock and gives the first exchange, as soon as so
 * many requests as expected are complete; their responses may still be pending.
 */
export interface Expectation<First = Exchange> extends PromiseLike<First> {
  /** What has matched so far, in order of arrival. */
  readonly exchanges: readonly Exchange[];
  /** Waits as awaiting does, and gives every exchange that matched. */
  all(): Promise<readonly Exchange[]>;
  /**
   * Only requests count that arrived after those which `other` expects.
   * @throws {TestError} `WAYLAY_INVALID_OPTION` where that cannot be
   */
  after(other: Expectation<unknown>): this;
}

/** Whether it has been awaited, and what came of that. */
type State = 'idle' | 'waiting' | 'satisfied' | 'failed';

/** Counts the requests that its pattern selects, before and after it was registered. */
export class ExpectedRequest implements Expectation<Exchange | undefined> {
  readonly pattern: CompiledPattern;
  readonly #traffic: Traffic;
  readonly #range: Range;
  readonly #timeout: number;
  readonly #site: CallSite;
  readonly #tally: Tally;
  #state: State = 'idle';
  #wait: Promise<readonly Exchange[]> | undefined;

  constructor(init: { traffic: Traffic; pattern: CompiledPattern; range: Range; timeout: number; site: CallSite }) {
    this.pattern = init.pattern;
    this.#traffic = init.traffic;
    this.#range = init.range;
    this.#timeout = init.timeout;
    this.#site = init.site;
    this.#tally = new Tally(init.traffic.journal, init.pattern, Math.max(init.range.min, 1));
  }

  get exchanges(): readonly Exchange[] {
    return [...this.#tally.matched];
  }

  // biome-ignore lint/suspicious/noThenProperty: being awaitable is what an expectation is for
  then<Value = Exchange | undefined, Failed = never>(
    onFulfilled?: ((first: Exchange | undefined) => Value | PromiseLike<Value>) | null,
    onRejected?: ((reason: unknown) => Failed | PromiseLike<Failed>) | null,
  ): Promise<Value | Failed> {
    return this.all()
      .then(([first]) => first)
      .then(onFulfilled, onRejected);
  }

  all(): Promise<readonly Exchange[]> {
    if (this.#wait === undefined) {
      this.#state = 'waiting';
      this.#wait = waitFor(
        this.#traffic,
        this.#timeout,
        () => this.#check(),
        (why) => this.#failure(whenOf(why, this.#timeout)),
      );
      this.#wait.catch(() => {
        this.#state = 'failed'; // Whoever awaited has been told.
      });
    }
    // Later arrivals count for who asks later.
    return this.#wait.then(() => [...this.#tally.matched]);
  }

  after(other: Expectation<unknown>): this {
    if (!(other instanceof ExpectedRequest) || other.#traffic !== this.#traffic) {
      throw new TestError(
        'WAYLAY_INVALID_OPTION',
        'after(other) takes an expectation of the same Waylay. Write second.after(first), both from waylay.expectRequest(…).',
      );
    }
    if (other === this || other.#tally.isAfter(this.#tally)) {
      throw new TestError(
        'WAYLAY_INVALID_OPTION',
        `${this.pattern} cannot come after itself. Order expectations one way only.`,
      );
    }
    this.#tally.after(other.#tally);
    return this;
  }

  /** What is unmet at the end of the test and was not told before; undefined where nothing is. */
  problem(): string | undefined {
    if (this.#state === 'failed') return undefined;
    const matched = this.#tally.matchedSoFar;
    if (matched.length <= this.#range.max && matched.length >= this.#range.min) return undefined;
    return this.#report(matched, 'by the end of the test');
  }

  #check(): readonly Exchange[] | undefined {
    const { matched } = this.#tally;
    if (matched.length > this.#range.max) throw this.#failure('so far');
    if (matched.length < this.#range.min) return undefined;
    this.#state = 'satisfied';
    return matched;
  }

  #failure(when: string): TestError {
    const error = new TestError('WAYLAY_EXPECTATION', this.#report(this.#tally.matched, when));
    // The place where the test wrote the expectation tells more than the timer that fired.
    error.stack = [`${error.name}: ${error.message}`, ...this.#site.frames].join('\n');
    return error;
  }

  #report(matched: readonly Exchange[], when: string): string {
    const { journal } = this.#traffic;
    return reportExpectation({
      pattern: this.pattern,
      range: this.#range,
      matched,
      tooEarly: this.#tally.tooEarly,
      exchanges: journal.exchanges,
      forgotten: journal.forgotten,
      when,
      site: this.#site.location,
      style: this.#traffic,
    });
  }
}

function whenOf(why: WaitFailure, timeout: number): string {
  return why === 'timeout' ? `within ${timeout} ms` : 'before the proxy was stopped';
}
