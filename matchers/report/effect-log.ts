/** Tells of rules that took part in exchanges and came to nothing there. */
import type { Exchange } from '../../src/exchange/exchange.js';
import type { Participant } from '../../src/exchange/intervention.js';
import type { CallSite } from './call-site.js';

/** Why a part of a rule had no effect in an exchange. */
export interface NoEffect {
  readonly why: string;
  /** What to write instead. */
  readonly write?: string;
  /**
   * The test gave something that the message cannot have. Otherwise there was only nothing that the part could work on,
   * which is worth telling where it was so in all exchanges of its rule.
   */
  readonly lost?: boolean;
}

interface Missed extends NoEffect {
  readonly first: string;
  count: number;
}

/** One part of a rule, such as `response.json`. */
interface Part {
  hasBitten: boolean;
  /** By what is told. */
  readonly missed: Map<string, Missed>;
}

/** A rule, as far as it is told of. */
interface ToldRule extends Participant {
  readonly site: CallSite;
}

/** What the rules of one test came to. */
export class EffectLog {
  readonly #rules: RuleEffects[] = [];

  /** Begins the account of one rule. */
  of(rule: ToldRule): RuleEffects {
    const effects = new RuleEffects(rule);
    this.#rules.push(effects);
    return effects;
  }

  /** One line for each part of a rule that had no effect. */
  warnings(): string[] {
    return this.#rules.flatMap((rule) => rule.warnings());
  }
}

/** What the parts of one rule came to. It keeps what it is going to say, and one exchange at most. */
export class RuleEffects {
  readonly #rule: ToldRule;
  readonly #parts = new Map<string, Part>();
  /** The first exchange of whose response something was to be changed, until there was any response. */
  #awaited: Exchange | undefined;
  #answered = false;

  constructor(rule: ToldRule) {
    this.#rule = rule;
  }

  /** The part had its effect. */
  bit(part: string): void {
    this.#part(part).hasBitten = true;
  }

  /** The part had none. */
  missed(part: string, exchange: Exchange, reason: NoEffect): void {
    const { missed } = this.#part(part);
    const before = missed.get(reason.why);
    if (before === undefined) missed.set(reason.why, { ...reason, first: String(exchange), count: 1 });
    else before.count += 1;
  }

  /** The response is going to be changed, once there is one. */
  awaits(exchange: Exchange): void {
    if (!this.#answered) this.#awaited ??= exchange;
  }

  /** There is one. */
  answered(): void {
    this.#answered = true;
    this.#awaited = undefined;
  }

  warnings(): string[] {
    const lines = [...this.#parts].flatMap(([name, { hasBitten, missed }]) =>
      [...missed.values()]
        .filter(({ lost }) => lost || !hasBitten)
        .map(({ first, count, why, write }) => this.#told(name, first, count, why, write)),
    );
    const failed = this.#awaited && whyUnanswered(this.#awaited);
    return failed === undefined ? lines : [...lines, this.#told('response', String(this.#awaited), 1, failed)];
  }

  #part(name: string): Part {
    let part = this.#parts.get(name);
    if (part === undefined) {
      part = { hasBitten: false, missed: new Map() };
      this.#parts.set(name, part);
    }
    return part;
  }

  #told(part: string, first: string, count: number, why: string, write?: string): string {
    const { kind, pattern } = this.#rule.described;
    const more = count > 1 ? `, nor on ${count - 1} more` : '';
    const remedy = write === undefined ? '' : ` Write ${write}.`;
    return `The ${kind} ${pattern} (${this.#rule.site}): ${part} had no effect on ${first}${more}: ${why}.${remedy}`;
  }
}

/** Why there was no response; undefined where it may still come, and where it was its client that would not have it. */
function whyUnanswered({ ended, error }: Exchange): string | undefined {
  const isTold = error?.fault === 'upstream' || error?.code === 'WAYLAY_FAULT';
  return ended && isTold ? `no response came that could be changed (${error.code})` : undefined;
}
