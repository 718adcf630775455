// @ts-check
/** The same load on all contestants, in turns. */
import { median } from '../measure/statistics.mjs';

/** @typedef {import('../machine/bench.mjs').Bench} Bench */
/** @typedef {import('../measure/result.mjs').Result} Result */
/** @typedef {import('../measure/result.mjs').Row} Row */

export const CPU = 'CPU µs a request';
export const RATE = 'requests/s';

/**
 * Seconds at the beginning of a turn that are not measured. While the others have theirs Node collects and gives back
 * what it can, and who has most of it would pay for that in a short turn, but never under a load that goes on.
 */
const LEAD_IN = 0.5;

/**
 * Rounds before the first one that is measured. V8 compiles for some ten thousand requests, on a thread of its own whose
 * time counts too, and throws a part of it away where it collects garbage in the first pauses.
 */
const WARM_UP_ROUNDS = 2;

/**
 * @typedef {object} Entry
 * @property {string} name as the table has it
 * @property {string} [contestant] default the name
 * @property {import('../contestants/contestant.mjs').Job} [job]
 */

/**
 * @param {Bench} bench
 * @param {readonly Entry[]} entries
 * @param {Parameters<Bench['load']>[1]} load
 * @param {import('../machine/bench.mjs').Ports} [upstream]
 * @returns {Promise<{ rows: Row[], notes: string[] }>}
 */
export async function sideBySide(bench, entries, load, upstream) {
  /** @type {string[]} */
  const notes = [];
  const running = [];
  for (const { name, contestant = name, job } of entries) {
    try {
      const started = await bench.contestant(contestant, job, upstream);
      if (started === undefined) continue;
      // The first connection alone: some mint their certificate as often as it is asked for meanwhile, or fail.
      await bench.load(started, { ...load, connections: 1, streams: 1, requests: 1 }, upstream);
      running.push({ started, row: /** @type {Row} */ ({ name, figures: {} }) });
    } catch (error) {
      notes.push(`${name} did not do it: ${/** @type {Error} */ (error).message}`);
    }
  }
  for (let round = -WARM_UP_ROUNDS; round < bench.rounds; round += 1) {
    for (const { started, row } of running) {
      try {
        const { requests, seconds, cpu, p50, p99 } = await bench.load(started, { ...load, leadIn: LEAD_IN }, upstream);
        if (round < 0) continue;
        if (p50 !== undefined && p99 !== undefined) {
          add(row, 'p50 ms', p50);
          add(row, 'p99 ms', p99);
        }
        if (!Number.isNaN(cpu)) add(row, CPU, cpu);
        add(row, RATE, requests / seconds);
      } catch (error) {
        const when = round < 0 ? 'before the first round' : `in round ${round + 1}`;
        notes.push(`${row.name} failed ${when}: ${/** @type {Error} */ (error).message}`);
      }
    }
  }
  for (const { started } of running) await started.stop();
  return { rows: ordered(running.map(({ row }) => row)), notes };
}

/**
 * @param {Row} row
 * @param {string} column
 * @param {number} value
 */
export function add(row, column, value) {
  row.figures[column] ??= [];
  row.figures[column].push(value);
}

/**
 * Rows whose first column says most come first, so that the table has its columns in the same order for all.
 *
 * @param {Row[]} rows
 */
function ordered(rows) {
  return rows.toSorted((a, b) => Object.keys(b.figures).length - Object.keys(a.figures).length || first(a) - first(b));
}

/** @param {Row} row */
function first(row) {
  return median(Object.values(row.figures)[0] ?? [0]);
}
