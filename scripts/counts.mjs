// @ts-check
/** Tests that passed, failed and were skipped, read from what the runners report. */

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/**
 * Reads a report by Vitest's json reporter.
 *
 * @param {any} report undefined where there is none
 * @param {number} exitCode
 * @returns {Counts}
 */
export function vitestCounts(report, exitCode) {
  return judged(
    {
      passed: report?.numPassedTests ?? 0,
      failed: report?.numFailedTests ?? 0,
      skipped: (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0),
    },
    exitCode,
  );
}

/**
 * Reads a report by Playwright's json reporter. Flaky tests passed in the end.
 *
 * @param {any} report undefined where there is none
 * @param {number} exitCode
 * @returns {Counts}
 */
export function playwrightCounts(report, exitCode) {
  const stats = report?.stats;
  return judged(
    {
      passed: (stats?.expected ?? 0) + (stats?.flaky ?? 0),
      failed: stats?.unexpected ?? 0,
      skipped: stats?.skipped ?? 0,
    },
    exitCode,
  );
}

/**
 * A file that does not load, an error outside of tests, and a run in which nothing ran are failures
 * that no test's result shows.
 *
 * @param {Counts} counts
 * @param {number} exitCode
 * @returns {Counts}
 */
function judged(counts, exitCode) {
  const invisible = counts.failed === 0 && (exitCode !== 0 || counts.passed === 0);
  return invisible ? { ...counts, failed: 1 } : counts;
}

/**
 * @param {readonly Counts[]} all
 * @returns {Counts}
 */
export function sum(all) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const one of all) {
    total.passed += one.passed;
    total.failed += one.failed;
    total.skipped += one.skipped;
  }
  return total;
}

/**
 * @param {Counts} counts
 * @returns {string} `12 passed, 0 failed, 1 skipped`
 */
export function summary({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
