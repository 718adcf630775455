// @ts-check
/** All scenarios, in the order in which they run. */
import { fixture } from './fixture.mjs';
import { growth } from './growth.mjs';
import { loadScenarios, rules } from './loads.mjs';
import { exchanges, transfers } from './memory.mjs';
import { pages } from './pages.mjs';
import { importing, newHost, startStop } from './starting.mjs';

/** @type {{ name: string, run(bench: import('../machine/bench.mjs').Bench): Promise<import('../measure/result.mjs').Result> }[]} */
export const scenarios = [
  ...loadScenarios,
  rules,
  startStop,
  importing,
  newHost,
  transfers,
  exchanges,
  pages,
  fixture,
  growth,
];
