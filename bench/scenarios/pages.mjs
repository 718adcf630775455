// @ts-check
/** A page in Chromium that fetches 300 times at once, by the clock of the page. */
import { createRequire } from 'node:module';
import { findBrowser } from '../../scripts/browser.mjs';
import { add } from './side-by-side.mjs';

/** @typedef {import('@playwright/test').BrowserContext} BrowserContext */

/**
 * @typedef {object} Comparison
 * @property {number} rounds
 * @property {string} currency what the answers have to say
 * @property {Record<string, () => Promise<BrowserContext>>} contestants
 */

const FETCHES = 300;

export const pages = {
  name: 'pages',
  /**
   * @param {import('../machine/bench.mjs').Bench} bench
   * @returns {Promise<import('../measure/result.mjs').Result>}
   */
  async run(bench) {
    /** @type {typeof import('../../fixtures/standalone.js')} */
    const { startWaylay } = await import(new URL('../../dist/esm/fixtures/standalone.js', import.meta.url).href);
    /** @type {typeof import('@playwright/test')} */
    const { chromium } = createRequire(import.meta.url)('@playwright/test');
    const origin = `https://localhost:${bench.ports.https}`;
    const options = { trustedRoots: bench.identity?.ca ?? '' };
    // In this process, as in a test.
    const [forwarding, mutating] = [await startWaylay(options), await startWaylay(options)];
    mutating.mutate('**/json?*', { response: { json: (/** @type {any} */ json) => ({ ...json, currency: 'EUR' }) } });
    const pins = [forwarding.spki, bench.identity?.spki].join(',');
    const browser = await chromium.launch({
      executablePath: await findBrowser(),
      args: [`--ignore-certificate-errors-spki-list=${pins}`],
    });
    // Two comparisons of their own: the page that takes half a minute must not be what goes before the others.
    /** @type {Comparison[]} */
    const comparisons = [
      {
        // Pages differ by a quarter from round to round: the median of few says little.
        rounds: bench.rounds * 8,
        currency: 'CHF',
        contestants: {
          direct: () => browser.newContext(),
          waylay: () => browser.newContext({ proxy: { server: forwarding.url } }),
          'page.route + continue': async () => {
            const context = await browser.newContext();
            await context.route('**/json?*', (route) => route.continue());
            return context;
          },
        },
      },
      {
        rounds: bench.rounds,
        currency: 'EUR',
        contestants: {
          'waylay, mutating': () => browser.newContext({ proxy: { server: mutating.url } }),
          'page.route + fetch + fulfill': async () => {
            // Its requests are Node's, which does not know the pin.
            const context = await browser.newContext({ ignoreHTTPSErrors: true });
            await context.route('**/json?*', async (route) => {
              // Without a limit: of 300 at once the last ones wait for longer than the 30 s that it has by default.
              const response = await route.fetch({ timeout: 0 });
              await route.fulfill({ response, json: { ...(await response.json()), currency: 'EUR' } });
            });
            return context;
          },
        },
      },
    ];
    /** @type {import('../measure/result.mjs').Row[]} */
    const rows = [];
    /** @type {string[]} */
    const notes = [];
    try {
      for (const { rounds, currency, contestants } of comparisons) {
        const turns = Object.entries(contestants).map(([name, open]) => ({ open, row: { name, figures: {} } }));
        rows.push(...turns.map(({ row }) => row));
        // The first round is for warming up.
        for (let round = 0; round <= rounds; round += 1) {
          for (const { open, row } of turns) {
            try {
              const ms = await fetched(await open(), origin, currency);
              if (round > 0) add(row, 'ms', ms);
            } catch (error) {
              notes.push(`${row.name} failed in round ${round}: ${/** @type {Error} */ (error).message}`);
            }
          }
          // Each comes first as often as last.
          turns.reverse();
        }
      }
    } finally {
      await browser.close();
      await forwarding.stop();
      await mutating.stop();
    }
    const goals = [
      { than: 'direct', atMost: 1.15 },
      { than: 'page.route + continue', atMost: 1 },
      { of: 'waylay, mutating', than: 'page.route + fetch + fulfill', atLeast: 10 },
    ];
    return { name: 'pages', title: `A page in Chromium with ${FETCHES} fetches of JSON`, rows, notes, goals };
  },
};

/**
 * @param {BrowserContext} context
 * @param {string} origin
 * @param {string} currency what the answers have to say
 * @returns {Promise<number>} milliseconds
 */
async function fetched(context, origin, currency) {
  try {
    const page = await context.newPage();
    await page.goto(`${origin}/page`);
    const { ms, said } = await page.evaluate(async (count) => {
      const before = performance.now();
      const answers = await Promise.all(
        Array.from({ length: count }, async (_, number) => {
          const response = await fetch(`/json?${number}`);
          const text = await response.text();
          try {
            return JSON.parse(text);
          } catch (cause) {
            throw new Error(`Answer ${number}, ${response.status}, of ${text.length} characters: ${cause}`);
          }
        }),
      );
      return { ms: performance.now() - before, said: [...new Set(answers.map((answer) => answer.currency))] };
    }, FETCHES);
    if (said.join() !== currency) throw new Error(`The answers said ${said}.`);
    return ms;
  } finally {
    await context.close();
  }
}
