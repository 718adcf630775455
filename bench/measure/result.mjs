// @ts-check
/** The result of a scenario, and how it is judged. */
import { figure } from './figures.mjs';
import { compared, median } from './statistics.mjs';

/**
 * One contestant's figures: by the name of the column, a value of each round.
 *
 * @typedef {{ name: string, figures: Record<string, number[]> }} Row
 */

/**
 * The goal for Waylay in a column (default: the first), where less is better.
 *
 * - `than`, `atLeast`: the other needs at least that many times as much
 * - `than`, `atMost`: it needs at most that many times as much as the other
 * - `above`, `below`: it needs less than that more than the other
 * - `below`: it needs less than that
 *
 * @typedef {{ column?: string, of?: string, than?: string, above?: string, atLeast?: number, atMost?: number, below?: number }} Goal
 */

/** @typedef {{ text: string, value: number, met: boolean }} Judgement */

/**
 * @typedef {object} Plot
 * @property {string} file its name, without a suffix
 * @property {string} title
 * @property {string} x what is counted along
 * @property {string} y what is counted upwards
 * @property {{ name: string, points: [number, number][] }[]} lines
 */

/**
 * @typedef {object} Result
 * @property {string} name
 * @property {string} title
 * @property {Row[]} rows
 * @property {Goal[]} [goals]
 * @property {Plot[]} [plots]
 * @property {string[]} [notes]
 */

/**
 * Tells if a goal was met; undefined where a contestant that it names was not there.
 *
 * @param {Goal} goal
 * @param {readonly Row[]} rows
 * @returns {Judgement | undefined}
 */
export function judge(goal, rows) {
  const column = goal.column ?? Object.keys(rows[0]?.figures ?? {})[0] ?? '';
  const of = goal.of ?? 'waylay';
  const valuesOf = (/** @type {string} */ name) => rows.find((row) => row.name === name)?.figures[column] ?? [];
  const own = valuesOf(of);
  const other = valuesOf(goal.than ?? goal.above ?? of);
  if (own.length === 0 || other.length === 0) return undefined;
  if (goal.atLeast !== undefined) {
    const value = compared(other, own, (a, b) => a / b);
    return {
      text: `${goal.than} takes ${figure(value)} times as much as ${of} (${column}); goal: at least ${goal.atLeast}`,
      value,
      met: value >= goal.atLeast,
    };
  }
  if (goal.atMost !== undefined) {
    const value = compared(own, other, (a, b) => a / b);
    return {
      text: `${of} takes ${figure(value)} times as much as ${goal.than} (${column}); goal: at most ${goal.atMost}`,
      value,
      met: value <= goal.atMost,
    };
  }
  const limit = goal.below ?? Number.NaN;
  const value = goal.above === undefined ? median(own) : compared(own, other, (a, b) => a - b);
  const more = goal.above === undefined ? '' : ` more than ${goal.above}`;
  return {
    text: `${of} takes ${figure(value)}${more} (${column}); goal: below ${limit}`,
    value,
    met: value < limit,
  };
}
