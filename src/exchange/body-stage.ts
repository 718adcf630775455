import type { WaylayError } from '../errors.js';
import type { FaultKind } from '../faults.js';
import { NO_FIELDS, type RawHeaders } from '../http/headers.js';
import { Pump } from '../http/pump.js';
import type { BodySink, Failure, Source } from '../http/sink.js';
import { ChunkQueue } from './chunk-queue.js';

/**
 * A stage on a body's way: pushed in, pulled through a function of streams, pushed on. It holds both
 * sides to the pace of what comes after it.
 */
export class BodyStage implements BodySink, Source {
  readonly #queue: ChunkQueue;
  readonly #pump: Pump;
  readonly #next: BodySink;
  /** The function has ended, before the body or with it. */
  #over = false;
  #trailers = NO_FIELDS;

  /** @param explain the failure that it is where the function throws */
  constructor(
    through: (chunks: AsyncIterable<Buffer>) => AsyncIterable<Uint8Array>,
    explain: (cause: unknown) => Failure,
    source: Pick<Source, 'resume'>,
    next: BodySink,
  ) {
    const queue = new ChunkQueue(() => source.resume());
    const over = (tell: () => void): void => {
      const { failure } = queue;
      this.#over = true;
      // Drops the rest, which the function has left, as it comes.
      queue.close();
      // A body that came short must not look complete, whatever the function made of it.
      if (failure === undefined) tell();
      else next.fail(failure.error, failure.ending);
    };
    const target: BodySink = {
      data: (chunk) => next.data(chunk),
      end: () => over(() => next.end(this.#trailers)),
      fail: (error, ending) => over(() => next.fail(error, ending)),
    };
    this.#next = next;
    this.#queue = queue;
    this.#pump = new Pump(through(queue), explain, target);
    this.#pump.start();
  }

  data(chunk: Buffer): boolean {
    return this.#queue.push(chunk);
  }

  end(trailers: RawHeaders): void {
    this.#trailers = trailers;
    this.#queue.end();
  }

  /** Fails once all before is handed on. */
  fail(error: WaylayError, ending?: FaultKind): void {
    if (this.#over) this.#next.fail(error, ending);
    else this.#queue.end({ error, ending });
  }

  /** The next stage has room again. */
  resume(): void {
    this.#pump.resume();
  }

  /** Nobody wants more. */
  abort(): void {
    this.#queue.close();
    this.#pump.abort();
  }
}
