// @ts-check
import { overhead } from '../overhead.mjs';

/** What the fixture costs a test. */
export const fixture = {
  name: 'fixture',
  /**
   * @param {import('../machine/bench.mjs').Bench} bench
   * @returns {Promise<import('../measure/result.mjs').Result>}
   */
  async run(bench) {
    const { plain, waylay } = await overhead(bench.rounds);
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
