import type { Exchange } from '../../src/journal/exchange.js';
import type { Journal } from '../../src/journal/journal.js';
import type { CompiledPattern } from '../pattern/pattern.js';
import { overlap, spanOf } from './span.js';

/**
 * Counts the exchanges of a journal that a pattern selects. Each is judged once, when its request is
 * complete (or will not become so); nothing is done until it is asked.
 */
export class MatchCounter {
  readonly #journal: Journal;
  readonly #pattern: CompiledPattern;
  readonly #after: MatchCounter[] = [];
  readonly #overlapping: MatchCounter[] = [];
  readonly #matched: Exchange[] = [];
  readonly #undecided = new Set<Exchange>();
  #seen = 0;
  /** The ordinal, from 1, of the matching exchange that others come after. */
  readonly #pivot: number;

  constructor(journal: Journal, pattern: CompiledPattern, pivot = 1) {
    this.#journal = journal;
    this.#pattern = pattern;
    this.#pivot = pivot;
  }

  /** Counts only exchanges, from now on, that came after those which `other` waits for. */
  after(other: MatchCounter): void {
    this.#after.push(other);
  }

  /** Counts only exchanges, from now on, that were in flight together with another one that `other` counts. */
  overlapping(other: MatchCounter): void {
    this.#overlapping.push(other);
  }

  /** True if what counts here depends on what counts there, directly or not. */
  dependsOn(other: MatchCounter): boolean {
    return [...this.#after, ...this.#overlapping].some((counter) => counter === other || counter.dependsOn(other));
  }

  /** The exchanges that count, in order of arrival. */
  get matched(): readonly Exchange[] {
    this.#look();
    return this.#counting(this.#matched);
  }

  /** {@link matched}, with requests whose body has not come in full where the pattern does not need it. */
  get matchedSoFar(): readonly Exchange[] {
    const matched = this.matched;
    const early = this.#counting([...this.#undecided].filter((exchange) => this.#pattern.matches(exchange)));
    return early.length === 0 ? matched : [...matched, ...early].sort((a, b) => a.id - b.id);
  }

  /** The exchanges that would count, had they not come too early. */
  get tooEarly(): readonly Exchange[] {
    this.#look();
    const from = this.#from;
    return this.#matched.filter(({ id }) => id <= from);
  }

  /** The exchange that came last, or has not come in full, of what this comes after; undefined where it comes after nothing. */
  get barrier(): { readonly pattern: CompiledPattern; readonly exchange: Exchange | undefined } | undefined {
    const [last] = [...this.#after].sort((a, b) => b.#reached - a.#reached);
    return last && { pattern: last.#pattern, exchange: last.matched[last.#pivot - 1] };
  }

  /** The exchanges that would count, had each been in flight together with another one: with what it missed, if that came. */
  get apart(): readonly { exchange: Exchange; missed: readonly Exchange[] }[] {
    this.#look();
    const from = this.#from;
    const later = this.#matched.filter(({ id }) => id > from);
    return later.flatMap((exchange) => {
      const unmet = this.#overlapping.map((counter) => counter.matched).find((others) => !meets(exchange, others));
      return unmet === undefined ? [] : [{ exchange, missed: unmet.filter((other) => other !== exchange) }];
    });
  }

  #counting(exchanges: readonly Exchange[]): readonly Exchange[] {
    const from = this.#from;
    if (from === 0 && this.#overlapping.length === 0) return exchanges;
    const overlapping = this.#overlapping.map((counter) => counter.matched);
    return exchanges.filter((exchange) => exchange.id > from && overlapping.every((others) => meets(exchange, others)));
  }

  // The last of the exchanges that this one comes after; Infinity where one has not come.
  get #from(): number {
    let from = 0;
    for (const counter of this.#after) from = Math.max(from, counter.#reached);
    return from;
  }

  get #reached(): number {
    return this.matched[this.#pivot - 1]?.id ?? Number.POSITIVE_INFINITY;
  }

  #look(): void {
    for (const exchange of this.#undecided) this.#decide(exchange);
    const { exchanges } = this.#journal;
    let first = exchanges.length;
    while (first > 0 && (exchanges[first - 1] as Exchange).id > this.#seen) first -= 1;
    for (const exchange of exchanges.slice(first)) {
      this.#seen = exchange.id;
      this.#undecided.add(exchange);
      this.#decide(exchange);
    }
  }

  #decide(exchange: Exchange): void {
    if (!exchange.request.captured.complete && !exchange.ended) return;
    this.#undecided.delete(exchange);
    if (!this.#pattern.matches(exchange)) return;
    exchange.intervene().expected = true;
    // A request that came earlier may have been complete later.
    let at = this.#matched.length;
    while (at > 0 && (this.#matched[at - 1] as Exchange).id > exchange.id) at -= 1;
    this.#matched.splice(at, 0, exchange);
  }
}

/** True if the exchange was in flight together with another one of these. */
function meets(exchange: Exchange, others: readonly Exchange[]): boolean {
  const span = spanOf(exchange);
  return others.some((other) => other !== exchange && overlap(span, spanOf(other)));
}
