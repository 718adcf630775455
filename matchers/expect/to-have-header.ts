import { headersObject, headerValue, headerValues } from '../../src/exchange/headers.js';
import { recordMatcher } from '../pattern/named-values.js';
import type { ValuePattern } from '../pattern/pattern.js';
import { formatValue } from '../report/format.js';
import { hide } from '../report/mask.js';
import { PLAIN } from '../report/style.js';
import { isMessage, type MatcherContext, type MatcherResult, wrongReceived } from './matcher-result.js';
import { messageResult } from './message-diff.js';

const NAME = 'toHaveHeader';

/**
 * `expect(request).toHaveHeader(name, value)`: the request or response has the field; with a value,
 * the field has it (a repeated field: any of its lines, or all in a list); null: it is absent.
 *
 * @example
 * expect(request).toHaveHeader('idempotency-key', /^[0-9a-f-]{36}$/);
 */
export function toHaveHeader(
  received: unknown,
  name: string,
  expected?: ValuePattern<string> | readonly ValuePattern<string>[] | null,
  { style = PLAIN }: MatcherContext = {},
): MatcherResult {
  if (!isMessage(received)) throw wrongReceived(NAME, received, 'the request or the response of an exchange');
  if (typeof name !== 'string') throw wrongReceived(NAME, name, `a header's name`);
  const value = expected === undefined ? /^/ : expected;
  const matcher = recordMatcher('headers', { [name]: value }, `toHaveHeader('accept', /html/)`);
  const { rawHeaders } = received;
  const actual = {
    values: (key: string) => headerValues(rawHeaders, key),
    joined: (key: string) => headerValue(rawHeaders, key),
    all: () => headersObject(rawHeaders),
  };
  const part = `header ${formatValue(name)}`;
  const result = messageResult({ name: NAME, what: String(received), part, field: 'headers', matcher, actual, style });
  // Runners show these two as well.
  const shown = (it: unknown) => (style.mask.has(name) ? hide(it) : it);
  return { ...result, expected: shown(value), actual: shown(actual.joined(name)) };
}
