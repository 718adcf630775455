import type { WaylayError } from '../errors.js';
import { Pump } from '../http/pump.js';
import { ChunkQueue } from './chunk-queue.js';

/** The target of a body behind a stage. */
export interface BodyTarget {
  data(chunk: Buffer): boolean;
  end(): void;
  /** The sender failed; what it had sent before has been handed on. */
  fail(error: WaylayError): void;
  /** The stage itself failed. */
  failed(cause: unknown): void;
  /** Data may come again after `data` returned false. */
  more(): void;
}

/**
 * A stage on a body's way: pushed in, pulled through a function of streams, pushed on. It holds both
 * sides to the pace of what comes after it.
 */
export class BodyStage {
  readonly #queue: ChunkQueue;
  readonly #pump: Pump;

  constructor(through: (chunks: AsyncIterable<Buffer>) => AsyncIterable<Uint8Array>, target: BodyTarget) {
    const queue = new ChunkQueue(() => target.more());
    const over = (tell: () => void): void => {
      const failure = queue.failure as WaylayError | undefined;
      // Drops the rest, which the function has left, as it comes.
      queue.close();
      // A body that came short must not look complete, whatever the function made of it.
      if (failure === undefined) tell();
      else target.fail(failure);
    };
    this.#queue = queue;
    this.#pump = new Pump(through(queue), {
      data: (chunk) => target.data(chunk),
      end: () => over(() => target.end()),
      failed: (cause) => over(() => target.failed(cause)),
    });
    this.#pump.start();
  }

  data(chunk: Buffer): boolean {
    return this.#queue.push(chunk);
  }

  end(): void {
    this.#queue.end();
  }

  /** The sender failed. */
  fail(error: WaylayError): void {
    this.#queue.end(error);
  }

  /** The next stage has room again. */
  resume(): void {
    this.#pump.resume();
  }

  /** Nobody wants more. */
  stop(): void {
    this.#queue.close();
    this.#pump.stop();
  }
}
