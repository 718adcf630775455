// @ts-check
/** Numbers and tables as people read them. */

/**
 * Three digits that count, and no more.
 *
 * @param {number} value
 */
export function figure(value) {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size >= 1000) return Math.round(value).toLocaleString('en-US');
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

/**
 * A Markdown table whose columns stand one below the other in a terminal too; numbers are set to the right.
 *
 * @param {readonly string[]} heads
 * @param {readonly (readonly string[])[]} rows
 */
export function table(heads, rows) {
  const columns = heads.map((head, at) => {
    const cells = rows.map((row) => row[at] ?? '');
    const right = at > 0 && cells.every((cell) => cell === '' || /^[\d–-]/.test(cell));
    return { right, width: Math.max(3, ...[head, ...cells].map((cell) => cell.length)) };
  });
  const line = (/** @type {readonly string[]} */ cells) =>
    `| ${columns.map(({ right, width }, at) => (right ? (cells[at] ?? '').padStart(width) : (cells[at] ?? '').padEnd(width))).join(' | ')} |`;
  const rule = `| ${columns.map(({ right, width }) => (right ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width))).join(' | ')} |`;
  return [line(heads), rule, ...rows.map(line)].join('\n');
}
