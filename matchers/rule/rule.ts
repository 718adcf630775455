import type { Exchange } from '../../src/journal/exchange.js';
import type { ExchangeRule, Participant } from '../../src/journal/intervention.js';
import type { Journal } from '../../src/journal/journal.js';
import type { Log } from '../../src/runtime/log.js';
import type { CompiledPattern } from '../pattern/pattern.js';
import type { CallSite } from './call-site.js';
import type { EffectLog, RuleEffects } from './effect-log.js';
import type { Runner } from './traffic.js';

/** The handle of a registered stub or mutation. */
export interface RuleHandle extends Disposable {
  /** The number of exchanges that it took part in. */
  readonly hits: number;
  /** The exchanges that it took part in, in that order. Those that the journal forgot may be missing. */
  readonly exchanges: readonly Exchange[];
  /** Takes it back: it concerns no request that comes from now on. */
  remove(): void;
}

/** The parts of a rule. */
export interface RuleInit {
  readonly pattern: CompiledPattern;
  readonly site: CallSite;
  readonly journal: Journal;
  readonly runner?: Runner | undefined;
  readonly effects: EffectLog;
  /** Told of each exchange that it takes part in. */
  readonly log: Log;
  readonly remove: (rule: Rule) => void;
}

/** A pattern with something to do for the requests that it selects. */
export abstract class Rule implements RuleHandle, Participant {
  readonly pattern: CompiledPattern;
  /** The place where the test wrote it. */
  readonly site: CallSite;
  /** @internal What it comes to in the exchanges. */
  readonly effects: RuleEffects;
  readonly #journal: Journal;
  readonly #remove: (rule: Rule) => void;
  readonly #runner: Runner | undefined;
  /** Its name in reports: the verb that makes it. */
  protected abstract readonly verb: string;
  protected abstract readonly kind: ExchangeRule['kind'];
  readonly #log: Log;
  #described: ExchangeRule | undefined;
  #exchanges: Exchange[] = [];
  #pruneAt = 1024;
  #hits = 0;

  constructor(init: RuleInit) {
    this.pattern = init.pattern;
    this.site = init.site;
    this.effects = init.effects.of(this);
    this.#journal = init.journal;
    this.#remove = init.remove;
    this.#runner = init.runner;
    this.#log = init.log;
  }

  get hits(): number {
    return this.#hits;
  }

  get exchanges(): readonly Exchange[] {
    return [...this.#exchanges];
  }

  remove(): void {
    this.#remove(this);
  }

  [Symbol.dispose](): void {
    this.remove();
  }

  /** @internal One for all exchanges that it takes part in. */
  get described(): ExchangeRule {
    this.#described ??= Object.freeze({ kind: this.kind, pattern: String(this.pattern), place: this.site.location });
    return this.#described;
  }

  toString(): string {
    return String(this.pattern);
  }

  /** Counts what it took part in: an exchange, or a handshake that has none. */
  protected record(exchange?: Exchange): void {
    this.#hits += 1;
    this.#runner?.hit(`${this.verb} ${this.pattern}`, this.site);
    this.#log('rules', '%s: %s %s (%s)', exchange?.request ?? 'a TLS handshake', this.kind, this, this.site);
    if (exchange === undefined) return;
    exchange.intervene().add(this);
    this.#exchanges.push(exchange);
    if (this.#exchanges.length >= this.#pruneAt) this.#prune();
  }

  // A rule must not keep alive what the journal forgot, or memory would grow with the traffic.
  #prune(): void {
    const kept = new Set(this.#journal.exchanges);
    this.#exchanges = this.#exchanges.filter((exchange) => kept.has(exchange));
    this.#pruneAt = Math.max(1024, 2 * this.#exchanges.length);
  }
}
