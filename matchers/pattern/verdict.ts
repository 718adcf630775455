import type { Difference } from '../values/value.js';

/** The verdict of one field of a pattern on a request. */
export interface FieldVerdict {
  /** The pattern's key: `method`, `json`, …; `predicate` for a function. */
  readonly field: string;
  readonly expected: unknown;
  readonly actual: unknown;
  readonly pass: boolean;
  /** The distance, from 0 (it passes) to 1 (nothing in common). */
  readonly distance: number;
  /** The weight of the field among the others. */
  readonly weight: number;
  /** Each place that differs; empty where it passes. */
  readonly differences: readonly Difference[];
}

/** The verdict of a pattern on a request: every field is judged, whatever the first one said. */
export interface Verdict {
  /** All fields pass. */
  readonly pass: boolean;
  /** The weighted mean of the fields' distances: 0 exactly where all pass. */
  readonly distance: number;
  readonly fields: readonly FieldVerdict[];
}

/** The fields' verdicts as one. */
export function verdictOf(fields: readonly FieldVerdict[]): Verdict {
  let sum = 0;
  let weights = 0;
  for (const field of fields) {
    sum += field.distance * field.weight;
    weights += field.weight;
  }
  return { pass: fields.every((field) => field.pass), distance: weights === 0 ? 0 : sum / weights, fields };
}
