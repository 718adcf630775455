import { type ErrorCode, TestError } from '../../src/errors.js';
import type { Exchange } from '../../src/exchange/exchange.js';
import type { ExpectedRequest } from '../expect-request/expect-request.js';

const MOST_SHOWN = 10;

/**
 * What the end of a test has to say: unmet expectations that nobody was told of, handlers that
 * threw, requests that were refused; one error with all of it, undefined where all is well.
 */
export function verifyAtEnd(
  expectations: readonly ExpectedRequest[],
  exchanges: readonly Exchange[],
): TestError | undefined {
  const unmet = expectations.flatMap((expectation) => expectation.problem() ?? []);
  const threw = errorsOf(exchanges, 'WAYLAY_HANDLER');
  const refused = errorsOf(exchanges, 'WAYLAY_REFUSED');
  const problems = [...unmet, ...threw, ...refused];
  const [only] = problems;
  if (only === undefined) return undefined;
  const code = unmet.length > 0 ? 'WAYLAY_EXPECTATION' : threw.length > 0 ? 'WAYLAY_HANDLER' : 'WAYLAY_REFUSED';
  const cause = exchanges.find(({ error }) => error?.code === 'WAYLAY_HANDLER')?.error?.cause;
  return new TestError(code, problems.length === 1 ? only : numbered(problems), { cause });
}

/** The errors of one code, each sentence once, with how often it came. */
function errorsOf(exchanges: readonly Exchange[], code: ErrorCode): string[] {
  const counts = new Map<string, number>();
  for (const { error } of exchanges) {
    if (error?.code === code) counts.set(error.message, (counts.get(error.message) ?? 0) + 1);
  }
  return [...counts].map(([message, count]) => (count === 1 ? message : `${message}\n(${count} times)`));
}

function numbered(problems: readonly string[]): string {
  const shown = problems
    .slice(0, MOST_SHOWN)
    .map((problem, index) => `${index + 1}) ${problem.replace(/\n(?=.)/g, '\n   ')}`);
  const more = problems.length - shown.length;
  const rest = more > 0 ? [`and ${more} more.`] : [];
  return [`${problems.length} problems with this test's traffic:`, ...shown, ...rest].join('\n\n');
}
