import { types } from 'node:util';
import { textWithoutSecrets } from '../../src/journal/mask/body-secrets.js';

/** Shows where a request differs from a pattern, field by field. */

import type { FieldVerdict, Verdict } from '../pattern/verdict.js';
import { ABSENT, Described, formatValue, writeKey } from '../values/format.js';
import { hide, type Mask } from '../values/mask.js';
import type { Style } from '../values/style.js';
import type { Difference, Path } from '../values/value.js';
import { type BodyHolder, binaryBody, describeBytes, firstDifference } from './body.js';
import { diffLines, excerpts, LONG } from './text-diff.js';

/** The most differences of one field; a body may differ everywhere. */
const MOST = 5;

/** The fields that are read from the body. */
const BODY_FIELDS: ReadonlySet<string> = new Set(['json', 'form', 'multipart', 'text', 'body', 'graphql']);

/**
 * The fields that differ, each as its name, what was expected (`-`) and what was received (`+`).
 * @param message whose body the fields were read from; a binary one is named by type and size
 */
export function formatDiff(verdict: Verdict, style: Style, message?: BodyHolder): string[] {
  return verdict.fields.flatMap((field) => {
    const shown = field.differences.slice(0, MOST);
    const lines = shown.flatMap((difference) => formatDifference(field, difference, style, message));
    const more = field.differences.length - MOST;
    return more > 0 ? [...lines, `${field.field}: ${more} more difference${more === 1 ? '' : 's'}`] : lines;
  });
}

function formatDifference(field: FieldVerdict, difference: Difference, style: Style, message?: BodyHolder): string[] {
  const { path } = difference;
  const name = `${field.field}${formatPath(path)}`;
  const { expected, actual, reason } = masked(field.field, difference, style.mask, message);
  // A plain "no" of a predicate: its reason is what was received.
  if (reason !== undefined && actual === false) return [name, ...sides(formatValue(expected, LONG), reason, style)];
  const received = path.length === 0 && BODY_FIELDS.has(field.field) ? named(field, actual, message) : actual;
  const because = reason === undefined ? '' : ` (${reason})`;
  if (typeof expected !== 'string' || typeof received !== 'string') {
    return [name, ...sides(formatValue(expected, LONG), formatValue(received, LONG) + because, style)];
  }
  if (expected.includes('\n') || received.includes('\n')) {
    const { colors } = style;
    const marked = { '-': colors.expected, '+': colors.received, ' ': (text: string) => text };
    return [name, ...diffLines(expected, received).map(({ side, text }) => `  ${marked[side](`${side} ${text}`)}`)];
  }
  const long = Math.max(expected.length, received.length) > LONG;
  const [wanted, got] = long ? excerpts(expected, received) : [expected, received];
  return [name, ...sides(formatValue(wanted, LONG), formatValue(got, LONG) + because, style)];
}

function sides(expected: string, received: string, { colors }: Style): string[] {
  return [`  ${colors.expected(`- ${expected}`)}`, `  ${colors.received(`+ ${received}`)}`];
}

/** A whole body as it may be shown: a binary one by its type and size. */
function named({ expected, actual: whole }: FieldVerdict, actual: unknown, message?: BodyHolder): unknown {
  if (actual === ABSENT || message === undefined) return actual;
  if (!types.isUint8Array(whole)) return binaryBody(message) ?? actual;
  const differ = types.isUint8Array(expected) ? `, which differ from byte ${firstDifference(expected, whole)} on` : '';
  return describeBytes(whole, message.header('content-type'), differ);
}

function masked(
  field: string,
  difference: Difference,
  mask: Mask,
  message: BodyHolder | undefined,
): Omit<Difference, 'path'> {
  const { path, expected, actual } = difference;
  const may = (value: unknown) => shown(field, path, value, mask, message);
  if (!mask.isSecret(field, path)) {
    const [wanted, got] = [may(expected), may(actual)];
    return wanted === expected && got === actual
      ? difference
      : { expected: wanted, actual: got, ...withoutQuote(difference) };
  }
  const because = withoutQuote(difference);
  if (expected === ABSENT || actual === ABSENT) return { expected: hide(expected), actual: hide(actual), ...because };
  return { expected: hide(expected), actual: new Described('[masked] (another value)'), ...because };
}

// The exception of a predicate may quote the value.
function withoutQuote({ reason }: Difference): { reason?: string } {
  return reason === undefined ? {} : { reason: reason.replace(/^(threw \w+).*/s, '$1') };
}

/** The value at the path, or inside of it, as it may be shown. */
function shown(field: string, path: Path, value: unknown, mask: Mask, message: BodyHolder | undefined): unknown {
  if (path.length === 0) {
    if (field !== 'text') return mask.part(field, value);
    return typeof value === 'string' ? textWithoutSecrets(mask, value, message?.header('content-type')) : value;
  }
  return mask.at(field, path, value);
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
