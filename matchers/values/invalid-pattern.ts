import { TestError } from '../../src/errors.js';
import { formatWritten, withoutSecrets } from './written.js';

/** An example where everything is right; shown where a pattern has nothing of its own to mend. */
export const EXAMPLE_PATTERN = `'POST https://api.pay.test/v1/charges' or { method: 'POST', url: 'https://api.pay.test/**' }`;

/** The error for a pattern that says nothing sensible: the offending value, what is wrong, how to write it. */
export function invalidPattern(value: unknown, why: string, write: string): TestError {
  return new TestError(
    'WAYLAY_INVALID_PATTERN',
    `Invalid pattern ${formatWritten(value)}: ${withoutSecrets(why)}. Write ${withoutSecrets(write)}.`,
  );
}
