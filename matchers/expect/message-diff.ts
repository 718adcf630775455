import type { Request, Response } from '../../src/journal/message.js';
import type { ValueMatcher } from '../pattern/field.js';
import type { BodyHolder } from '../report/body.js';
import { formatDiff } from '../report/diff.js';
import { placeOf } from '../report/listing.js';
import { formatValue } from '../values/format.js';
import type { Style } from '../values/style.js';
import { type Comparison, SAME } from '../values/value.js';
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
  /** The comparison where there is nothing to compare with. */
  missing?: Comparison | undefined;
  /** The message whose field it is, where there is one. */
  received?: Request | Response | undefined;
  /** The message that was held against it. */
  message?: BodyHolder | undefined;
  style: Style;
  /** The values that may be shown of both, where they are not what is compared. */
  shown?: { readonly expected: unknown; readonly actual: unknown } | undefined;
}): MatcherResult {
  const { name, what, part, field, matcher, actual, missing, style } = init;
  const shown = init.shown ?? { expected: matcher.expected, actual };
  const { distance, differences } = missing ?? (matcher.matches(actual) ? SAME : matcher.compare(actual));
  const pass = differences.length === 0;
  const verdict = { field, expected: matcher.expected, actual, pass, distance, weight: 1, differences };
  const message = () =>
    pass
      ? [
          `The ${part} of ${what} is what it was expected not to be.`,
          '',
          `Expected: not ${style.colors.expected(formatValue(shown.expected))}`,
          `Received: ${style.colors.received(formatValue(shown.actual))}`,
          ...byRules(init.received),
        ].join('\n')
      : [
          `The ${part} of ${what} is not as expected.`,
          '',
          '(- expected, + received)',
          ...formatDiff({ pass, distance, fields: [verdict] }, style, init.message).map((line) => `  ${line}`),
          ...byRules(init.received),
        ].join('\n');
  return { name, pass, message };
}

/** Names the rules that made the response what it is; a request is as the client sent it. */
function byRules(received: Request | Response | undefined): string[] {
  if (received === undefined || !('status' in received)) return [];
  const { rules = [], original } = received.intervention ?? {};
  const changed = original !== undefined && original !== received;
  const lines = rules.flatMap((rule) => {
    const named = `the ${rule.kind} ${rule.pattern} (${placeOf(rule)})`;
    if (rule.kind === 'stub') return [`It came from ${named}.`];
    return changed ? [`It was changed by ${named}.`] : [];
  });
  return lines.length === 0 ? [] : ['', ...lines];
}
