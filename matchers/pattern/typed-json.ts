import type { AsymmetricMatcher } from '../values/format.js';
import type { Exactly } from '../values/value.js';
import type { ParsedJson } from './pattern.js';

/**
 * The JSON that a pattern selects, as a type: literals widened, a RegExp's value a string, a predicate's what it
 * takes, an asymmetric matcher's unknown. Objects match as subsets, so they may have `Others`, but for those in
 * `exactly()`.
 *
 * @example
 * TypedJson<{ amount: 4200; currency: RegExp }> // { amount: number; currency: string; [key: string]: unknown }
 */
export type TypedJson<Pattern, Others = { [key: string]: unknown }> = unknown extends Pattern
  ? unknown
  : Pattern extends RegExp
    ? string
    : Pattern extends (...values: never) => unknown
      ? Guarded<Pattern>
      : Pattern extends Exactly<infer Whole>
        ? TypedJson<Whole, unknown>
        : Pattern extends Required<AsymmetricMatcher>
          ? unknown
          : Pattern extends string
            ? string
            : Pattern extends number
              ? number
              : Pattern extends boolean
                ? boolean
                : Pattern extends null
                  ? null
                  : Pattern extends { toJSON(): infer Json }
                    ? TypedJson<Json, Others>
                    : Pattern extends readonly unknown[]
                      ? { -readonly [Index in keyof Pattern]: TypedJson<Pattern[Index], Others> }
                      : Pattern extends object
                        ? { -readonly [Key in keyof Pattern]: TypedJson<Pattern[Key], Others> } & Others
                        : unknown;

/** The type that a predicate takes, or that it says the value is. */
type Guarded<Predicate> = Predicate extends (value: ParsedJson) => value is infer Value
  ? Value
  : Predicate extends (value: infer Value) => unknown
    ? unknown extends Value
      ? unknown
      : Value
    : unknown;
