import { TestError } from '../errors.js';
import { decodeContent, type Named } from './content-coding.js';

const NOTHING = Buffer.alloc(0);

/** Bytes that stay of a body longer than the capture limit: it cannot be read in full, only looked at. */
const BEGINNING = 1024 * 1024;

/**
 * A body as it passes by. It is kept whole up to the capture limit; of a longer one the beginning stays, and the rest
 * is only counted.
 */
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
    if (this.size > this.#limit) {
      const wholeSoFar = this.#kept === this.size - chunk.length;
      if (wholeSoFar) this.#cut(chunk);
      return;
    }
    if (chunk.length === 0) return;
    this.#kept += chunk.length;
    if (this.#first === undefined) this.#first = chunk;
    else if (this.#others === undefined) this.#others = [chunk];
    else this.#others.push(chunk);
  }

  /** This chunk passes the limit. The copy lets go of all the others. */
  #cut(chunk: Buffer): void {
    this.#kept = Math.min(this.#limit, BEGINNING);
    this.#first = Buffer.concat([this.#first ?? NOTHING, ...(this.#others ?? []), chunk], this.#kept);
    this.#others = undefined;
  }

  /** Bytes kept in memory. */
  get kept(): number {
    return this.#kept;
  }

  /** More passed by than is kept. */
  get truncated(): boolean {
    return this.size > this.#kept;
  }

  /** The bytes that are kept, as on the wire (content codings not undone). */
  get bytes(): Buffer {
    this.#noteRead();
    if (this.#first === undefined) return NOTHING;
    if (this.#others !== undefined) this.#first = Buffer.concat([this.#first, ...this.#others]);
    this.#others = undefined;
    return this.#first;
  }

  /** The number of times that it was read before it was complete: each saw a part of it. */
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
    // The bytes that come after this would be a body without its beginning.
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
