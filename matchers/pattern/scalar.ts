/** Keys with one value: a literal, a list of which one must match, a RegExp, a predicate, an asymmetric matcher. */
import { types } from 'node:util';
import { isAsymmetric } from '../report/format.js';
import { anyOf, type ValueMatcher, valueMatcher } from './field.js';
import { globToRegExp } from './glob.js';
import { globDistance } from './url-distance.js';
import { differs, SAME } from './value.js';

/** `literal` checks and compiles what is none of the other forms. */
export function scalar(value: unknown, literal: (value: unknown) => ValueMatcher, lists = true): ValueMatcher {
  if (typeof value === 'function' || types.isRegExp(value) || isAsymmetric(value)) return valueMatcher(value);
  if (lists && Array.isArray(value) && value.length > 0) return anyOf(value.map((one) => literal(one)));
  return literal(value);
}

/** A glob over a text, shown as it was written. */
export function globMatcher(glob: string, shown: string): ValueMatcher {
  const expression = globToRegExp(glob);
  const matches = (actual: unknown) => typeof actual === 'string' && expression.test(actual);
  return {
    expected: shown,
    matches,
    compare: (actual) => {
      if (matches(actual)) return SAME;
      return differs(shown, actual, [], typeof actual === 'string' ? globDistance(glob, actual) : 1);
    },
  };
}
