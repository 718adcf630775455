import type { WaylayError } from '../errors.js';
import { declaredLength, withoutLength } from '../http/framing.js';
import type { RawHeaders } from '../http/headers.js';
import type { ResponseHead } from '../http/response-head.js';
import type { MessageFault, Shape } from '../interceptor.js';
import type { Clock } from '../runtime/clock.js';
import { AbortController } from '../runtime/realm.js';
import { BodyStage, type BodyTarget } from './body-stage.js';
import { FaultReached, faultBeforeHead, shaped } from './shape.js';

/** The target of a shaped response. */
export interface ShapedTarget extends Omit<BodyTarget, 'end'> {
  head(head: ResponseHead, trailersFollow?: boolean): void;
  end(trailers: RawHeaders): void;
  /** The fault is due. */
  broken(fault: MessageFault): void;
}

/** A response that is slowed down, cut into pieces or broken off on its way to the client. */
export class ShapedResponse {
  readonly #shape: Shape;
  readonly #clock: Clock;
  readonly #target: ShapedTarget;
  readonly #abort = new AbortController();
  #clearTimer = () => {};
  #body: BodyStage | undefined;
  #waiting: Buffer[] = [];
  #ended: RawHeaders | undefined;
  #failed: WaylayError | undefined;

  constructor(shape: Shape, clock: Clock, target: ShapedTarget) {
    this.#shape = shape;
    this.#clock = clock;
    this.#target = target;
  }

  head(head: ResponseHead, trailersFollow?: boolean): void {
    if (this.#abort.signal.aborted) return;
    const { delay } = this.#shape;
    if (delay) this.#clearTimer = this.#clock.startTimer(delay, () => this.#begin(head, trailersFollow));
    else this.#begin(head, trailersFollow);
  }

  data(chunk: Buffer): boolean {
    if (this.#body !== undefined) return this.#body.data(chunk);
    this.#waiting.push(chunk);
    return false;
  }

  end(trailers: RawHeaders): void {
    this.#ended = trailers;
    this.#body?.end();
  }

  fail(error: WaylayError): void {
    this.#failed = error;
    this.#body?.fail(error);
  }

  resume(): void {
    this.#body?.resume();
  }

  stop(): void {
    this.#clearTimer();
    this.#abort.abort();
    this.#waiting = [];
    this.#body?.stop();
  }

  // A malformed chunk needs chunks; and a body that is whole by its length cannot be broken any more.
  #endsInChunks({ headers }: ResponseHead): boolean {
    const { fault } = this.#shape;
    if (fault === undefined) return false;
    return (
      fault.kind === 'malformed-chunk' || (declaredLength(headers) ?? Number.POSITIVE_INFINITY) <= (fault.after ?? 0)
    );
  }

  #begin(head: ResponseHead, trailersFollow?: boolean): void {
    const target = this.#target;
    const fault = faultBeforeHead(this.#shape);
    if (fault !== undefined) {
      target.broken(fault);
      return;
    }
    target.head(this.#endsInChunks(head) ? { ...head, headers: withoutLength(head.headers) } : head, trailersFollow);
    if (this.#abort.signal.aborted) return;
    const body = new BodyStage((chunks) => shaped(chunks, this.#shape, this.#clock, this.#abort.signal), {
      data: (chunk) => target.data(chunk),
      end: () => target.end(this.#ended ?? []),
      fail: (error) => target.fail(error),
      failed: (cause) => (cause instanceof FaultReached ? target.broken(cause.fault) : target.failed(cause)),
      more: () => target.more(),
    });
    this.#body = body;
    for (const chunk of this.#waiting) body.data(chunk);
    const waited = this.#waiting.length > 0;
    this.#waiting = [];
    if (this.#failed !== undefined) body.fail(this.#failed);
    else if (this.#ended !== undefined) body.end();
    else if (waited) target.more();
  }
}
