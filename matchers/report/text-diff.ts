/** Shows where two texts differ, with a little of what is around it. */
import { printable } from '../../src/runtime/printable.js';
import { cut, Described, quote } from '../values/format.js';
import { firstDifference } from './body.js';

/** Longer texts are cut. */
export const LONG = 200;
/** The length of a long line's excerpt, from a little before the place where it differs. */
const EXCERPT = 80;
const BEFORE = 20;
/** Lines of each side. */
const MOST_LINES = 8;

/** A line of a diff: what was expected, what was received, or what both have. */
export interface DiffLine {
  readonly side: '-' | '+' | ' ';
  readonly text: string;
}

/** Two texts of several lines, line by line: what differs, between one line before and one after. */
export function diffLines(expected: string, actual: string): DiffLine[] {
  const wanted = expected.split('\n');
  const got = actual.split('\n');
  const start = firstDifference(wanted, got);
  const rest = Math.min(wanted.length, got.length) - start;
  let end = 0;
  while (end < rest && wanted[wanted.length - 1 - end] === got[got.length - 1 - end]) end += 1;
  const side = (mark: '-' | '+', lines: readonly string[]): DiffLine[] => {
    const changed = lines.slice(start, lines.length - end);
    const shown = changed.slice(0, MOST_LINES).map((text) => ({ side: mark, text: shownLine(text) }));
    const more = changed.length - shown.length;
    return more > 0 ? [...shown, { side: mark, text: `… ${more.toLocaleString('en')} more lines` }] : shown;
  };
  const around = (text: string | undefined): DiffLine[] =>
    text === undefined ? [] : [{ side: ' ', text: shownLine(text) }];
  return [
    ...(start > 1 ? around(`… ${(start - 1).toLocaleString('en')} lines alike`) : []),
    ...around(wanted[start - 1]),
    ...side('-', wanted),
    ...side('+', got),
    ...(end > 0 ? around(wanted[wanted.length - end]) : []),
    ...(end > 1 ? around(`… ${(end - 1).toLocaleString('en')} lines alike`) : []),
  ];
}

function shownLine(line: string): string {
  return cut(printable(line), LONG);
}

/** Two long texts, each cut around the place where they part. */
export function excerpts(expected: string, actual: string): [Described, Described] {
  const from = Math.max(0, firstDifference(expected, actual) - BEFORE);
  return [excerpt(expected, from), excerpt(actual, from)];
}

function excerpt(text: string, from: number): Described {
  const shown = `${from === 0 ? '' : '…'}${quote(text.slice(from, from + EXCERPT))}`;
  const rest = text.length > from + EXCERPT ? `… (${text.length.toLocaleString('en')} characters)` : '';
  return new Described(shown + rest);
}
