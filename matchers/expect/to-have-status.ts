import { types } from 'node:util';
import { TestError } from '../../src/errors.js';
import { valueMatcher } from '../pattern/field.js';
import type { ValuePattern } from '../pattern/pattern.js';
import { written } from '../rule/call-site.js';
import { Described, formatValue, isAsymmetric } from '../values/format.js';
import { differs } from '../values/value.js';
import {
  isExchange,
  isMessage,
  type MatcherContext,
  type MatcherResult,
  styleOf,
  wrongReceived,
} from './matcher-result.js';
import { messageResult } from './message-diff.js';

const NAME = 'toHaveStatus';

/**
 * `expect(response).toHaveStatus(status)`: a number, a RegExp over its three digits, or a predicate.
 * An exchange stands for its response.
 *
 * @example
 * expect(response).toHaveStatus(402);
 * expect(response).toHaveStatus(/^2/);
 */
export function toHaveStatus(
  received: unknown,
  expected: ValuePattern<number>,
  context: MatcherContext = {},
): MatcherResult {
  return written(() => judge(received, expected, context));
}

function judge(
  received: unknown,
  expected: ValuePattern<number>,
  { isNot = false, style = styleOf(isExchange(received) ? received.request : received) }: MatcherContext,
): MatcherResult {
  const isPattern = typeof expected === 'function' || types.isRegExp(expected) || isAsymmetric(expected);
  if (!isPattern && !Number.isInteger(expected)) {
    throw new TestError(
      'WAYLAY_INVALID_OPTION',
      `A status cannot be ${formatValue(expected)}. Write toHaveStatus(404) or toHaveStatus(/^4/).`,
    );
  }
  const response = isExchange(received) ? received.response : received;
  const matcher = valueMatcher(expected);
  const result = { name: NAME, part: 'status', field: 'status', matcher, style };
  if (response === undefined || response === null) {
    const actual = new Described('(no response)');
    const what = isExchange(received) ? `the response to ${received}` : 'the response';
    const failed = messageResult({ ...result, what, actual, missing: differs(expected, actual) });
    // Nothing can be said of a response that has not come, behind `.not` as little as before it.
    return isNot ? { ...failed, pass: true } : failed;
  }
  if (!isMessage(response) || !('status' in response))
    throw wrongReceived(NAME, received, 'the response of an exchange');
  const { status } = response;
  const actual = types.isRegExp(expected) ? String(status) : status;
  return messageResult({ ...result, what: String(response), actual, received: response });
}
