// @ts-check
import { overhead } from '../overhead.mjs';

// A test takes some 400 ms, of which each start of a browser has its own 50 more or less.
const ROUNDS = 8;

/** The fixture's cost to a test. */
export const fixture = {
  name: 'fixture',
  /**
   * @param {import('../machine/bench.mjs').Bench} bench
   * @returns {Promise<import('../measure/result.mjs').Result>}
   */
  async run(bench) {
    const { plain, waylay } = await overhead(Math.max(bench.rounds, ROUNDS));
    return {
      name: 'fixture',
      title: '50 trivial tests in Chromium, by Playwright’s own figures',
      rows: [
        { name: 'without the fixture', figures: { 'ms a test': plain } },
        { name: 'waylay', figures: { 'ms a test': waylay } },
      ],
      goals: [{ above: 'without the fixture', below: 20 }],
    };
  },
};
