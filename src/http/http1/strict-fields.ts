import { TOKEN_OCTETS } from '../token.js';
import { type FieldList, INCOMPLETE } from './field-list.js';
import { hashOf, knownText } from './known-text.js';
import { COLON, CR, LF, SPACE, TAB } from './octets.js';

/**
 * Reads a line of a request's fields (RFC 9112, section 5), as a server must: what another server could read in another way
 * is refused. A value may have any byte but CR, LF and NUL in it.
 *
 * @param at where the line begins
 * @param end where the bytes end
 * @returns where the next line begins; or `INCOMPLETE`, and nothing has changed; or `FAILED`
 */
export function readStrictLine(bytes: Buffer, at: number, end: number, list: FieldList): number {
  if (at === end) return INCOMPLETE;
  let i = at;
  let octet = bytes[i] as number;
  let hash = 0;
  while (TOKEN_OCTETS[octet] === 1) {
    hash = hashOf(hash, octet);
    if (++i === end) return INCOMPLETE;
    octet = bytes[i] as number;
  }
  if (octet !== COLON || i === at) return emptyOrNoName(bytes, at, i, end, list);
  const nameEnd = i;
  const nameHash = hash;

  do {
    if (++i === end) return INCOMPLETE;
    octet = bytes[i] as number;
  } while (octet === SPACE || octet === TAB);

  const start = i;
  let valueEnd = i;
  let valueHash = 0;
  hash = 0;
  while (octet !== CR) {
    if (octet === LF) return list.fail('bare-line-end', i);
    if (octet === 0) return list.fail('invalid-value', i);
    hash = hashOf(hash, octet);
    if (++i === end) return INCOMPLETE;
    // Blanks at the end are no part of the value.
    if (octet !== SPACE && octet !== TAB) {
      valueEnd = i;
      valueHash = hash;
    }
    octet = bytes[i] as number;
  }
  if (i + 1 === end) return INCOMPLETE;
  if (bytes[i + 1] !== LF) return list.fail('bare-line-end', i);
  list.add(knownText(bytes, at, nameEnd, nameHash), knownText(bytes, start, valueEnd, valueHash));
  return i + 2;
}

/** The end of the fields, or why a line has no name. */
function emptyOrNoName(bytes: Buffer, at: number, i: number, end: number, list: FieldList): number {
  const octet = bytes[i];
  if (i === at && octet === CR) {
    if (i + 1 === end) return INCOMPLETE;
    if (bytes[i + 1] !== LF) return list.fail('bare-line-end', i);
    list.complete = true;
    return i + 2;
  }
  if (octet === LF) return list.fail('bare-line-end', i);
  if (octet === SPACE || octet === TAB) return list.fail(i === at ? 'folded-field' : blankReason(bytes, i, end), i);
  return list.fail('invalid-name', i);
}

function blankReason(bytes: Buffer, at: number, end: number): 'blank-before-colon' | 'invalid-name' {
  let i = at;
  while (i < end && (bytes[i] === SPACE || bytes[i] === TAB)) i += 1;
  return bytes[i] === COLON ? 'blank-before-colon' : 'invalid-name';
}
