/**
 * Compares one value with what is expected of it: a literal, a RegExp, a predicate, an asymmetric
 * matcher, or arrays and objects of these. Objects match as subsets, arrays element by element.
 */
import { types } from 'node:util';
import { ABSENT, Described, isAsymmetric, isObject } from '../report/format.js';
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

/** Whether the value is as expected. A predicate's own exception is passed on. */
export function matchesValue(expected: unknown, actual: unknown): boolean {
  if (typeof expected !== 'object' || expected === null) {
    return typeof expected === 'function' ? ask(expected, actual) : expected === actual;
  }
  if (types.isRegExp(expected)) return typeof actual === 'string' && matchesRegExp(expected, actual);
  if (isAsymmetric(expected)) return Boolean(expected.asymmetricMatch(actual));
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) return false;
    return expected.every((item, index) => matchesValue(item, actual[index]));
  }
  if (hasToJSON(expected)) return matchesValue(expected.toJSON(), actual);
  if (!isObject(actual)) return false;
  for (const key of Object.keys(expected)) {
    if (!Object.hasOwn(actual, key)) return false;
    if (!matchesValue((expected as Record<string, unknown>)[key], actual[key])) return false;
  }
  return true;
}

/** Every place that differs, and how far the value is from what is expected: 0 exactly where it matches. */
export function compareValue(expected: unknown, actual: unknown, path: Path = []): Comparison {
  if (actual === ABSENT) return differs(expected, actual, path, 1);
  if (typeof expected === 'object' && expected !== null && !types.isRegExp(expected) && !isAsymmetric(expected)) {
    if (Array.isArray(expected)) {
      return Array.isArray(actual) ? compareArrays(expected, actual, path) : differs(expected, actual, path, 1);
    }
    if (hasToJSON(expected)) return compareValue(expected.toJSON(), actual, path);
    return isObject(actual)
      ? compareObjects(expected as Record<string, unknown>, actual, path)
      : differs(expected, actual, path, 1);
  }
  try {
    if (matchesValue(expected, actual)) return SAME;
  } catch (error) {
    return differs(expected, actual, path, 1, `threw ${String(error)}`);
  }
  return differs(expected, actual, path, leafDistance(expected, actual));
}

/** How far a value is from what is expected, from 0 (it matches) to 1, and where it differs. */
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

function compareArrays(expected: readonly unknown[], actual: readonly unknown[], path: Path): Comparison {
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
    return compareValue(expected[index], index < actual.length ? actual[index] : ABSENT, [...path, index]);
  });
  return joined(parts, length);
}

function compareObjects(expected: Record<string, unknown>, actual: Record<string, unknown>, path: Path): Comparison {
  return joined(
    Object.keys(expected).map((key) =>
      compareValue(expected[key], Object.hasOwn(actual, key) ? actual[key] : ABSENT, [...path, key]),
    ),
  );
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

/** Asks a predicate; a promise would count as true, so it is refused. */
export function ask(predicate: unknown, ...values: readonly unknown[]): boolean {
  const answer: unknown = (predicate as (...values: readonly unknown[]) => unknown)(...values);
  if (isObject(answer) && typeof answer.then === 'function') {
    Promise.resolve(answer).catch(() => {}); // Its rejection would be nobody's.
    throw new TypeError('A predicate must answer at once, but this one returned a promise.');
  }
  return Boolean(answer);
}

function hasToJSON(value: object): value is { toJSON(): unknown } {
  return typeof (value as { toJSON?: unknown }).toJSON === 'function';
}
