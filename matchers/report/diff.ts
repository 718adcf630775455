/** Shows where a request differs from a pattern, field by field. Plain text. */

import type { Difference, Path } from '../pattern/value.js';
import type { FieldVerdict, Verdict } from '../pattern/verdict.js';
import { ABSENT, Described, formatValue, isPlainObject, quote, writeKey } from './format.js';
import { hide, type Mask } from './mask.js';

const LIMIT = 200;
/** Of a long text, from a little before the place where it differs. */
const EXCERPT = 80;
/** Of one field; a body may differ everywhere. */
const MOST = 5;

/** The fields that differ, each as its name, what was expected (`-`) and what was received (`+`). */
export function formatDiff(verdict: Verdict, mask: Mask): string[] {
  return verdict.fields.flatMap((field) => {
    const lines = field.differences.slice(0, MOST).flatMap((difference) => formatDifference(field, difference, mask));
    const more = field.differences.length - MOST;
    return more > 0 ? [...lines, `${field.field}: ${more} more differences`] : lines;
  });
}

function formatDifference(field: FieldVerdict, difference: Difference, mask: Mask): string[] {
  const { path, reason } = difference;
  const [expected, actual] = shorten(...masked(field.field, difference, mask));
  const name = `${field.field}${formatPath(path)}`;
  if (reason !== undefined && actual === false) return [name, `  - ${formatValue(expected, LIMIT)}`, `  + ${reason}`];
  const received = `  + ${formatValue(actual, LIMIT)}${reason === undefined ? '' : ` (${reason})`}`;
  return [name, `  - ${formatValue(expected, LIMIT)}`, received];
}

function masked(field: string, { path, expected, actual }: Difference, mask: Mask): [unknown, unknown] {
  const [name] = path;
  if (field === 'headers' && name === undefined) {
    return [expected, isPlainObject(actual) ? mask.record(actual) : actual];
  }
  if (field === 'headers' ? !mask.has(String(name)) : field !== 'cookies' || !mask.has('cookie'))
    return [expected, actual];
  const shown = actual === ABSENT ? actual : new Described('[masked]');
  return [hide(expected), shown];
}

/** Two long texts are cut around the place where they part. */
function shorten(expected: unknown, actual: unknown): [unknown, unknown] {
  if (typeof expected !== 'string' || typeof actual !== 'string') return [expected, actual];
  if (Math.max(expected.length, actual.length) <= LIMIT) return [expected, actual];
  let at = 0;
  while (at < expected.length && expected[at] === actual[at]) at += 1;
  const from = Math.max(0, at - 20);
  return [excerpt(expected, from), excerpt(actual, from)];
}

function excerpt(text: string, from: number): Described {
  const shown = `${from === 0 ? '' : '…'}${quote(text.slice(from, from + EXCERPT))}`;
  const rest = text.length > from + EXCERPT ? `… (${text.length.toLocaleString('en')} characters)` : '';
  return new Described(shown + rest);
}

/** `.items[0].sku` */
function formatPath(path: Path): string {
  return path
    .map((key) => {
      if (typeof key === 'number') return `[${key}]`;
      const written = writeKey(key);
      return written === key ? `.${key}` : `[${written}]`;
    })
    .join('');
}
