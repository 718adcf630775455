import type { Failure } from '../http/sink.js';

// Bytes that may wait before their sender is held back.
const ROOM = 256 * 1024;

/** Turns what is pushed into what is pulled: chunks wait here until they are asked for. */
export class ChunkQueue implements AsyncIterable<Buffer> {
  readonly #wanted: () => void;
  #chunks: Buffer[] = [];
  #size = 0;
  #full = false;
  #state: 'open' | 'ended' | 'closed' = 'open';
  #failure: Failure | undefined;
  #wake = () => {};

  /** @param wanted called when there is room again after `push` returned false */
  constructor(wanted: () => void) {
    this.#wanted = wanted;
  }

  /** The failure that it was ended with, whose error it has thrown or is going to throw at its consumer. */
  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** False where it is full. What comes after the close is dropped. */
  push(chunk: Buffer): boolean {
    if (this.#state !== 'open') return true;
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    this.#wake();
    this.#full = this.#size >= ROOM;
    return !this.#full;
  }

  /** After the chunks that wait there is nothing, or a failure. */
  end(failure?: Failure): void {
    if (this.#state !== 'open') return;
    this.#state = 'ended';
    this.#failure = failure;
    this.#wake();
  }

  /** Nobody pulls any more: what waits is dropped, whoever waits is told of the end. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#chunks = [];
    this.#size = 0;
    this.#wake();
    this.#makeRoom();
  }

  [Symbol.asyncIterator](): AsyncIterator<Buffer, undefined> {
    return {
      next: () => this.#next(),
      return: async () => {
        this.close();
        return { done: true, value: undefined };
      },
    };
  }

  async #next(): Promise<IteratorResult<Buffer, undefined>> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        this.#size -= chunk.length;
        this.#makeRoom();
        return { done: false, value: chunk };
      }
      if (this.#state === 'ended' && this.#failure !== undefined) throw this.#failure.error;
      if (this.#state !== 'open') return { done: true, value: undefined };
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #makeRoom(): void {
    if (!this.#full || this.#size >= ROOM) return;
    this.#full = false;
    this.#wanted();
  }
}
