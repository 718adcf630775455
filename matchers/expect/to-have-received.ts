import { TestError } from '../../src/errors.js';
import type { Narrowing } from '../expect-request/expectation.js';
import { readExpectation } from '../expect-request/expectation-options.js';
import { MatchCounter } from '../expect-request/match-counter.js';
import { describeEnd, type WaitEnd, waitFor } from '../expect-request/wait.js';
import type { Pattern } from '../pattern/pattern.js';
import { reportExpectation } from '../report/report.js';
import { type CallSite, written } from '../rule/call-site.js';
import { AT_LEAST_ONCE, describeRange, type Range } from '../rule/times.js';
import { type Traffic, trafficOf } from '../rule/traffic.js';
import { isMessage, type MatcherContext, type MatcherResult, wrongReceived } from './matcher-result.js';

const NAME = 'toHaveReceived';

/**
 * `expect(waylay).toHaveReceived(pattern, { times, timeout, …narrowing })`: looks at all that came in
 * this test and waits for what is missing. With `.not`, and with `times: 0`, it looks at what has come
 * by now; where the call gives a `timeout`, it goes on looking for so long.
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
  return written((site) => judge(received, pattern, narrowing, context, site));
}

function judge(
  received: unknown,
  pattern: Pattern,
  narrowing: Narrowing | undefined,
  context: MatcherContext,
  site: CallSite,
): Promise<MatcherResult> {
  const traffic = trafficOf(received);
  if (traffic === undefined || isMessage(received)) {
    throw wrongReceived(NAME, received, 'the waylay object: expect(waylay).toHaveReceived(…)');
  }
  const byDefault = { ...traffic, timeout: context.timeout ?? traffic.timeout };
  const { pattern: compiled, range, timeout, timed } = readExpectation(byDefault, pattern, narrowing);
  const counter = new MatchCounter(traffic.journal, compiled);
  // Unwanted requests are seen before their bodies are; one that is waited for is complete.
  const unwanted = context.isNot === true || range.max === 0;
  const seen = () => (unwanted ? counter.matchedSoFar : counter.matched);
  const looksOnce = unwanted && !timed;
  const result = (ended?: WaitEnd) => {
    const matched = seen();
    const pass = isWithin(range, matched.length);
    const expected = context.isNot ? negated(range) : describeRange(range);
    const message = () =>
      reportExpectation({
        pattern: compiled,
        // Behind `.not` too many came, or too few where none was not to be.
        range: context.isNot ? (range.max === 0 ? AT_LEAST_ONCE : { min: 0, max: -1 }) : range,
        expected,
        matched,
        exchanges: traffic.journal.exchanges,
        forgotten: traffic.journal.forgotten,
        offWire: traffic.runner?.offWire(),
        when: ended === undefined ? 'so far' : describeEnd(ended, timeout),
        style: traffic,
      });
    return { name: NAME, pass, message };
  };
  if (looksOnce) return Promise.resolve(result());
  const asked = { title: `expect(waylay).${context.isNot ? 'not.' : ''}${NAME}: ${compiled}`, site, told: false };
  traffic.asked.add(asked);
  const forget = () => void traffic.asked.delete(asked);
  return (
    watch(traffic, timeout, range, unwanted, () => seen().length)
      // Nobody is there to be told again.
      .then(
        (why) =>
          why === 'stopped' && asked.told ? { name: NAME, pass: !context.isNot, message: () => '' } : result(why),
        (error: unknown) => {
          throw error instanceof TestError ? site.placed(error) : error;
        },
      )
      .finally(forget)
  );
}

/** Watches until more requests would change nothing or, for what is wanted, there are enough; undefined where that came before the end. */
function watch(
  traffic: Traffic,
  timeout: number,
  range: Range,
  unwanted: boolean,
  count: () => number,
): Promise<WaitEnd | undefined> {
  const isSettled = () => {
    const enough = count() >= range.min && (!unwanted || range.max === Number.POSITIVE_INFINITY);
    return enough || count() > range.max ? 'settled' : undefined;
  };
  return waitFor<WaitEnd | 'settled'>(traffic, timeout, isSettled, (why) => why).then((end) =>
    end === 'settled' ? undefined : end,
  );
}

function isWithin({ min, max }: Range, count: number): boolean {
  return count >= min && count <= max;
}

function negated(range: Range): string {
  if (range === AT_LEAST_ONCE) return 'no request';
  return range.max === 0 ? describeRange(AT_LEAST_ONCE) : `not ${describeRange(range)}`;
}
