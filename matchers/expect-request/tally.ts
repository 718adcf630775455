import type { Exchange } from '../../src/exchange/exchange.js';
import type { Journal } from '../../src/exchange/journal.js';
import type { CompiledPattern } from '../pattern/pattern.js';

/**
 * Counts the exchanges of a journal that a pattern selects. Each is judged once, when its request is
 * complete (or will not become so); nothing is done until it is asked.
 */
export class Tally {
  readonly #journal: Journal;
  readonly #pattern: CompiledPattern;
  readonly #after: Tally[] = [];
  readonly #matched: Exchange[] = [];
  readonly #undecided = new Set<Exchange>();
  #seen = 0;
  /** Which of the matching exchanges, counted from 1, others come after. */
  readonly #pivot: number;

  constructor(journal: Journal, pattern: CompiledPattern, pivot = 1) {
    this.#journal = journal;
    this.#pattern = pattern;
    this.#pivot = pivot;
  }

  /** From now on only exchanges count that came after those which `other` waits for. */
  after(other: Tally): void {
    this.#after.push(other);
  }

  /** Whether this one counts from `other` on, directly or not. */
  isAfter(other: Tally): boolean {
    return this.#after.some((tally) => tally === other || tally.isAfter(other));
  }

  /** What counts, in order of arrival. */
  get matched(): readonly Exchange[] {
    this.#look();
    const from = this.#from;
    return from === 0 ? this.#matched : this.#matched.filter(({ id }) => id > from);
  }

  /** As {@link matched}, with requests whose body has not come in full where the pattern does not need it. */
  get matchedSoFar(): readonly Exchange[] {
    const matched = this.matched;
    const from = this.#from;
    const early = [...this.#undecided].filter((exchange) => exchange.id > from && this.#pattern.matches(exchange));
    return early.length === 0 ? matched : [...matched, ...early].sort((a, b) => a.id - b.id);
  }

  /** What would count, had it not come too early. */
  get tooEarly(): readonly Exchange[] {
    this.#look();
    const from = this.#from;
    return this.#matched.filter(({ id }) => id <= from);
  }

  // The last of the exchanges that this one comes after; Infinity where one has not come.
  get #from(): number {
    let from = 0;
    for (const tally of this.#after) from = Math.max(from, tally.#reached);
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
    // A request that came earlier may have been complete later.
    let at = this.#matched.length;
    while (at > 0 && (this.#matched[at - 1] as Exchange).id > exchange.id) at -= 1;
    this.#matched.splice(at, 0, exchange);
  }
}
