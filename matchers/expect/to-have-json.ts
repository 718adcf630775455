import { jsonField } from '../pattern/body-fields.js';
import { describeUnread, valueMatcher } from '../pattern/field.js';
import type { JsonPattern } from '../pattern/pattern.js';
import { written } from '../rule/call-site.js';
import { type Comparison, differs } from '../values/value.js';
import { isMessage, type MatcherContext, type MatcherResult, styleOf, wrongReceived } from './matcher-result.js';
import { messageResult } from './message-diff.js';

const NAME = 'toHaveJSON';

/**
 * `expect(request).toHaveJSON(expected)`: the body of the request or response is JSON and has what is
 * expected, as a subset.
 *
 * @example
 * expect(response).toHaveJSON({ items: [{ sku: 'cup' }] });
 */
export function toHaveJSON(received: unknown, expected: JsonPattern, context: MatcherContext = {}): MatcherResult {
  return written(() => judge(received, expected, context));
}

function judge(received: unknown, expected: JsonPattern, { style = styleOf(received) }: MatcherContext): MatcherResult {
  if (!isMessage(received)) throw wrongReceived(NAME, received, 'the request or the response of an exchange');
  jsonField(expected); // Refuses what no JSON can equal.
  let actual: unknown;
  let missing: Comparison | undefined;
  try {
    actual = received.json();
  } catch (error) {
    actual = describeUnread(received, error);
    missing = differs(expected, actual);
  }
  const matcher = valueMatcher(expected);
  const what = { name: NAME, what: String(received), part: 'JSON', field: 'json', message: received, received };
  return messageResult({ ...what, matcher, actual, missing, style });
}
