import { headersObject, headerValue, headerValues } from '../../src/http/headers.js';
import type { ValueMatcher } from '../pattern/field.js';
import { recordMatcher } from '../pattern/named-values.js';
import type { ValuePattern } from '../pattern/pattern.js';
import { written } from '../rule/call-site.js';
import { Described, formatValue } from '../values/format.js';
import { hide } from '../values/mask.js';
import { isMessage, type MatcherContext, type MatcherResult, styleOf, wrongReceived } from './matcher-result.js';
import { messageResult } from './message-diff.js';

const NAME = 'toHaveHeader';
const ANY_VALUE = new Described('any value');

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
  context: MatcherContext = {},
): MatcherResult {
  return written(() => judge(received, name, expected, context));
}

function judge(
  received: unknown,
  name: string,
  expected: ValuePattern<string> | readonly ValuePattern<string>[] | null | undefined,
  { style = styleOf(received) }: MatcherContext,
): MatcherResult {
  if (!isMessage(received)) throw wrongReceived(NAME, received, 'the request or the response of an exchange');
  if (typeof name !== 'string') throw wrongReceived(NAME, name, `a header's name`);
  const value = expected === undefined ? /^/ : expected;
  const named = recordMatcher('headers', { [name]: value }, `toHaveHeader('accept', /html/)`);
  const matcher = expected === undefined ? ofAnyValue(named) : named;
  const { rawHeaders } = received;
  const actual = {
    values: (key: string) => headerValues(rawHeaders, key),
    joined: (key: string) => headerValue(rawHeaders, key),
    all: () => headersObject(rawHeaders),
  };
  const part = `header ${formatValue(name)}`;
  const may = (it: unknown) => (style.mask.header(name) ? hide(it) : style.mask.at('headers', [name], it));
  const shown = {
    expected: expected === undefined ? ANY_VALUE : may(value),
    actual: may(actual.joined(name)),
  };
  return messageResult({
    name: NAME,
    what: String(received),
    received,
    part,
    field: 'headers',
    matcher,
    actual,
    style,
    shown,
  });
}

/** No value was asked for, so none is shown as expected. */
function ofAnyValue(matcher: ValueMatcher): ValueMatcher {
  return {
    ...matcher,
    compare: (actual) => {
      const { distance, differences } = matcher.compare(actual);
      return { distance, differences: differences.map((difference) => ({ ...difference, expected: ANY_VALUE })) };
    },
  };
}
