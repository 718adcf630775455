/** The longest that a timer of Node runs: 2^31 - 1 milliseconds, some 24 days. */
const LONGEST = 2 ** 31 - 1;

/** True if the value is a time that can be waited for, from 0 up. */
export function isMilliseconds(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= LONGEST;
}
