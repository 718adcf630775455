/** Patterns over names that may have several values each: headers, query parameters, cookies, form fields, parts. */
import { types } from 'node:util';
import { ABSENT, isAsymmetric, isPlainObject, writeKey } from '../values/format.js';
import { invalidPattern } from '../values/invalid-pattern.js';
import { type Comparison, compareValue, differs, isExactly, joined, matchesValue, SAME } from '../values/value.js';
import { nearest, type ValueMatcher, valueMatcher } from './field.js';

/** The names and values that such a pattern is held against. */
export interface NamedValues {
  /** All names, each once; needed for `exactly`. */
  names?(): readonly string[];
  /** A name as {@link names} has it, where case does not matter. */
  canonical?(name: string): string;
  /** All values of the name, in order; empty where it is absent. */
  values(name: string): readonly unknown[];
  /** The values as one, where the format defines that (headers). */
  joined?(name: string): string | undefined;
  /** The whole, for predicates and asymmetric matchers: repeated names give arrays, unless they can be joined. */
  all(): unknown;
}

/** The format of such a pattern's values. */
export interface NamedFormat {
  /** One value; the default is a string, or what can stand for one. Undefined where it is none. */
  readonly compile?: (value: unknown, name: string) => ValueMatcher | undefined;
  /** The form of a value; the default fits the default of `compile`. */
  readonly values?: string;
  /** The owner of the names, and which ones it can have; the default is any. */
  readonly names?: { readonly of: string; readonly are: RegExp };
}

/** Judges all values of one name. */
interface Entry {
  readonly name: string;
  matches(values: readonly unknown[], joined: string | undefined): boolean;
  compare(values: readonly unknown[], joined: string | undefined): Comparison;
}

const TEXTS = 'a string, RegExp, predicate, asymmetric matcher';

/**
 * Reads `{ name: value }`, where a value is a literal, a RegExp, a predicate, an asymmetric matcher,
 * a list of all the values, or null for "absent". A repeated name matches by any of its values; in
 * `exactly({ … })` it has to be written as a list, and there are no other names.
 */
export function recordMatcher(
  key: string,
  pattern: unknown,
  example: string,
  { compile = compileText, values = TEXTS, names }: NamedFormat = {},
): ValueMatcher {
  const exact = isExactly(pattern);
  const record: unknown = exact ? pattern.sample : pattern;
  if (!exact && (typeof record === 'function' || isAsymmetric(record))) {
    return {
      expected: pattern,
      matches: (actual) => matchesValue(pattern, (actual as NamedValues).all()),
      compare: (actual) => compareValue(pattern, (actual as NamedValues).all()),
    };
  }
  if (!isPlainObject(record)) {
    const why = `'${key}' is an object of names and values, or a predicate`;
    throw invalidPattern({ [key]: pattern }, why, example);
  }
  const entries = Object.entries(record).map(([name, value]) => {
    if (names !== undefined && !names.are.test(name)) {
      throw invalidPattern({ [key]: { [name]: value } }, `no ${names.of} can have the name '${name}'`, example);
    }
    const entry = readEntry(name, value, compile, exact);
    if (entry !== undefined) return entry;
    const why =
      value === undefined
        ? `the value of '${name}' is undefined; null stands for "absent"`
        : `the value of '${name}' must be ${values}, a list of these, or null`;
    const write = typeof value === 'number' ? `{ ${key}: { ${writeKey(name)}: '${value}' } }` : example;
    throw invalidPattern({ [key]: { [name]: value } }, why, write);
  });
  return {
    expected: pattern,
    matches: (actual) => {
      const named = actual as NamedValues;
      if (exact && unnamed(entries, named).length > 0) return false;
      return entries.every(({ name, matches }) => matches(named.values(name), named.joined?.(name)));
    },
    compare: (actual) => {
      const named = actual as NamedValues;
      const parts = entries.map(({ name, compare }) => compare(named.values(name), named.joined?.(name)));
      const others = exact ? unnamed(entries, named) : [];
      return joined([...parts, ...others.map((name) => differs(ABSENT, shown(named.values(name)), [name], 1))]);
    },
  };
}

/** The names that no entry speaks of: entries may write them in another case where the format ignores it. */
function unnamed(entries: readonly Entry[], named: NamedValues): readonly string[] {
  const spoken = new Set(entries.map(({ name }) => named.canonical?.(name) ?? name));
  return named.names?.().filter((name) => !spoken.has(name)) ?? [];
}

/** A string, or what can stand for one. */
export function isValuePattern(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'function' || types.isRegExp(value) || isAsymmetric(value);
}

function compileText(value: unknown): ValueMatcher | undefined {
  return isValuePattern(value) ? valueMatcher(value) : undefined;
}

function readEntry(
  name: string,
  value: unknown,
  compile: NonNullable<NamedFormat['compile']>,
  exact: boolean,
): Entry | undefined {
  if (value === null) return absentEntry(name);
  if (Array.isArray(value)) {
    const matchers = value.map((one) => compile(one, name)).filter((matcher) => matcher !== undefined);
    return matchers.length === value.length ? listEntry(name, matchers) : undefined;
  }
  const matcher = compile(value, name);
  if (matcher === undefined) return undefined;
  return exact ? onlyEntry(name, matcher) : anyEntry(name, matcher);
}

function absentEntry(name: string): Entry {
  return {
    name,
    matches: (values) => values.length === 0,
    compare: (values) => (values.length === 0 ? SAME : differs(ABSENT, shown(values), [name], 1)),
  };
}

/** Any of the values, or all of them as one. */
function anyEntry(name: string, matcher: ValueMatcher): Entry {
  return candidateEntry(name, matcher, (values, joined) =>
    values.length > 1 && joined !== undefined ? [...values, joined] : values,
  );
}

/** The only value, or all of them as one. */
function onlyEntry(name: string, matcher: ValueMatcher): Entry {
  return candidateEntry(name, matcher, (values, joined) => {
    if (values.length < 2) return values;
    return joined === undefined ? [] : [joined];
  });
}

function candidateEntry(
  name: string,
  matcher: ValueMatcher,
  candidatesOf: (values: readonly unknown[], joined: string | undefined) => readonly unknown[],
): Entry {
  return {
    name,
    matches: (values, joined) => candidatesOf(values, joined).some((value) => matcher.matches(value)),
    compare: (values, joined) => {
      if (values.length === 0) return differs(matcher.expected, ABSENT, [name], 1);
      const { distance, differences } = nearest(matcher, candidatesOf(values, joined), shown(values));
      // A single value is told where inside it differs.
      if (values.length !== 1 && distance > 0) return differs(matcher.expected, values, [name], distance);
      return { distance, differences: differences.map((one) => ({ ...one, path: [name, ...one.path] })) };
    },
  };
}

/** All values, one by one. */
function listEntry(name: string, matchers: readonly ValueMatcher[]): Entry {
  const expected = matchers.map((matcher) => matcher.expected);
  return {
    name,
    matches: (values) =>
      values.length === matchers.length && matchers.every((matcher, index) => matcher.matches(values[index])),
    compare: (values) => {
      if (values.length === 0 && expected.length > 0) return differs(expected, ABSENT, [name], 1);
      const parts = matchers.map((matcher, index) =>
        index < values.length ? matcher.compare(values[index]) : differs(matcher.expected, ABSENT),
      );
      const more = values.slice(matchers.length).map((value) => differs(ABSENT, value));
      const { distance } = joined([...parts, ...more]);
      return distance === 0 ? SAME : differs(expected, shown(values), [name], distance);
    },
  };
}

function shown(values: readonly unknown[]): unknown {
  return values.length === 1 ? values[0] : values;
}
