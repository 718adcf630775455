/**
 * Compares one value with what is expected of it: a literal, a RegExp, a predicate, an asymmetric
 * matcher, or arrays and objects of these. Objects match as subsets, arrays element by element.
 */
import { types } from 'node:util';
import { ABSENT, Described, formatValue, isAsymmetric, isObject } from './format.js';
import { textDistance } from './text-distance.js';

/** The keys and indexes that lead to a value inside a body or a set of headers. */
export type Path = readonly (string | number)[];

/** One place where what came is not what was expected. */
export interface Difference {
  readonly path: Path;
  readonly expected: unknown;
  /** {@link ABSENT} where there is nothing. */
  readonly actual: unknown;
  /** Said beside the values, for example what a predicate threw. */
  readonly reason?: string;
}

/**
 * True if the value is as expected. A predicate's own exception is passed on.
 * @param exact objects may have no more keys than expected
 */
export function matchesValue(expected: unknown, actual: unknown, exact = false): boolean {
  if (typeof expected !== 'object' || expected === null) {
    return typeof expected === 'function' ? ask(expected, actual) : expected === actual;
  }
  if (types.isRegExp(expected)) return typeof actual === 'string' && matchesRegExp(expected, actual);
  if (isExactly(expected)) return matchesValue(expected.sample, actual, true);
  if (isAsymmetric(expected)) return atOnce(expected.asymmetricMatch(actual), 'An asymmetric matcher');
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) return false;
    return expected.every((item, index) => matchesValue(item, actual[index], exact));
  }
  if (hasToJSON(expected)) return matchesValue(expected.toJSON(), actual, exact);
  if (!isObject(actual)) return false;
  const keys = Object.keys(expected);
  if (exact && Object.keys(actual).length !== keys.length) return false;
  for (const key of keys) {
    if (!Object.hasOwn(actual, key)) return false;
    if (!matchesValue((expected as Record<string, unknown>)[key], actual[key], exact)) return false;
  }
  return true;
}

/** Every place that differs, and how far the value is from what is expected: 0 exactly where it matches. */
export function compareValue(expected: unknown, actual: unknown, path: Path = [], exact = false): Comparison {
  if (isExactly(expected)) return compareValue(expected.sample, actual, path, true);
  if (actual === ABSENT) return differs(expected, actual, path, 1);
  if (typeof expected === 'object' && expected !== null && !types.isRegExp(expected) && !isAsymmetric(expected)) {
    if (Array.isArray(expected)) {
      return Array.isArray(actual) ? compareArrays(expected, actual, path, exact) : differs(expected, actual, path, 1);
    }
    if (hasToJSON(expected)) return compareValue(expected.toJSON(), actual, path, exact);
    return isObject(actual)
      ? compareObjects(expected as Record<string, unknown>, actual, path, exact)
      : differs(expected, actual, path, 1);
  }
  try {
    if (matchesValue(expected, actual)) return SAME;
  } catch (error) {
    return differs(expected, actual, path, 1, `threw ${String(error)}`);
  }
  return differs(expected, actual, path, leafDistance(expected, actual));
}

/** The distance of a value from what is expected, from 0 (it matches) to 1, and where it differs. */
export interface Comparison {
  readonly distance: number;
  readonly differences: readonly Difference[];
}

/** No difference. */
export const SAME: Comparison = { distance: 0, differences: [] };

/** One difference. */
export function differs(
  expected: unknown,
  actual: unknown,
  path: Path = [],
  distance = 1,
  reason?: string,
): Comparison {
  return {
    distance,
    differences: [reason === undefined ? { path, expected, actual } : { path, expected, actual, reason }],
  };
}

/** Several comparisons as one; the distance is their mean. */
export function joined(parts: readonly Comparison[], of = parts.length): Comparison {
  const differences = parts.flatMap((part) => part.differences);
  if (differences.length === 0) return SAME;
  const sum = parts.reduce((total, part) => total + part.distance, 0);
  return { distance: Math.max(sum / Math.max(of, 1), Number.EPSILON), differences };
}

function compareArrays(
  expected: readonly unknown[],
  actual: readonly unknown[],
  path: Path,
  exact: boolean,
): Comparison {
  if (expected.length === 0 || actual.length === 0) {
    return expected.length === actual.length ? SAME : differs(expected, actual, path, 1);
  }
  const length = Math.max(expected.length, actual.length);
  const parts = Array.from({ length: Math.min(length, expected.length + 1) }, (_, index) => {
    if (index >= expected.length) {
      const more = actual.length - expected.length;
      return differs(
        ABSENT,
        more === 1 ? actual[index] : new Described(`${more} more elements`),
        [...path, index],
        more,
      );
    }
    return compareValue(expected[index], index < actual.length ? actual[index] : ABSENT, [...path, index], exact);
  });
  return joined(parts, length);
}

function compareObjects(
  expected: Record<string, unknown>,
  actual: Record<string, unknown>,
  path: Path,
  exact: boolean,
): Comparison {
  const parts = Object.keys(expected).map((key) =>
    compareValue(expected[key], Object.hasOwn(actual, key) ? actual[key] : ABSENT, [...path, key], exact),
  );
  const others = exact ? Object.keys(actual).filter((key) => !Object.hasOwn(expected, key)) : [];
  for (const key of others) parts.push(differs(ABSENT, actual[key], [...path, key], 1));
  return joined(parts);
}

function leafDistance(expected: unknown, actual: unknown): number {
  if (typeof expected === 'string' && typeof actual === 'string') return textDistance(expected, actual);
  if (types.isRegExp(expected)) return typeof actual === 'string' ? 0.5 : 1;
  if (typeof expected === 'function' || typeof expected === 'object') return 0.5;
  return typeof expected === typeof actual && actual !== null ? 0.5 : 1;
}

/** Tests from the start of the text, whatever the flags `g` and `y` left behind. */
export function matchesRegExp(pattern: RegExp, text: string): boolean {
  pattern.lastIndex = 0;
  return pattern.test(text);
}

/** Asks a predicate, which must answer at once. */
export function ask(predicate: unknown, ...values: readonly unknown[]): boolean {
  return atOnce((predicate as (...values: readonly unknown[]) => unknown)(...values), 'A predicate');
}

/** The answer; a promise would count as true, so it is refused. */
function atOnce(answer: unknown, who: string): boolean {
  if (isObject(answer) && typeof answer.then === 'function') {
    Promise.resolve(answer).catch(() => {}); // Its rejection would be nobody's.
    throw new TypeError(`${who} must answer at once, but this one returned a promise.`);
  }
  return Boolean(answer);
}

// Both builds of the package may be in one process, each with its own class.
const EXACTLY: unique symbol = Symbol.for('waylay.exactly') as never;

/** A value that matches only where nothing else is there; made by `exactly`. */
export class Exactly<T extends object = object> {
  /** Tells it from all other values. */
  readonly [EXACTLY] = true;
  /** The value to compare with, by its name in asymmetric matchers. */
  readonly sample: T;

  /** @internal */
  constructor(sample: T) {
    this.sample = sample;
  }

  /** Makes it work inside `expect.objectContaining(…)` and the like, too. */
  asymmetricMatch(actual: unknown): boolean {
    return matchesValue(this.sample, actual, true);
  }

  /** The spelling in a message of Jest or Vitest. */
  toAsymmetricMatcher(): string {
    return `exactly(${formatValue(this.sample)})`;
  }
}

export function isExactly(value: unknown): value is Exactly {
  return isObject(value) && EXACTLY in value;
}

function hasToJSON(value: object): value is { toJSON(): unknown } {
  return typeof (value as { toJSON?: unknown }).toJSON === 'function';
}
