import type { WaylayError } from '../errors.js';
import { type FaultKind, rowOf } from '../faults.js';
import { declaredLength, withoutLength } from '../http/framing.js';
import type { RawHeaders } from '../http/headers.js';
import type { ResponseHead } from '../http/response-head.js';
import type { Failure, ResponseSink } from '../http/sink.js';
import type { Shape } from '../interceptor.js';
import type { Clock } from '../runtime/clock.js';
import { AbortController } from '../runtime/realm.js';
import { BodyStage } from './body-stage.js';
import { faultBeforeHead, shaped, shapeFailure } from './shape.js';
import { Stage } from './stage.js';

/** Slows a response down, cuts it into pieces, or breaks it off. */
export class Shaper extends Stage {
  readonly #shape: Shape;
  readonly #clock: Clock;
  readonly #abort = new AbortController();
  #clearTimer = () => {};
  /** The head has come, and waits for its time or has gone on. */
  #begun = false;
  #body: BodyStage | undefined;
  #waiting: Buffer[] = [];
  #trailers: RawHeaders | undefined;
  #failure: Failure | undefined;

  constructor(shape: Shape, clock: Clock, next: ResponseSink) {
    super(next);
    this.#shape = shape;
    this.#clock = clock;
  }

  override head(head: ResponseHead, trailersFollow?: boolean): void {
    if (this.#abort.signal.aborted) return;
    this.#begun = true;
    const { delay } = this.#shape;
    if (delay) this.#clearTimer = this.#clock.startTimer(delay, () => this.#begin(head, trailersFollow));
    else this.#begin(head, trailersFollow);
  }

  override data(chunk: Buffer): boolean {
    if (this.#body !== undefined) return this.#body.data(chunk);
    this.#waiting.push(chunk);
    return false;
  }

  override end(trailers: RawHeaders): void {
    this.#trailers = trailers;
    this.#body?.end(trailers);
  }

  override fail(error: WaylayError, ending?: FaultKind): void {
    if (!this.#begun) this.next.fail(error, ending);
    else if (this.#body !== undefined) this.#body.fail(error, ending);
    else this.#failure = { error, ending };
  }

  override resume(): void {
    this.#body?.resume();
  }

  override abort(): void {
    this.#clearTimer();
    this.#abort.abort();
    this.#waiting = [];
    this.#body?.abort();
    super.abort();
  }

  // A fault within chunks needs chunks; and a body that is whole by its length cannot be broken any more.
  #endsInChunks({ headers }: ResponseHead): boolean {
    const { fault } = this.#shape;
    if (fault === undefined) return false;
    return (
      rowOf(fault.kind).ofChunks === true || (declaredLength(headers) ?? Number.POSITIVE_INFINITY) <= (fault.after ?? 0)
    );
  }

  #begin(head: ResponseHead, trailersFollow?: boolean): void {
    const { next, source } = this;
    const fault = faultBeforeHead(this.#shape);
    if (fault !== undefined) {
      next.fail(fault.error, fault.kind);
      return;
    }
    next.head(this.#endsInChunks(head) ? { ...head, headers: withoutLength(head.headers) } : head, trailersFollow);
    const { signal } = this.#abort;
    if (signal.aborted) return;
    const body = new BodyStage(
      (chunks) => shaped(chunks, this.#shape, this.#clock, signal),
      shapeFailure,
      source,
      next,
    );
    this.#body = body;
    for (const chunk of this.#waiting) body.data(chunk);
    const waited = this.#waiting.length > 0;
    this.#waiting = [];
    if (this.#failure !== undefined) body.fail(this.#failure.error, this.#failure.ending);
    else if (this.#trailers !== undefined) body.end(this.#trailers);
    else if (waited) source.resume();
  }
}
