import { Readable } from 'node:stream';
import type { CapturedBody } from '../http/captured-body.js';
import { WINDOW } from '../http/window.js';
import type { IncomingBody } from '../interceptor.js';

/**
 * A request's body on its way from the client: captured as it passes by, held only while somebody
 * has to see it before it is decided what becomes of the request.
 */
export class RequestBody implements IncomingBody {
  readonly #source: Readable | null;
  readonly #captured: CapturedBody;
  readonly #onComplete: () => void;
  #held: Buffer[] = [];
  #out: Readable | undefined;
  #flowing = false;
  #discarding = false;
  /** Those who wait for it to be complete, or, `bounded`, to have outgrown the capture limit. */
  #waiting: { readonly bounded: boolean; wake(): void }[] = [];
  #failure: Error | undefined;

  constructor(source: Readable | null, captured: CapturedBody, onComplete: () => void) {
    this.#source = source;
    this.#captured = captured;
    this.#onComplete = onComplete;
    if (source === null) this.#complete();
  }

  /** It has come in full. */
  get complete(): boolean {
    return this.#captured.complete;
  }

  /** Holds the body until it is complete or has outgrown the capture limit. */
  body(): Promise<void> {
    return this.#hold({ bounded: true });
  }

  /** Holds the whole body, however long, and returns its bytes. */
  async whole(): Promise<Buffer> {
    await this.#hold({ bounded: false });
    if (this.#failure !== undefined) throw this.#failure;
    return this.#takeHeld();
  }

  /** The body for the upstream: bytes where it has come in full, else a stream; null where there is none. */
  forward(): Buffer | Readable | null {
    if (this.#source === null) return null;
    if (this.complete) return this.#takeHeld();
    const out = new Readable({
      highWaterMark: WINDOW,
      read: () => this.#flow(),
      // The upstream needs no more: the rest is only captured.
      destroy: (error, callback) => {
        this.#out = undefined;
        this.discard();
        callback(error);
      },
    });
    // The client may go away before the upstream is there to hear of it.
    out.on('error', () => {});
    for (const chunk of this.#held) if (!out.push(chunk)) this.#source.pause();
    this.#held = [];
    this.#out = out;
    // Reads while the upstream is being dialled: should that fail, the record has what has come.
    out.read(0);
    if (this.#failure !== undefined) out.destroy(this.#failure);
    return out;
  }

  /** Nobody needs the body: it is read to its end and only captured. */
  discard(): void {
    this.#discarding = true;
    this.#held = [];
    this.#flow();
  }

  /** The client went away. */
  fail(error: Error): void {
    if (this.complete) return;
    this.#failure = error;
    this.#out?.destroy(error);
    this.#wakeAll();
  }

  #hold({ bounded }: { bounded: boolean }): Promise<void> {
    if (this.complete || this.#failure !== undefined) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push({ bounded, wake: resolve });
      this.#flow();
    });
  }

  #wakeAll(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { wake } of waiting) wake();
  }

  /** It is held back until it is known what becomes of it, unless somebody waits for the whole. */
  #outgrown(source: Readable): void {
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(({ bounded }) => !bounded);
    if (this.#waiting.length === 0) source.pause();
    for (const { bounded, wake } of waiting) if (bounded) wake();
  }

  #takeHeld(): Buffer {
    const bytes = this.#held.length === 1 ? (this.#held[0] as Buffer) : Buffer.concat(this.#held);
    this.#held = [];
    return bytes;
  }

  #flow(): void {
    const source = this.#source;
    if (source === null || this.complete) return;
    if (this.#flowing) {
      source.resume();
      return;
    }
    this.#flowing = true;
    source.on('end', () => this.#complete());
    source.on('data', (chunk: Buffer) => this.#receive(source, chunk));
  }

  #receive(source: Readable, chunk: Buffer): void {
    this.#captured.append(chunk);
    if (this.#out !== undefined) {
      if (!this.#out.push(chunk)) source.pause();
    } else if (!this.#discarding) {
      this.#held.push(chunk);
      if (this.#captured.truncated) this.#outgrown(source);
    }
  }

  #complete(): void {
    this.#captured.complete = true;
    this.#out?.push(null);
    this.#wakeAll();
    this.#onComplete();
  }
}
