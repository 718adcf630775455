/**
 * Reads the fields of a response as Chromium and curl read them: nothing is refused.
 *
 * - A line ends by CRLF, LF, or a CR by itself (the last as Chromium; to curl it is part of the value).
 * - The section ends by a LF that follows another one with nothing but CR between them (CR CR LF as curl).
 * - Blanks around names and values are no part of them.
 * - A line that begins with a blank goes on with the field before it, joined by one space; where there is none, it is left out.
 * - A line without a colon, or with nothing before it, is left out of the list (as Chromium; curl gives up), not of the bytes.
 * - Names and values may have any other byte in them, NUL included: both clients give up at NUL when they get it.
 */

import { type FieldList, INCOMPLETE } from './field-list.js';
import { hashOf, knownText } from './known-text.js';
import { COLON, CR, LF, SPACE, TAB } from './octets.js';

/** See {@link import('./strict-fields.js').readStrictLine}, whose parameters and result are the same. It never fails. */
export function readLenientLine(bytes: Buffer, at: number, end: number, list: FieldList): number {
  if (at === end) return INCOMPLETE;
  let octet = bytes[at] as number;
  if (octet === SPACE || octet === TAB) return readFold(bytes, at, end, list);

  let i = at;
  let hash = 0;
  let nameEnd = at;
  let nameHash = 0;
  while (octet !== COLON && octet !== CR && octet !== LF) {
    hash = hashOf(hash, octet);
    if (++i === end) return INCOMPLETE;
    if (octet !== SPACE && octet !== TAB) {
      nameEnd = i;
      nameHash = hash;
    }
    octet = bytes[i] as number;
  }
  if (octet !== COLON) return withoutColon(bytes, at, i, end, list);

  do {
    if (++i === end) return INCOMPLETE;
    octet = bytes[i] as number;
  } while (octet === SPACE || octet === TAB);

  const start = i;
  let valueEnd = i;
  let valueHash = 0;
  hash = 0;
  while (octet !== CR && octet !== LF) {
    hash = hashOf(hash, octet);
    if (++i === end) return INCOMPLETE;
    if (octet !== SPACE && octet !== TAB) {
      valueEnd = i;
      valueHash = hash;
    }
    octet = bytes[i] as number;
  }
  const next = endOfLine(bytes, i, end);
  if (next === INCOMPLETE) return INCOMPLETE;
  list.emptyLine = bytes[next - 1] === LF;
  list.continuable = nameEnd > at;
  if (!list.emptyLine || !list.continuable) list.isPlain = false;
  if (list.continuable) {
    list.add(knownText(bytes, at, nameEnd, nameHash), knownText(bytes, start, valueEnd, valueHash));
  }
  return next;
}

/** Finds the line after a CR or a LF. */
function endOfLine(bytes: Buffer, at: number, end: number): number {
  if (bytes[at] === LF) return at + 1;
  if (at + 1 === end) return INCOMPLETE;
  return bytes[at + 1] === LF ? at + 2 : at + 1;
}

function withoutColon(bytes: Buffer, at: number, i: number, end: number, list: FieldList): number {
  const next = endOfLine(bytes, i, end);
  if (next === INCOMPLETE) return INCOMPLETE;
  const byLf = bytes[next - 1] === LF;
  if (i === at) {
    if (byLf && list.emptyLine) list.complete = true;
    // A CR by itself leaves it as it is.
    else if (byLf) list.emptyLine = true;
  } else {
    list.emptyLine = byLf;
    list.continuable = false;
  }
  if (!list.complete) list.isPlain = false;
  return next;
}

function readFold(bytes: Buffer, at: number, end: number, list: FieldList): number {
  let start = at;
  while (start < end && (bytes[start] === SPACE || bytes[start] === TAB)) start += 1;
  let i = start;
  let valueEnd = start;
  while (i < end && bytes[i] !== CR && bytes[i] !== LF) {
    if (bytes[i] !== SPACE && bytes[i] !== TAB) valueEnd = i + 1;
    i += 1;
  }
  if (i === end) return INCOMPLETE;
  const next = endOfLine(bytes, i, end);
  if (next === INCOMPLETE) return INCOMPLETE;
  list.emptyLine = bytes[next - 1] === LF;
  list.isPlain = false;
  if (list.continuable && valueEnd > start) {
    const last = list.fields.length - 1;
    const more = bytes.toString('latin1', start, valueEnd);
    const before = list.fields[last];
    list.fields[last] = before === '' ? more : `${before} ${more}`;
  }
  return next;
}
