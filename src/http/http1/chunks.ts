/**
 * Reads the framing of a chunked body (RFC 9112, section 7.1): what is between the data of the chunks.
 *
 * | what                            | a request, strict     | a response, lenient      | Chromium | curl    |
 * |---------------------------------|-----------------------|--------------------------|----------|---------|
 * | size                            | digits, below 2^53    | digits, below 2^63       | same     | 16 digits |
 * | blanks behind it                | refused               | ignored                  | spaces   | ignored |
 * | extensions                      | up to a limit         | ignored                  | ignored  | ignored |
 * | other bytes behind it           | refused               | ignored, but behind a 0  | gives up | ignored |
 * | end of a line                   | CRLF                  | any, then LF             | LF       | any, then LF |
 * | end of the data                 | CRLF                  | LF, with any CR before it | LF, CRLF | LF, with any CR before it |
 */

import type { FailureReason } from './failure.js';
import { CR, HEX_VALUES, LF, SEMICOLON, SPACE, TAB } from './octets.js';

/** The reader's places in the framing. */
const SIZE = 0;
const MORE_SIZE = 1;
const EXTENSION = 2;
const SIZE_LF = 3;
const DATA = 4;
const DATA_END = 5;
const DATA_LF = 6;
const LAST = 7;

const TOO_MUCH = 2 ** 63;

export class Chunks {
  /** Bytes of data that come next. */
  remaining = 0;
  /** The failure to read the framing, if any. */
  failure: FailureReason | undefined;
  readonly #strict: boolean;
  readonly #maxExtensions: number;
  #at = SIZE;
  #size = 0;
  #extensions = 0;

  /** @param maxExtensions the most bytes of chunk extensions of a body */
  constructor(strict: boolean, maxExtensions: number) {
    this.#strict = strict;
    this.#maxExtensions = maxExtensions;
  }

  /** The last chunk has been read; trailers follow. */
  get last(): boolean {
    return this.#at === LAST;
  }

  begin(): void {
    this.#at = SIZE;
    this.#size = 0;
    this.#extensions = 0;
    this.remaining = 0;
    this.failure = undefined;
  }

  /**
   * Reads framing until data, the trailers or the end of the bytes.
   *
   * @returns where it stopped: at the first byte of these, or at the one that cannot be read
   */
  read(bytes: Buffer, from: number, end: number): number {
    // The data has been taken.
    if (this.#at === DATA) this.#at = DATA_END;
    let i = from;
    while (i < end) {
      const octet = bytes[i] as number;
      switch (this.#at) {
        case SIZE:
        case MORE_SIZE: {
          const value = HEX_VALUES[octet] as number;
          if (value === 16) {
            if (this.#at === SIZE || !this.#endSize(octet)) return this.#fail('invalid-chunk', i);
            // A line's end is read as the end of an extension is.
            continue;
          }
          this.#at = MORE_SIZE;
          this.#size = this.#size * 16 + value;
          if (this.#strict ? this.#size > Number.MAX_SAFE_INTEGER : this.#size >= TOO_MUCH) {
            return this.#fail('invalid-chunk', i);
          }
          break;
        }
        case EXTENSION:
          if (octet === LF) {
            if (this.#strict) return this.#fail('invalid-chunk', i);
            if (this.#endLine()) return i + 1;
          } else if (!this.#strict) {
            break;
          } else if (octet === CR) {
            this.#at = SIZE_LF;
          } else if (++this.#extensions > this.#maxExtensions) {
            return this.#fail('extensions-too-large', i);
          }
          break;
        case SIZE_LF:
          if (octet !== LF) return this.#fail('invalid-chunk', i);
          if (this.#endLine()) return i + 1;
          break;
        default:
          // DATA_END or DATA_LF.
          if (octet === LF && (!this.#strict || this.#at === DATA_LF)) this.#at = SIZE;
          else if (octet === CR && (!this.#strict || this.#at === DATA_END)) this.#at = DATA_LF;
          else return this.#fail('invalid-chunk', i);
      }
      i += 1;
    }
    return i;
  }

  #endSize(octet: number): boolean {
    this.#at = EXTENSION;
    if (octet === CR || octet === SEMICOLON) return true;
    if (this.#strict) return false;
    // Octets behind a 0 may be the rest of a number that is none, such as 0x5: then this is not the end of the body.
    return this.#size > 0 || octet === LF || octet === SPACE || octet === TAB;
  }

  /** The end of the line of a size: always data or trailers follow. */
  #endLine(): true {
    this.remaining = this.#size;
    this.#at = this.#size === 0 ? LAST : DATA;
    this.#size = 0;
    return true;
  }

  #fail(reason: FailureReason, at: number): number {
    this.failure = reason;
    return at;
  }
}
