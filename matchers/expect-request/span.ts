import type { Exchange } from '../../src/journal/exchange.js';

/** The time for which an exchange was in flight, in milliseconds since the epoch; `end` is Infinity while it is. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The span from the request's head to the last byte of the response, or to the failure. */
export function spanOf({ timing }: Exchange): Span {
  return { start: timing.start, end: timing.end ?? Number.POSITIVE_INFINITY };
}

/** True if there was a moment at which both were in flight. */
export function overlap(one: Span, other: Span): boolean {
  return one.start < other.end && other.start < one.end;
}

/** Milliseconds between two that do not overlap. */
export function gapBetween(one: Span, other: Span): number {
  return Math.max(one.start - other.end, other.start - one.end, 0);
}

/** Describes by how much the first missed the second: `#3 GET https://… began 12 ms after #2 GET https://… had ended`. */
export function describeGap(one: Exchange, other: Exchange): string {
  const gap = milliseconds(gapBetween(spanOf(one), spanOf(other)));
  const [first, second] = [`#${one.id} ${one}`, `#${other.id} ${other}`];
  return spanOf(one).start >= spanOf(other).end
    ? `${first} began ${gap} after ${second} had ended`
    : `${first} had ended ${gap} before ${second} began`;
}

/** `12 ms`, `0.4 ms` */
export function milliseconds(time: number): string {
  const digits = time > 0 && time < 10 ? 1 : 0;
  return `${Number(time.toFixed(digits)).toLocaleString('en')} ms`;
}
