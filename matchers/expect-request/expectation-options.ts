import { type CompiledPattern, compilePattern, type Pattern, type RequestPattern } from '../pattern/pattern.js';
import { type Range, readTimeout, readTimes } from '../rule/times.js';
import type { Traffic } from '../rule/traffic.js';
import { formatValue, isPlainObject } from '../values/format.js';
import { invalidPattern } from '../values/invalid-pattern.js';

/** The names that are options where a pattern is narrowed. */
const OPTIONS = ['times', 'timeout'] as const;

/** An expectation as read from its arguments. */
export interface ReadExpectation {
  readonly pattern: CompiledPattern;
  readonly range: Range;
  readonly timeout: number;
  /** The call itself gave the timeout. */
  readonly timed: boolean;
}

/**
 * Reads a pattern with what narrows and limits it.
 * @throws {TestError} `WAYLAY_INVALID_PATTERN`, `WAYLAY_INVALID_OPTION`
 */
export function readExpectation(
  traffic: Pick<Traffic, 'timeout' | 'patterns' | 'mask'>,
  pattern: Pattern,
  narrowing: unknown = {},
): ReadExpectation {
  if (!isPlainObject(narrowing)) {
    const write =
      typeof narrowing === 'number' ? `{ times: ${formatValue(narrowing)} }` : '{ json: { amount: 4200 }, times: 1 }';
    throw invalidPattern(narrowing, 'what narrows a pattern is an object', write);
  }
  const { times, timeout, ...keys } = narrowing;
  const { patterns, mask } = traffic;
  return {
    pattern: compilePattern(pattern, keys as RequestPattern, { ...patterns, mask, others: OPTIONS }),
    range: readTimes(times),
    timeout: readTimeout(timeout, traffic.timeout),
    timed: timeout !== undefined,
  };
}
