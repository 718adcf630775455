import { TestError } from '../../src/errors.js';

/**
 * The error for a Waylay that is used after its end.
 * @param what was asked of it, as a sentence goes on: `stubResponse does nothing`
 */
export function endedError(what: string): TestError {
  return new TestError(
    'WAYLAY_ENDED',
    `This Waylay's test has ended, or it was stopped, so ${what}. Use the waylay of the test that is running, and keep none for later tests.`,
  );
}
