// @ts-check
/**
 * The fixture's cost to a test: the same fifty tests with and without it, in turns, by Playwright's own figures.
 *
 *     npm run bench:overhead            # three rounds
 *     npm run bench:overhead -- 5       # five
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBrowser } from '../scripts/browser.mjs';
import { commandFile, node, root } from '../scripts/command.mjs';
import { isCommand } from './machine/command.mjs';
import { median } from './measure/statistics.mjs';

/**
 * Milliseconds of each test, but for the first, which has the start of the browser in it.
 * @param {any} suite
 * @returns {number[]}
 */
function durations(suite) {
  const own = (suite.specs ?? []).map((/** @type {any} */ spec) => spec.tests[0].results[0].duration);
  return [...own, ...(suite.suites ?? []).flatMap(durations)];
}

/**
 * Milliseconds of a test, the median of each round.
 *
 * @param {number} rounds
 */
export async function overhead(rounds) {
  const browser = await findBrowser();
  const folder = await mkdtemp(join(tmpdir(), 'waylay-bench-'));
  /** @type {Record<'plain' | 'waylay', number[]>} */
  const times = { plain: [], waylay: [] };
  const turns = /** @type {('plain' | 'waylay')[]} */ (Object.keys(times));
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const contestant of turns) {
        const report = join(folder, `${contestant}-${round}.json`);
        const args = [
          'test',
          '-c',
          join(root, 'bench/overhead'),
          '--reporter=json',
          `--output=${join(folder, 'results')}`,
        ];
        const code = await node([commandFile('@playwright/test', 'playwright'), ...args], {
          WAYLAY_BROWSER: browser,
          BENCH_WITH: contestant,
          PLAYWRIGHT_JSON_OUTPUT_FILE: report,
        });
        if (code !== 0) throw new Error(`The tests ${contestant} ended with ${code}.`);
        const { suites } = JSON.parse(await readFile(report, 'utf8'));
        times[contestant].push(median(suites.flatMap(durations).slice(1)));
      }
      // Each comes first as often as last.
      turns.reverse();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return times;
}

if (isCommand(import.meta.url)) {
  const times = await overhead(Number(process.argv[2] ?? 3));
  const [plain, waylay] = [median(times.plain), median(times.waylay)];
  console.log('| 50 trivial tests, Chromium   | ms a test, median | of each round |');
  console.log('| ---------------------------- | ----------------- | ------------- |');
  console.log(
    `| without the fixture          | ${plain.toFixed(1)} | ${times.plain.map((ms) => ms.toFixed(0)).join(', ')} |`,
  );
  console.log(
    `| with it                      | ${waylay.toFixed(1)} | ${times.waylay.map((ms) => ms.toFixed(0)).join(', ')} |`,
  );
  console.log(
    `| added                        | ${(waylay - plain).toFixed(1)} | ratio ${(waylay / plain).toFixed(2)} |`,
  );
}
