import { located } from './invalid-reply.js';
import type { StubbedRequest } from './ready-reply.js';
import type { Source } from './source.js';

/** One piece of a body, and how many milliseconds to wait before it. */
export interface Piece {
  readonly bytes: Buffer;
  readonly delay?: number;
}

const END: IteratorReturnResult<undefined> = { done: true, value: undefined };

/**
 * A body on its way, piece by piece. Unlike an async generator it can be let go of while it waits, for
 * its source or for a delay: it ends at once, its timer is cleared and its source told.
 */
export class StreamedBody implements AsyncIterableIterator<Buffer, undefined> {
  readonly #source: Source;
  readonly #pieceOf: (item: unknown) => Piece;
  readonly #asked: StubbedRequest;
  #over = false;
  #endWaiting: ((end: typeof END) => void) | undefined;
  #clearTimer = () => {};

  constructor(source: Source, pieceOf: (item: unknown) => Piece, asked: StubbedRequest) {
    this.#source = source;
    this.#pieceOf = pieceOf;
    this.#asked = asked;
    // The client may leave before anybody has begun to read.
    const letGo = () => this.#letGo();
    asked.exchange.finished().then(letGo, letGo);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Buffer, undefined>> {
    if (this.#over) return Promise.resolve(END);
    return new Promise((resolve, reject) => {
      this.#endWaiting = resolve;
      this.#read().then(resolve, (cause) => {
        reject(located(cause, this.#asked));
        this.#letGo();
      });
    });
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#letGo();
    return END;
  }

  async #read(): Promise<IteratorResult<Buffer, undefined>> {
    while (!this.#over) {
      const { done, value } = await this.#source.next();
      if (this.#over) break;
      if (done) {
        this.#over = true;
        break;
      }
      const { bytes, delay = 0 } = this.#pieceOf(value);
      if (delay > 0) await this.#wait(delay);
      if (bytes.length > 0) return { done: false, value: bytes };
    }
    return END;
  }

  #wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.#clearTimer = this.#asked.startTimer(milliseconds, resolve);
    });
  }

  #letGo(): void {
    if (this.#over) return;
    this.#over = true;
    this.#clearTimer();
    this.#source.cancel();
    this.#endWaiting?.(END);
  }
}
