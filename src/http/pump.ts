import { Readable } from 'node:stream';
import { asWaylayError } from '../errors.js';
import { setImmediate } from '../runtime/realm.js';
import { NO_FIELDS } from './headers.js';
import type { BodySink, Failure } from './sink.js';

/**
 * Hands on what an iterable gives, no faster than it is taken.
 *
 * It asks for one chunk ahead of what is taken, since what comes may be the end: a client that has the
 * whole body may go. Between two chunks the event loop turns once, so that each is on the wire before
 * its successor is asked for.
 */
export class Pump {
  readonly #source: AsyncIterable<Uint8Array>;
  readonly #explain: (cause: unknown) => Failure;
  readonly #target: BodySink;
  #iterator: AsyncIterator<Uint8Array> | undefined;
  #started = false;
  #over = false;
  /** The source has been asked, and has not answered or has thrown. */
  #asking = false;
  /** The target has been called, and has not returned or has thrown. */
  #handing = false;
  #room = true;
  #wake = () => {};

  /**
   * @param explain the failure that it is where the source throws, or gives what is no bytes
   * @param target never given an empty chunk
   */
  constructor(source: AsyncIterable<Uint8Array>, explain: (cause: unknown) => Failure, target: BodySink) {
    this.#source = source;
    this.#explain = explain;
    this.#target = target;
  }

  start(): void {
    if (this.#started || this.#over) return;
    this.#started = true;
    this.#run().catch((cause) => {
      if (this.#over) return;
      this.#over = true;
      // The source has more where it has not thrown itself.
      if (!this.#asking) letGo(this.#source, this.#iterator);
      const { error, ending }: Failure = this.#handing ? { error: asWaylayError(cause) } : this.#explain(cause);
      this.#target.fail(error, ending);
    });
  }

  /** There is room again. */
  resume(): void {
    this.#room = true;
    this.#wake();
  }

  /** Nobody wants more: the source is let go of, also while it is being waited for. Nothing is handed on after this. */
  abort(): void {
    if (this.#over) return;
    this.#over = true;
    this.#wake();
    letGo(this.#source, this.#iterator);
  }

  async #run(): Promise<void> {
    this.#asking = true;
    const iterator = this.#source[Symbol.asyncIterator]();
    this.#iterator = iterator;
    for (;;) {
      this.#asking = true;
      const { done, value } = await iterator.next();
      if (this.#over) return;
      if (done) break;
      this.#asking = false;
      const chunk = Buffer.from(value);
      if (chunk.length === 0) continue;
      if (!this.#room) await this.#roomAgain();
      if (this.#over) return;
      this.#room = true;
      // While it is handed on, the target may already call for more.
      this.#handing = true;
      if (!this.#target.data(chunk)) this.#room = false;
      this.#handing = false;
      await turn();
      if (this.#over) return;
    }
    this.#handing = true;
    this.#target.end(NO_FIELDS);
    this.#over = true;
  }

  #roomAgain(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Tells an iterable that nobody wants more of it. What it has to say to that is heard by nobody. */
export function letGo(source: AsyncIterable<unknown>, iterator?: AsyncIterator<unknown>): void {
  try {
    // The iterator of a stream does not hear of it before its pending read is done, and one that was not begun never.
    if (source instanceof Readable) source.on('error', () => {}).destroy();
    Promise.resolve((iterator ?? source[Symbol.asyncIterator]()).return?.()).catch(() => {});
  } catch {
    // It threw at once.
  }
}

/**
 * A stream of what the iterable gives. It has no error of its own: `fail` is told.
 * @param explain the failure that it is where the iterable throws
 */
export function readableFrom(
  source: AsyncIterable<Uint8Array>,
  explain: (cause: unknown) => Failure,
  fail: BodySink['fail'],
): Readable {
  const pump = new Pump(source, explain, {
    data: (chunk) => readable.push(chunk),
    end: () => void readable.push(null),
    fail,
  });
  const readable = new Readable({
    read: () => {
      pump.start();
      pump.resume();
    },
    destroy: (error, callback) => {
      pump.abort();
      callback(error);
    },
  });
  return readable;
}
