/** Patterns over names that may have several values each: headers, query parameters, cookies, form fields. */
import { types } from 'node:util';
import { ABSENT, isAsymmetric, isPlainObject, writeKey } from '../report/format.js';
import type { ValueMatcher } from './field.js';
import { invalidPattern } from './invalid-pattern.js';
import { type Comparison, compareValue, differs, joined, matchesValue, SAME } from './value.js';

/** What such a pattern is held against. */
export interface NamedValues {
  /** All values of the name, in order; empty where it is absent. */
  values(name: string): readonly string[];
  /** The values as one, where the format defines that (headers). */
  joined?(name: string): string | undefined;
  /** For predicates and asymmetric matchers over the whole: repeated names give arrays, unless they can be joined. */
  all(): Readonly<Record<string, string | readonly string[]>>;
}

/**
 * Reads `{ name: value }`, where a value is a literal, a RegExp, a predicate, an asymmetric matcher,
 * a list of all the values, or null for "absent". A repeated name matches by any of its values.
 */
export function recordMatcher(key: string, pattern: unknown, example: string): ValueMatcher {
  if (typeof pattern === 'function' || isAsymmetric(pattern)) {
    return {
      expected: pattern,
      matches: (actual) => matchesValue(pattern, (actual as NamedValues).all()),
      compare: (actual) => compareValue(pattern, (actual as NamedValues).all()),
    };
  }
  if (!isPlainObject(pattern)) {
    throw invalidPattern({ [key]: pattern }, `'${key}' is an object of names and values, or a predicate`, example);
  }
  const entries = Object.entries(pattern);
  for (const [name, value] of entries) {
    if (!isValuePattern(value) && !(Array.isArray(value) && value.every(isValuePattern))) {
      throw invalidPattern(
        { [key]: { [name]: value } },
        value === undefined
          ? `the value of '${name}' is undefined; null stands for "absent"`
          : `the value of '${name}' must be a string, RegExp, predicate, asymmetric matcher, a list of these, or null`,
        typeof value === 'number' ? `{ ${key}: { ${writeKey(name)}: '${value}' } }` : example,
      );
    }
  }
  return {
    expected: pattern,
    matches: (actual) => entries.every(([name, value]) => matchesNamed(value, name, actual as NamedValues)),
    compare: (actual) => joined(entries.map(([name, value]) => compareNamed(value, name, actual as NamedValues))),
  };
}

/** A string, or what can stand for one. */
export function isValuePattern(value: unknown): boolean {
  return (
    typeof value === 'string' ||
    typeof value === 'function' ||
    value === null ||
    types.isRegExp(value) ||
    isAsymmetric(value)
  );
}

function matchesNamed(expected: unknown, name: string, actual: NamedValues): boolean {
  const values = actual.values(name);
  if (expected === null) return values.length === 0;
  if (Array.isArray(expected)) return matchesValue(expected, values);
  return values.some((value) => matchesValue(expected, value)) || matchesJoined(expected, name, values, actual);
}

function matchesJoined(expected: unknown, name: string, values: readonly string[], actual: NamedValues): boolean {
  if (values.length < 2) return false;
  const all = actual.joined?.(name);
  return all !== undefined && matchesValue(expected, all);
}

function compareNamed(expected: unknown, name: string, actual: NamedValues): Comparison {
  const values = actual.values(name);
  const shown = values.length === 1 ? values[0] : values;
  if (expected === null) return values.length === 0 ? SAME : differs(ABSENT, shown, [name], 1);
  if (values.length === 0) return differs(expected, ABSENT, [name], 1);
  try {
    if (matchesNamed(expected, name, actual)) return SAME;
  } catch (error) {
    return differs(expected, shown, [name], 1, `threw ${String(error)}`);
  }
  const distances = Array.isArray(expected)
    ? [compareValue(expected, values).distance]
    : values.map((value) => compareValue(expected, value).distance);
  return differs(expected, shown, [name], Math.min(...distances));
}
