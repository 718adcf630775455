import { types } from 'node:util';
import { TestError } from '../../src/errors.js';
import { isAsymmetric } from './format.js';
import { Exactly } from './value.js';

/**
 * The value and no other keys, at any depth inside it; RegExps, predicates and asymmetric matchers
 * work inside as elsewhere. For `json` (the whole or a part), GraphQL variables, `query`, `cookies`,
 * `form`, `multipart` and `headers`, where a repeated name has to be written as a list. Clients add
 * header fields of their own, so that exact `headers` are rarely what you want.
 *
 * @throws {TestError} `WAYLAY_INVALID_PATTERN` for what has no keys: a text, a RegExp, …
 *
 * @example
 * waylay.expectRequest('POST https://api.pay.test/v1/charges', { json: exactly({ amount: 4200 }) })
 * waylay.expectRequest('https://shop.test/items**', { query: exactly({ page: '2' }) })
 */
export function exactly<const T extends object>(value: T): Exactly<T> {
  if (typeof value !== 'object' || value === null || types.isRegExp(value) || isAsymmetric(value)) {
    // The code that shows values knows what is secret: this is imported by all, and that is not to be.
    const message = `Invalid pattern exactly(…) of ${kindOf(value)}: exactly() takes an object or an array. Write exactly({ amount: 4200 }).`;
    const error = new TestError('WAYLAY_INVALID_PATTERN', message);
    // The place to mend is the test's.
    Error.captureStackTrace(error, exactly);
    throw error;
  }
  return new Exactly(value);
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== 'object') return `a ${typeof value}`;
  return types.isRegExp(value) ? 'a RegExp' : 'an asymmetric matcher';
}
