// @ts-check
/** Failures, a line each, for the end of an output whose beginning may be long gone. */
import { relative } from 'node:path';
import { root } from './command.mjs';

/**
 * Reads a report by Vitest's json reporter: tests, and files that did not load.
 *
 * @param {any} report undefined where there is none
 * @returns {string[]}
 */
export function vitestFailures(report) {
  return (report?.testResults ?? []).flatMap((/** @type {any} */ { name, status, message, assertionResults }) => {
    const file = relative(root, name);
    const failed = assertionResults.filter((/** @type {any} */ test) => test.status === 'failed');
    return failed.length === 0 && status === 'failed'
      ? [line(file, message)]
      : failed.map((/** @type {any} */ test) => line(`${file} > ${test.fullName}`, test.failureMessages[0]));
  });
}

/**
 * @param {string} what
 * @param {string | undefined} message of which the first line is shown
 */
function line(what, message) {
  const [first] = (message ?? '').trim().split('\n');
  return first ? `${what}: ${first}` : what;
}
