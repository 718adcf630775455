import type { FailureReason } from './failure.js';

/** A line that is not there in full: more bytes are needed. */
export const INCOMPLETE = -1;
/** A line that cannot be read. */
export const FAILED = -2;

/** The contents of a section of fields so far; {@link import('./strict-fields.js')} and lenient-fields.ts fill it. */
export class FieldList {
  /** Names and values in turn. */
  fields: string[] = [];
  /** The empty line has been read. */
  complete = false;
  /** Which fields with a meaning for the framing or the connection there are: bits, see {@link noticed}. */
  noticed = 0;
  /** A line that begins with a blank goes on with the last field (RFC 9112, section 5.2). */
  continuable = false;
  /** Nothing but CR has come since the last LF. */
  emptyLine = true;
  /** Each line so far is a field, and each field a line that ends by LF. */
  isPlain = true;
  /** The place of the failure; of use after {@link FAILED} only. */
  failedAt = 0;
  reason: FailureReason = 'invalid-name';

  clear(): void {
    this.fields = [];
    this.complete = false;
    this.noticed = 0;
    this.continuable = false;
    this.emptyLine = true;
    this.isPlain = true;
  }

  fail(reason: FailureReason, at: number): number {
    this.reason = reason;
    this.failedAt = at;
    return FAILED;
  }

  add(name: string, value: string): void {
    this.fields.push(name, value);
    const bit = noticed(name);
    if (bit !== 0) this.noticed |= bit;
  }
}

export const HAS_LENGTH = 1;
export const HAS_CODING = 2;
export const HAS_CONNECTION = 4;
export const HAS_UPGRADE = 8;

const LETTER_C = 0x63;
const LETTER_T = 0x74;
const LETTER_U = 0x75;

/** The bit of a field that has a meaning for the framing or the connection; most are told apart by their length alone. */
function noticed(name: string): number {
  const first = name.charCodeAt(0) | 0x20;
  switch (name.length) {
    case 14:
      return first === LETTER_C && name.toLowerCase() === 'content-length' ? HAS_LENGTH : 0;
    case 17:
      return first === LETTER_T && name.toLowerCase() === 'transfer-encoding' ? HAS_CODING : 0;
    case 10:
      return first === LETTER_C && name.toLowerCase() === 'connection' ? HAS_CONNECTION : 0;
    case 7:
      return first === LETTER_U && name.toLowerCase() === 'upgrade' ? HAS_UPGRADE : 0;
    default:
      return 0;
  }
}
