import { TestError } from '../../src/errors.js';
import { formatValue, isPlainObject } from '../values/format.js';

/** The number of times: exactly so many, or at least `min` (default 0) and at most `max` (default any number). */
export type Times = number | { readonly min?: number | undefined; readonly max?: number | undefined };

/** The number of times, with the defaults filled in. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** The range where nothing is said: at least once. */
export const AT_LEAST_ONCE: Range = { min: 1, max: Number.POSITIVE_INFINITY };

/** @throws {TestError} `WAYLAY_INVALID_OPTION` */
export function readTimes(times: unknown): Range {
  if (times === undefined) return AT_LEAST_ONCE;
  if (isCount(times)) return { min: times, max: times };
  if (isPlainObject(times)) {
    const { min = 0, max = Number.POSITIVE_INFINITY, ...others } = times;
    const isBound = (bound: unknown): bound is number => isCount(bound) || bound === Number.POSITIVE_INFINITY;
    if (isCount(min) && isBound(max) && min <= max && Object.keys(others).length === 0) return { min, max };
  }
  throw new TestError(
    'WAYLAY_INVALID_OPTION',
    `The option 'times' cannot be ${formatValue(times)}. Write times: 2, times: 0 or times: { min: 1, max: 3 }.`,
  );
}

/** @throws {TestError} `WAYLAY_INVALID_OPTION` */
export function readTimeout(timeout: unknown, byDefault: number): number {
  if (timeout === undefined) return byDefault;
  // The longest time of setTimeout; Infinity waits until the proxy is stopped.
  if (timeout === Number.POSITIVE_INFINITY) return timeout;
  if (typeof timeout === 'number' && timeout >= 0 && timeout < 2 ** 31) return timeout;
  throw new TestError(
    'WAYLAY_INVALID_OPTION',
    `The option 'timeout' cannot be ${formatValue(timeout)}. Write timeout: 5000 (milliseconds).`,
  );
}

/** True if the value counts something. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** `exactly 2 requests`, `at least 1 request`, `no request`, … */
export function describeRange({ min, max }: Range): string {
  if (max === 0) return 'no request';
  if (min === max) return `exactly ${requests(min)}`;
  if (max === Number.POSITIVE_INFINITY) return min === 0 ? 'any number of requests' : `at least ${requests(min)}`;
  return min === 0 ? `at most ${requests(max)}` : `${min} to ${requests(max)}`;
}

/** `1 request`, `2 requests` */
export function requests(count: number): string {
  return count === 1 ? '1 request' : `${count.toLocaleString('en')} requests`;
}
