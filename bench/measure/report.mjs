// @ts-check
/** All results of a run, as Markdown. */
import { figure, table } from './figures.mjs';
import { judge } from './result.mjs';
import { compared, median } from './statistics.mjs';

/** @typedef {import('./result.mjs').Result} Result */

/**
 * One scenario: a table of medians with the lowest and highest of the rounds, then the goals.
 *
 * @param {Result} result
 */
export function resultText({ name, title, rows, goals = [], plots = [], notes = [] }) {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row.figures)))];
  const [first = ''] = columns;
  const own = rows.find((row) => row.name === 'waylay')?.figures[first];
  const heads = ['', ...columns, ...(own && rows.length > 1 ? [`× waylay`] : [])];
  const cells = rows.map((row) => [
    row.name,
    ...columns.map((column) => cell(row.figures[column] ?? [])),
    ...(own && rows.length > 1 ? [ratio(row.figures[first] ?? [], own)] : []),
  ]);
  const parts = [`## ${title}`, `\`npm run bench -- ${name}\``];
  if (rows.length > 0) parts.push(table(heads, cells));
  const lines = goals.flatMap((goal) => {
    const judged = judge(goal, rows);
    return judged === undefined ? [] : [`- ${judged.met ? 'met' : '**not met**'}: ${judged.text}`];
  });
  if (lines.length > 0) parts.push(lines.join('\n'));
  if (notes.length > 0) parts.push(notes.map((note) => `- ${note}`).join('\n'));
  for (const plot of plots) parts.push(`![${plot.title}](${plot.file}.svg)`);
  return parts.join('\n\n');
}

/** @param {readonly number[]} values */
function cell(values) {
  if (values.length === 0) return '';
  if (values.length === 1) return figure(values[0] ?? Number.NaN);
  return `${figure(median(values))} (${figure(Math.min(...values))}–${figure(Math.max(...values))})`;
}

/**
 * @param {readonly number[]} values
 * @param {readonly number[]} own
 */
function ratio(values, own) {
  return values.length === 0 || median(own) === 0 ? '' : figure(compared(values, own, (a, b) => a / b));
}

/**
 * @param {Record<string, string>} circumstances versions, machine and so on
 * @param {readonly Result[]} results
 */
export function reportText(circumstances, results) {
  const lines = Object.entries(circumstances).map(([name, value]) => `- ${name}: ${value}`);
  return `${['# Figures', lines.join('\n'), ...results.map(resultText)].join('\n\n')}\n`;
}
