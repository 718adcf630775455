import type { Narrowing } from '../expect-request/expect-request.js';
import { readExpectation } from '../expect-request/expectation-options.js';
import { Tally } from '../expect-request/tally.js';
import { AT_LEAST_ONCE, describeRange, type Range, requests } from '../expect-request/times.js';
import { waitFor } from '../expect-request/wait.js';
import type { Pattern } from '../pattern/pattern.js';
import { isObject } from '../report/format.js';
import { reportExpectation } from '../report/report.js';
import { TRAFFIC, type Traffic } from '../traffic.js';
import { type MatcherContext, type MatcherResult, wrongReceived } from './matcher-result.js';

const NAME = 'toHaveReceived';

/**
 * `expect(waylay).toHaveReceived(pattern, { times, timeout, …narrowing })`: looks at all that came in
 * this test and waits for what is missing. With `.not` it looks once, at what has come by now.
 *
 * @example
 * await expect(waylay).toHaveReceived('POST https://api.pay.test/v1/charges', { times: 2 });
 * await expect(waylay).not.toHaveReceived('https://tracker.test/**');
 */
export async function toHaveReceived(
  received: unknown,
  pattern: Pattern,
  narrowing?: Narrowing,
  context: MatcherContext = {},
): Promise<MatcherResult> {
  const traffic = trafficOf(received);
  const byDefault = { ...traffic, timeout: context.timeout ?? traffic.timeout };
  const expectation = readExpectation(byDefault, pattern, narrowing);
  const { range, timeout } = expectation;
  const tally = new Tally(traffic.journal, expectation.pattern);
  // What must not come is seen before its body is; what is waited for is complete.
  const looksOnce = context.isNot === true || range.max === 0;
  const seen = () => (looksOnce ? tally.matchedSoFar : tally.matched);
  const pass = looksOnce ? isWithin(range, seen().length) : await comes(traffic, timeout, range, seen);
  const matched = seen();
  const negated = range === AT_LEAST_ONCE ? 'no request' : `not ${describeRange(range)}`;
  const expected = context.isNot ? negated : describeRange(range);
  const message = () =>
    reportExpectation({
      pattern: expectation.pattern,
      // Behind `.not` too many came, however many these are.
      range: context.isNot ? { min: 0, max: -1 } : range,
      expected,
      matched,
      exchanges: traffic.journal.exchanges,
      forgotten: traffic.journal.forgotten,
      when: looksOnce || matched.length > range.max ? 'so far' : `within ${timeout} ms`,
      style: traffic,
    });
  return { name: NAME, pass, message, expected, actual: requests(matched.length) };
}

function comes(traffic: Traffic, timeout: number, range: Range, seen: () => readonly unknown[]): Promise<boolean> {
  const decide = () => {
    const { length } = seen();
    return length < range.min ? undefined : length <= range.max;
  };
  return waitFor(traffic, timeout, decide, () => new Error('the time is up')).catch(() => false);
}

function isWithin({ min, max }: Range, count: number): boolean {
  return count >= min && count <= max;
}

function trafficOf(received: unknown): Traffic {
  if (isObject(received) && TRAFFIC in received) return received[TRAFFIC] as Traffic;
  throw wrongReceived(NAME, received, 'the waylay object: expect(waylay).toHaveReceived(…)');
}
