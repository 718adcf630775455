import { TestError } from '../../src/errors.js';
import type { Exchange, FinishedExchange } from '../../src/journal/exchange.js';
import type { CompiledPattern } from '../pattern/pattern.js';
import { titleOf } from '../report/listing.js';
import { reportExpectation } from '../report/report.js';
import type { CallSite } from '../rule/call-site.js';
import type { Range } from '../rule/times.js';
import type { Traffic } from '../rule/traffic.js';
import { Wait } from './awaitable.js';
import type { Expectation } from './expectation.js';
import type { ReadExpectation } from './expectation-options.js';
import { MatchCounter } from './match-counter.js';
import { describeGap, gapBetween, spanOf } from './span.js';
import { describeEnd, inStep, stillWaiting, waitFor } from './wait.js';

/** Counts the requests that its pattern selects, before and after it was registered. */
export class ExpectedRequest extends Wait<Exchange | undefined> implements Expectation<Exchange | undefined> {
  readonly pattern: CompiledPattern;
  readonly range: Range;
  /** The place where the test wrote it. */
  readonly site: CallSite;
  readonly traffic: Traffic;
  readonly counter: MatchCounter;
  readonly #timeout: number;
  /** Awaited, it sees to it that nothing comes for so long. */
  readonly #watches: boolean;
  #all: Promise<unknown> | undefined;
  #reportedAtEnd = false;

  constructor(init: ReadExpectation & { traffic: Traffic; site: CallSite }) {
    super();
    this.pattern = init.pattern;
    this.traffic = init.traffic;
    this.range = init.range;
    this.site = init.site;
    this.counter = new MatchCounter(init.traffic.journal, init.pattern, Math.max(init.range.min, 1));
    this.#timeout = init.timeout;
    this.#watches = init.range.max === 0 && init.timed;
  }

  get exchanges(): readonly Exchange[] {
    return [...this.counter.matched];
  }

  protected begin(): Promise<Exchange | undefined> {
    return this.#begin().then(([first]) => first);
  }

  all(): Promise<readonly Exchange[]> {
    return this.observe(this.#begin());
  }

  finished(): Promise<FinishedExchange> {
    if (this.range.max === 0) {
      throw new TestError(
        'WAYLAY_INVALID_OPTION',
        `finished() waits for a response, but ${this.pattern} expects no request. Leave times: 0 out, or await the expectation itself.`,
      );
    }
    const wait = this.#wait(
      () => this.#checkFinished(),
      (when) => this.#failure(this.#reportUnfinished(when)),
    );
    return this.observe(wait);
  }

  after(...others: readonly Expectation<unknown>[]): this {
    const counters = others.map((other) => this.#counterOf(other, 'after', 'come after'));
    for (const counter of counters) this.counter.after(counter);
    return this;
  }

  overlapping(other: Expectation<unknown>): this {
    this.counter.overlapping(this.#counterOf(other, 'overlapping', 'overlap'));
    return this;
  }

  override toString(): string {
    return String(this.pattern);
  }

  /** Judges what has come so far. */
  evaluate(): void {
    void this.counter.matched;
  }

  /** The part that is unmet at the end of the test and was not told before; undefined where nothing is. */
  problem(): string | undefined {
    if (this.reported) return undefined;
    const matched = this.counter.matchedSoFar;
    if (matched.length <= this.range.max && matched.length >= this.range.min) return undefined;
    this.#reportedAtEnd = true;
    return this.#report(matched, 'by the end of the test');
  }

  #counterOf(other: Expectation<unknown>, method: string, verb: string): MatchCounter {
    if (!(other instanceof ExpectedRequest) || other.traffic !== this.traffic) {
      throw new TestError(
        'WAYLAY_INVALID_OPTION',
        `${method}(other) takes an expectation of the same Waylay. Write second.${method}(first), both from waylay.expectRequest(…).`,
      );
    }
    if (other === this || other.counter.dependsOn(this.counter)) {
      throw new TestError(
        'WAYLAY_INVALID_OPTION',
        `${this.pattern} cannot ${verb} itself, nor what already depends on it. Relate two expectations once, one way only.`,
      );
    }
    return other.counter;
  }

  #wait<T>(check: () => T | undefined, failure: (when: string) => Error): Promise<T> {
    return this.#step(() =>
      waitFor(this.traffic, this.#timeout, check, (why) => {
        if (why === 'stopped' && this.#reportedAtEnd) throw this.#failure(stillWaiting(String(this.pattern)));
        throw failure(describeEnd(why, this.#timeout));
      }),
    );
  }

  #step<T>(body: () => Promise<T>): Promise<T> {
    return inStep(this.traffic, `expectRequest ${this.pattern}`, this.site, body);
  }

  #watch(): Promise<readonly Exchange[]> {
    const check = () => {
      const matched = this.counter.matchedSoFar;
      if (matched.length > 0) throw this.#failure(this.#report(matched, 'so far'));
      return undefined;
    };
    return this.#step(() => waitFor<readonly Exchange[]>(this.traffic, this.#timeout, check, () => []));
  }

  async #begin(): Promise<readonly Exchange[]> {
    // One wait, however many await it; later arrivals count for who asks later.
    await (this.#all ??= this.#watches
      ? this.#watch()
      : this.#wait(
          () => this.#check(),
          (when) => this.#failure(this.#report(this.counter.matched, when)),
        ));
    return this.exchanges;
  }

  #check(): readonly Exchange[] | undefined {
    const { matched } = this.counter;
    if (matched.length > this.range.max) throw this.#failure(this.#report(matched, 'so far'));
    return matched.length < this.range.min ? undefined : matched;
  }

  #checkFinished(): FinishedExchange | undefined {
    const [first] = this.#check() ?? [];
    if (first === undefined || !first.ended) return undefined;
    if (first.error === undefined) return first as FinishedExchange;
    const failed = `${titleOf(first)} matched ${this.pattern}, but failed: ${first.error.message}`;
    throw this.#failure(failed, first.error);
  }

  #failure(message: string, cause?: Error): TestError {
    return this.site.placed(new TestError('WAYLAY_EXPECTATION', message, { cause }));
  }

  #reportUnfinished(when: string): string {
    const [first] = this.#check() ?? [];
    if (first === undefined) return this.#report(this.counter.matched, when);
    const { response } = first;
    const missing =
      response === undefined
        ? 'no response came'
        : `its response did not end (${response.captured.size.toLocaleString('en')} bytes of its body so far)`;
    return `${titleOf(first)} matched ${this.pattern}, but ${missing} ${when}.\n\nWritten:  ${this.site}`;
  }

  #report(matched: readonly Exchange[], when: string): string {
    const { journal } = this.traffic;
    return reportExpectation({
      pattern: this.pattern,
      range: this.range,
      matched,
      tooEarly: { exchanges: this.counter.tooEarly, why: describeBarrier(this.counter) },
      apart: this.counter.apart.map(describeApart),
      exchanges: journal.exchanges,
      forgotten: journal.forgotten,
      offWire: this.traffic.runner?.offWire(),
      when,
      site: this.site.location,
      style: this.traffic,
    });
  }
}

function describeBarrier({ barrier }: MatchCounter): string {
  const { pattern, exchange } = barrier ?? {};
  return exchange === undefined
    ? `${pattern}, which it has to come after, has not come`
    : `only what comes after ${titleOf(exchange)} counts`;
}

/** The nearest of those with which it had to be in flight, or that there was none. */
function describeApart({ exchange, missed }: MatchCounter['apart'][number]): { exchange: Exchange; why: string } {
  const distance = (other: Exchange) => gapBetween(spanOf(exchange), spanOf(other));
  const [nearest] = [...missed].sort((a, b) => distance(a) - distance(b));
  const why = nearest === undefined ? 'what it had to overlap has not come' : describeGap(exchange, nearest);
  return { exchange, why };
}
