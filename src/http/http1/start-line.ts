/** The status line of a response (RFC 9112, section 4), as Chromium reads it, which reads all that curl does. */

import { memoize } from '../../runtime/memoize.js';

export interface StatusLine {
  /** The line, with what ends it, and with odd bytes before it. */
  readonly text: string;
  /** Minor version: 0 or 1. */
  readonly minor: 0 | 1;
  readonly status: number;
  /** The reason phrase without the spaces around it, a character a byte (Latin-1); empty where there is none. */
  readonly reason: string;
}

/** Chromium and fetch take it for this, from there on. */
const MAX_STATUS = 65_535;

/** The number of odd bytes that may come before `HTTP`. */
export const MAX_SLOP = 4;

/**
 * Reads a line that has `HTTP`, in any case, behind at most {@link MAX_SLOP} bytes.
 *
 * - The version is a digit, a dot and a digit behind `HTTP/`: 1.1 and above is 1.1, all else is 1.0.
 * - The status is the digits behind the first space; where there are none, 200.
 * - The reason is what follows.
 */
export function parseStatusLine(text: string): StatusLine {
  return text.length > MAX_MEMOIZED ? parse(text) : memoized(text);
}

// Longer ones are rarely those that come again.
const MAX_MEMOIZED = 100;
const memoized = memoize(parse);

function parse(text: string): StatusLine {
  const line = text.slice(text.slice(0, MAX_SLOP + 4).search(/http/i)).replace(/\r?\n$|\r$/, '');
  const version = /^.{4}\/(\d)[^.]*\.(\d)/.exec(line);
  const isNew = version !== null && Number(`${version[1]}.${version[2]}`) >= 1.1;
  const space = line.indexOf(' ');
  const rest = space === -1 ? '' : withoutSpaces(line.slice(space));
  const digits = /^\d*/.exec(rest)?.[0] ?? '';
  return {
    text,
    minor: isNew ? 1 : 0,
    status: digits === '' ? 200 : Math.min(Number(digits), MAX_STATUS),
    reason: digits === '' ? '' : withoutSpaces(rest.slice(digits.length)),
  };
}

function withoutSpaces(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text[start] === ' ') start += 1;
  while (end > start && text[end - 1] === ' ') end -= 1;
  return text.slice(start, end);
}

/** Finds `HTTP`: at 0 to {@link MAX_SLOP}; -1 where it does not, -2 where more bytes have to say. */
export function findHttp(bytes: Buffer, at: number, end: number): number {
  let open = false;
  for (let skip = 0; skip <= MAX_SLOP; skip += 1) {
    let i = 0;
    while (i < 4 && at + skip + i < end && ((bytes[at + skip + i] as number) | 0x20) === HTTP[i]) i += 1;
    if (i === 4) return open ? -2 : skip;
    if (at + skip + i >= end) open = true;
  }
  return open ? -2 : -1;
}

const HTTP = Buffer.from('http');
