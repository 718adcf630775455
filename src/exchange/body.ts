import { TestError } from '../errors.js';
import { decodeContent, type Named } from './content-coding.js';

/** A body as far as it has passed by: at most the capture limit is kept, the rest is only counted. */
export class CapturedBody {
  #limit: number;
  // One chunk is what most bodies have: a list for it would be kept with each exchange, too.
  #first: Buffer | undefined;
  #others: Buffer[] | undefined;
  #kept = 0;
  /** Bytes that passed by, kept or not. */
  size = 0;
  /** The last byte has passed by. */
  complete = false;
  #earlyReads = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  append(chunk: Buffer): void {
    this.size += chunk.length;
    const room = this.#limit - this.#kept;
    if (room <= 0 || chunk.length === 0) return;
    const kept = chunk.length <= room ? chunk : chunk.subarray(0, room);
    this.#kept += kept.length;
    if (this.#first === undefined) this.#first = kept;
    else if (this.#others === undefined) this.#others = [kept];
    else this.#others.push(kept);
  }

  /** Bytes kept in memory. */
  get kept(): number {
    return this.#kept;
  }

  /** More passed by than is kept. */
  get truncated(): boolean {
    return this.size > this.#kept;
  }

  /** What is kept, as on the wire (content codings not undone). */
  get bytes(): Buffer {
    this.#noteRead();
    if (this.#first === undefined) return Buffer.alloc(0);
    if (this.#others !== undefined) this.#first = Buffer.concat([this.#first, ...this.#others]);
    this.#others = undefined;
    return this.#first;
  }

  /** How often it was read before it was complete: whoever did saw a part of it. */
  get earlyReads(): number {
    return this.#earlyReads;
  }

  #noteRead(): void {
    if (!this.complete) this.#earlyReads += 1;
  }

  /** Forgets the bytes and keeps the count: the journal's limit was reached. */
  drop(): void {
    this.#first = undefined;
    this.#others = undefined;
    this.#kept = 0;
    // What comes after this would be a body without its beginning.
    this.#limit = 0;
  }

  /**
   * The whole body with its content codings undone.
   * @throws {TestError} `WAYLAY_BODY_INCOMPLETE`, `WAYLAY_BODY_UNREADABLE`
   */
  decoded(contentEncoding: string | undefined, what: Named): Buffer {
    this.#noteRead();
    if (!this.complete) {
      throw new TestError(
        'WAYLAY_BODY_INCOMPLETE',
        `The body of ${what} has not arrived in full: ${this.size} bytes so far. Await exchange.finished() before reading it; of a body that does not end, such as an event stream, .body has what has come.`,
      );
    }
    if (this.truncated) {
      throw new TestError(
        'WAYLAY_BODY_INCOMPLETE',
        `The body of ${what} has ${this.size} bytes, of which ${this.#kept} were kept. Raise captureLimit or journalLimit to read it in full.`,
      );
    }
    return decodeContent(this.bytes, contentEncoding, what);
  }
}
