import { compilePattern, type Pattern, type RequestPattern } from '../pattern/pattern.js';
import { formatDiff } from '../report/diff.js';
import { written } from '../rule/call-site.js';
import { trafficOf } from '../rule/traffic.js';
import {
  isExchange,
  isMessage,
  type MatcherContext,
  type MatcherResult,
  styleOf,
  wrongReceived,
} from './matcher-result.js';

const NAME = 'toMatchRequest';

/**
 * `expect(request).toMatchRequest(pattern, narrowing)`: the request (or that of an exchange) is one
 * that the pattern selects.
 *
 * @example
 * expect(request).toMatchRequest('POST https://api.pay.test/v1/charges', { json: { amount: 4200 } });
 */
export function toMatchRequest(
  received: unknown,
  pattern: Pattern,
  narrowing?: RequestPattern,
  context: MatcherContext = {},
): MatcherResult {
  return written(() => judge(received, pattern, narrowing, context));
}

function judge(
  received: unknown,
  pattern: Pattern,
  narrowing: RequestPattern | undefined,
  context: MatcherContext,
): MatcherResult {
  const subject = isExchange(received) ? received : { request: received };
  if (!isMessage(subject.request) || !('method' in subject.request)) {
    throw wrongReceived(NAME, received, 'the request of an exchange, or the exchange');
  }
  const { style = styleOf(subject.request) } = context;
  const compiled = compilePattern(pattern, narrowing, { ...trafficOf(subject.request)?.patterns, mask: style.mask });
  const exchange = { ...subject, request: subject.request };
  const verdict = compiled.verdict(isExchange(received) ? received : exchange);
  const message = () =>
    verdict.pass
      ? `${exchange.request} matches ${compiled}; expected it not to.`
      : [
          `${exchange.request} does not match ${compiled}.`,
          '',
          '(- expected, + received)',
          ...formatDiff(verdict, style, exchange.request).map((line) => `  ${line}`),
        ].join('\n');
  return { name: NAME, pass: verdict.pass, message };
}
