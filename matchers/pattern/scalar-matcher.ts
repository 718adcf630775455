/** Keys with one value: a literal, a list of which one must match, a RegExp, a predicate, an asymmetric matcher. */
import { types } from 'node:util';
import { canonicalHost } from '../../src/net/host-name.js';
import { nameMatcher } from '../../src/net/host-pattern.js';
import { isAsymmetric, quote } from '../values/format.js';
import { differs, SAME } from '../values/value.js';
import { anyOf, type ValueMatcher, valueMatcher } from './field.js';
import { foreignHint } from './foreign-syntax.js';
import { globToRegExp } from './glob.js';
import { globDistance } from './url-distance.js';

/** The reason why a glob does not match the very text that it seems to be: its braces stand for what is in them. */
function bracesHint(glob: string, actual: string): string | undefined {
  if (!/(?<!\\)\{/.test(glob)) return undefined;
  const written = glob.replace(/(?<!\\)[{}]/g, '\\$&');
  if (!globToRegExp(written).test(actual)) return undefined;
  return `braces in a glob stand for one of what is in them; for braces as they are, write ${quote(written)}`;
}

/** `literal` checks and compiles what is none of the other forms. */
export function scalar(value: unknown, literal: (value: unknown) => ValueMatcher, lists = true): ValueMatcher {
  if (typeof value === 'function' || types.isRegExp(value) || isAsymmetric(value)) return valueMatcher(value);
  if (lists && Array.isArray(value) && value.length > 0) return anyOf(value.map((one) => literal(one)));
  return literal(value);
}

/** A glob over the text of a URL or a part of one, shown as it was written. */
export function globMatcher(
  glob: string,
  shown: string,
  comparable: (actual: string) => string,
  expression = globToRegExp(glob),
): ValueMatcher {
  const hint = foreignHint(shown);
  const matches = (actual: unknown) => typeof actual === 'string' && expression.test(comparable(actual));
  return {
    expected: shown,
    matches,
    compare: (actual) => {
      if (matches(actual)) return SAME;
      if (typeof actual !== 'string') return differs(shown, actual);
      const text = comparable(actual);
      return differs(shown, actual, [], globDistance(glob, text), bracesHint(shown, actual) ?? hint);
    },
  };
}

/** A `HostPattern`'s name over hosts in whatever spelling, shown as it was written. */
export function hostGlobMatcher(name: string, shown: string): ValueMatcher {
  const matchesName = nameMatcher(name);
  const matches = (actual: unknown) => typeof actual === 'string' && matchesName(canonicalHost(actual));
  return {
    expected: shown,
    matches,
    compare: (actual) => {
      if (matches(actual)) return SAME;
      return differs(shown, actual, [], typeof actual === 'string' ? globDistance(name, canonicalHost(actual)) : 1);
    },
  };
}
