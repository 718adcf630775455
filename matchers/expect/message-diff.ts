import type { ValueMatcher } from '../pattern/field.js';
import { type Comparison, SAME } from '../pattern/value.js';
import type { BodyHolder } from '../report/body.js';
import { formatDiff } from '../report/diff.js';
import { PLAIN, type Style } from '../report/style.js';
import type { MatcherResult } from './matcher-result.js';

/** The result of holding one field of a request or response against what is expected of it. */
export function messageResult(init: {
  name: string;
  /** `the 402 response to POST https://…` */
  what: string;
  /** `header 'x-trace'`, `JSON`, `status` */
  part: string;
  field: string;
  matcher: ValueMatcher;
  actual: unknown;
  /** Where there is nothing to compare with. */
  missing?: Comparison;
  /** What was held against it. */
  message?: BodyHolder;
  style?: Style | undefined;
}): MatcherResult {
  const { name, what, part, field, matcher, actual, missing, style = PLAIN } = init;
  const { distance, differences } = missing ?? (matcher.matches(actual) ? SAME : matcher.compare(actual));
  const pass = differences.length === 0;
  const verdict = { field, expected: matcher.expected, actual, pass, distance, weight: 1, differences };
  const message = () =>
    pass
      ? `The ${part} of ${what} is as given; expected it not to be.`
      : [
          `The ${part} of ${what} is not as expected.`,
          '',
          '(- expected, + received)',
          ...formatDiff({ pass, distance, fields: [verdict] }, style, init.message).map((line) => `  ${line}`),
        ].join('\n');
  return { name, pass, message, expected: matcher.expected, actual };
}
