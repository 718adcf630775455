import { Carry } from './carry.js';
import type { FailureReason } from './failure.js';
import { FAILED, FieldList, INCOMPLETE } from './field-list.js';
import { type FieldSection, isAt, sectionOf } from './field-section.js';
import { KnownLines } from './known-lines.js';
import { LF } from './octets.js';

/** Reads heads of one who sends requests or one who gets them. */
export interface Grammar {
  /** Reads the start line, and keeps what it says: where the next line begins, or INCOMPLETE, or FAILED (see the list). */
  readStart(bytes: Buffer, at: number, end: number, list: FieldList): number;
  /**
   * Says of a start line that is not there in full whether it cannot become one: FAILED, else INCOMPLETE. It looks at the first
   * {@link FORESIGHT} bytes only.
   */
  foresee(bytes: Buffer, at: number, end: number, list: FieldList): number;
  /** Reads a line of fields; the same. */
  readLine(bytes: Buffer, at: number, end: number, list: FieldList): number;
}

/** Finds the beginning of the next line; 0 where the bytes have no LF. */
function lineEnd(bytes: Buffer, at: number): number {
  return bytes.indexOf(LF, at) + 1;
}

/** The first bytes of a start line, by which it can be refused before its end. */
export const FORESIGHT = 64;

/**
 * Reads the lines of heads and trailers, whole or in pieces. What is there in full is read where it is; what is not is put
 * together first, line by line, so that each byte is looked at a bounded number of times. A line is refused when its LF is
 * there, whatever is wrong with it: so that it does not depend on the pieces.
 */
export class HeadLines {
  readonly list = new FieldList();
  /** The failure to read the lines, if any. */
  failure: FailureReason | undefined;
  /** Its place: relative to the bytes that were read last, before which it may be. */
  failedAt = 0;
  /** The section, once it is complete. */
  section: FieldSection | undefined;
  /** The start line has been read. */
  started = false;
  /** The lines are those of trailers: bytes of a body that have been used are gone, also where they cannot be read. */
  #areTrailers = false;
  readonly #grammar: Grammar;
  readonly #carry = new Carry();
  /** The next line's place in the carried section. */
  #line = 0;
  /** Bytes of the head before those of the section. */
  #before = 0;
  /** The section before this one, where the bytes say all of it. */
  #last: FieldSection | undefined;
  readonly #known = new KnownLines();

  constructor(grammar: Grammar) {
    this.#grammar = grammar;
  }

  /** @param started there is no start line: the lines are trailers */
  begin(started: boolean): void {
    this.list.clear();
    this.section = undefined;
    this.started = started;
    this.#areTrailers = started;
    this.#line = 0;
    this.#before = 0;
  }

  /** No byte of the section has been used. */
  get isFresh(): boolean {
    return this.#carry.length === 0;
  }

  /** A copy of what came in pieces and is no section yet. */
  takeCarried(): Buffer {
    const carried = Buffer.from(this.#carry.bytes.subarray(0, this.#carry.length));
    this.#carry.clear();
    return carried;
  }

  /**
   * Reads on.
   *
   * @param limit the most bytes of all lines
   * @returns where it stopped; `section` is there, or `failure`, or all bytes have been used
   */
  read(bytes: Buffer, at: number, limit: number): number {
    let next = at;
    if (!this.started) {
      next = this.#carry.length === 0 ? this.#start(bytes, at, limit) : this.#startCarried(bytes, at, limit);
      if (!this.started || this.section !== undefined || this.failure !== undefined) return next;
    }
    if (next === bytes.length) return next;
    return this.#carry.length === 0 ? this.#fields(bytes, next, limit) : this.#fieldsCarried(bytes, next, limit);
  }

  #start(bytes: Buffer, at: number, limit: number): number {
    const end = bytes.length;
    const next = this.#grammar.readStart(bytes, at, end, this.list);
    if (next >= 0 && next - at <= limit) {
      this.started = true;
      this.#before = next - at;
      return next;
    }
    if (this.#isForeseen(bytes, at, limit)) return at;
    if (next >= 0) return this.#fail('head-too-large', at + limit, at);
    // Refusals are made by the bytes up to a LF.
    for (let stop = lineEnd(bytes, at); next === FAILED && stop > 0; stop = lineEnd(bytes, stop)) {
      if (stop - at > limit) break;
      if (this.#grammar.readStart(bytes, at, stop, this.list) === FAILED) {
        return this.#fail(this.list.reason, this.list.failedAt, at);
      }
    }
    if (end - at > limit) return this.#fail('head-too-large', at + limit, at);
    this.#carry.append(bytes, at, end);
    return end;
  }

  #isForeseen(bytes: Buffer, at: number, limit: number): boolean {
    if (this.#grammar.foresee(bytes, at, Math.min(bytes.length, at + limit), this.list) !== FAILED) return false;
    this.#fail(this.list.reason, this.list.failedAt, at);
    return true;
  }

  #startCarried(bytes: Buffer, from: number, limit: number): number {
    const carry = this.#carry;
    let at = from;
    while (at < bytes.length) {
      const stop = lineEnd(bytes, at) || bytes.length;
      const known = carry.length;
      carry.append(bytes, at, stop);
      at = stop;
      const next =
        bytes[stop - 1] === LF ? this.#grammar.readStart(carry.bytes, 0, carry.length, this.list) : INCOMPLETE;
      if (next >= 0 && next <= limit) {
        this.started = true;
        this.#before = next;
        carry.drop(next);
        // Behind a CR by itself there may be lines already.
        if (carry.length > 0) this.#carriedLines(at, limit);
        return at;
      }
      const reason = this.list.reason;
      const failedAt = this.list.failedAt;
      const offset = at - carry.length;
      if (known < FORESIGHT) {
        const foreseen = this.#grammar.foresee(carry.bytes, 0, Math.min(carry.length, limit), this.list);
        if (foreseen === FAILED) return this.#fail(this.list.reason, offset + this.list.failedAt, at);
      }
      if (carry.length > limit) return this.#fail('head-too-large', offset + limit, at);
      if (next === FAILED) return this.#fail(reason, offset + failedAt, at);
    }
    return at;
  }

  #fields(bytes: Buffer, start: number, limit: number): number {
    const end = bytes.length;
    const left = limit - this.#before;
    // Behind a CR by itself, the same bytes could be read in another way.
    const isUsual = this.list.emptyLine;
    const last = this.#last;
    if (isUsual && last !== undefined && last.bytes.length <= left && isAt(last.bytes, bytes, start, end)) {
      this.section = last;
      return start + last.bytes.length;
    }
    const { list } = this;
    let line = start;
    let next = start;
    this.#known.begin(isUsual ? last : undefined);
    while (!list.complete) {
      next = this.#known.read(bytes, line, end, list) || this.#grammar.readLine(bytes, line, end, list);
      if (next < 0) break;
      if (next - start > left) return this.#failFields('head-too-large', start + left, start, start + left);
      line = next;
    }
    if (list.complete) {
      this.section = sectionOf(list, bytes, start, next);
      if (isUsual) this.#last = this.section;
      return next;
    }
    const stop = next === FAILED ? lineEnd(bytes, list.failedAt) : 0;
    if ((stop === 0 ? end : stop) - start > left) {
      return this.#failFields('head-too-large', start + left, start, start + left);
    }
    if (stop !== 0) return this.#failFields(list.reason, list.failedAt, start, stop);
    this.#carry.append(bytes, start, end);
    this.#line = line - start;
    return end;
  }

  #fieldsCarried(bytes: Buffer, from: number, limit: number): number {
    let at = from;
    while (at < bytes.length && this.section === undefined && this.failure === undefined) {
      const lf = bytes.indexOf(LF, at);
      const stop = lf === -1 ? bytes.length : lf + 1;
      const left = limit - this.#before - this.#carry.length;
      if (stop - at > left) {
        this.#carry.append(bytes, at, at + left);
        return this.#fail('head-too-large', at + left, at + left);
      }
      this.#carry.append(bytes, at, stop);
      at = stop;
      if (lf !== -1) this.#carriedLines(at, limit);
    }
    return at;
  }

  /** Reads the lines that have been put together. @param at what follows them */
  #carriedLines(at: number, limit: number): void {
    const { list } = this;
    const { bytes, length } = this.#carry;
    const left = limit - this.#before;
    if (length > left) {
      this.#fail('head-too-large', at - length + left, at);
      return;
    }
    while (!list.complete) {
      const next = this.#grammar.readLine(bytes, this.#line, length, list);
      if (next === INCOMPLETE) return;
      if (next === FAILED) {
        this.#fail(list.reason, at - length + list.failedAt, at);
        return;
      }
      this.#line = next;
    }
    this.section = sectionOf(list, bytes, 0, length);
    this.#carry.clear();
  }

  #failFields(reason: FailureReason, at: number, start: number, used: number): number {
    return this.#fail(reason, at, this.#areTrailers ? used : start);
  }

  /** @returns where reading stopped: what is before it has been used, or carried */
  #fail(reason: FailureReason, at: number, stopped: number): number {
    this.failure = reason;
    this.failedAt = at;
    return stopped;
  }
}
