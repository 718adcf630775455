/** Tells of rules that took part in exchanges and came to nothing there. */
import type { Exchange } from '../../src/journal/exchange.js';
import type { Participant } from '../../src/journal/intervention.js';
import type { CallSite } from './call-site.js';

/** The reason why a part of a rule had no effect in an exchange. */
export interface NoEffect {
  /** The effect that it did not have. Default: it had no effect. */
  readonly what?: string;
  readonly why: string;
  /** The text to write instead. */
  readonly write?: string;
  /**
   * The test gave something that the message cannot have. Otherwise there was only nothing that the part could work on,
   * which is worth telling where it was so in all exchanges of its rule.
   */
  readonly lost?: boolean;
}

interface CountedNoEffect extends NoEffect {
  readonly first: string;
  count: number;
}

/** One part of a rule, such as `response.json`. */
interface Part {
  hadEffect: boolean;
  /** Times without effect, by reason. */
  readonly withoutEffect: Map<string, CountedNoEffect>;
}

/** A rule, as far as it is told of. */
interface ReportedRule extends Participant {
  readonly site: CallSite;
}

/** The effects of the rules of one test. */
export class EffectLog {
  readonly #rules: RuleEffects[] = [];

  /** Begins the account of one rule. */
  of(rule: ReportedRule): RuleEffects {
    const effects = new RuleEffects(rule);
    this.#rules.push(effects);
    return effects;
  }

  /** One line for each part of a rule that had no effect. */
  warnings(): string[] {
    return this.#rules.flatMap((rule) => rule.warnings());
  }
}

/** The effects of the parts of one rule. It keeps what it is going to say, and one exchange at most. */
export class RuleEffects {
  readonly #rule: ReportedRule;
  readonly #parts = new Map<string, Part>();
  /** The first exchange in which something of the side was to be changed, until either side of one got through. */
  readonly #awaited: { request?: Exchange | undefined; response?: Exchange | undefined } = {};
  #gotThrough = false;

  constructor(rule: ReportedRule) {
    this.#rule = rule;
  }

  /** The part had its effect. */
  hadEffect(part: string): void {
    this.#part(part).hadEffect = true;
  }

  /** The part had none. */
  hadNoEffect(part: string, exchange: Exchange, reason: NoEffect): void {
    const { withoutEffect } = this.#part(part);
    const before = withoutEffect.get(reason.why);
    if (before === undefined) withoutEffect.set(reason.why, { ...reason, first: String(exchange), count: 1 });
    else before.count += 1;
  }

  /** The request is changed on its way to an upstream, or the response once there is one. */
  awaits(side: 'request' | 'response', exchange: Exchange): void {
    if (!this.#gotThrough) this.#awaited[side] ??= exchange;
  }

  /** A response came. */
  answered(): void {
    this.#gotThrough = true;
    this.#awaited.request = undefined;
    this.#awaited.response = undefined;
  }

  warnings(): string[] {
    const lines = [...this.#parts].flatMap(([name, { hadEffect, withoutEffect }]) =>
      [...withoutEffect.values()].filter(({ lost }) => lost || !hadEffect).map((one) => this.#line(name, one)),
    );
    const failed = (['request', 'response'] as const).flatMap((side) => {
      const exchange = this.#awaited[side];
      const why = exchange && WHY_LOST[side](exchange);
      return why === undefined ? [] : this.#line(side, { why, first: String(exchange), count: 1 });
    });
    return [...lines, ...failed];
  }

  #part(name: string): Part {
    let part = this.#parts.get(name);
    if (part === undefined) {
      part = { hadEffect: false, withoutEffect: new Map() };
      this.#parts.set(name, part);
    }
    return part;
  }

  #line(part: string, { what = 'had no effect on', why, write, first, count }: CountedNoEffect): string {
    const { kind, pattern } = this.#rule.described;
    const more = count > 1 ? ` and ${count - 1} more` : '';
    const remedy = write === undefined ? '' : ` Write ${write}.`;
    return `The ${kind} ${pattern} (${this.#rule.site}): ${part} ${what} ${first}${more}: ${why}.${remedy}`;
  }
}

/**
 * The reason why a change had nobody to be seen by; undefined where it may still be, and where its client would not have
 * it.
 */
const WHY_LOST = {
  request: ({ ended, error, upstream }: Exchange) =>
    ended && error?.fault === 'upstream' && upstream === undefined
      ? `no upstream was there to get it (${error.code})`
      : undefined,
  response: ({ ended, error }: Exchange) =>
    ended && (error?.fault === 'upstream' || error?.code === 'WAYLAY_FAULT')
      ? `no response came that could be changed (${error.code})`
      : undefined,
};
