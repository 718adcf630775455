import { withoutUpstream } from '../faults.js';
import { Pump } from '../http/pump.js';
import type { Answer, MessageFault, Shape } from '../interceptor.js';
import type { Clock } from '../runtime/clock.js';
import { AbortController } from '../runtime/realm.js';
import { type AnswerContext, discardAnswer, sendAnswer } from './answer.js';
import { chunksOf } from './outgoing.js';
import type { RequestBody } from './request-body.js';
import type { ResponseSource } from './response-source.js';
import { FaultReached, shaped } from './shape.js';

/**
 * A request that is answered here, on its way as its shape says: the answer waits until the body has come at its pace,
 * and a fault within takes its place.
 */
export class Arriving implements ResponseSource {
  readonly begun = true;
  readonly #answer: Answer;
  readonly #shape: Shape;
  readonly #clock: Clock;
  readonly #broken: (fault: MessageFault) => void;
  readonly #abort = new AbortController();
  #clearTimer = () => {};
  #pump: Pump | undefined;
  #sending: ResponseSource | undefined;

  constructor(answer: Answer, shape: Shape, clock: Clock, broken: (fault: MessageFault) => void) {
    this.#answer = answer;
    this.#shape = shape;
    this.#clock = clock;
    this.#broken = broken;
  }

  start(body: RequestBody, { delay, ...context }: AnswerContext): void {
    const go = (): void => this.#receive(body, { ...context, delay: undefined });
    if (delay) this.#clearTimer = this.#clock.startTimer(delay, go);
    else go();
  }

  pause(): void {
    this.#sending?.pause();
  }

  resume(): void {
    this.#sending?.resume();
  }

  abort(): void {
    this.#clearTimer();
    this.#abort.abort();
    this.#pump?.stop();
    if (this.#sending === undefined) discardAnswer(this.#answer);
    else this.#sending.abort();
  }

  stop(): void {
    this.abort();
  }

  #receive(body: RequestBody, context: AnswerContext): void {
    const chunks = chunksOf(body.forward() ?? NOTHING);
    const pump = new Pump(shaped(chunks, this.#shape, this.#clock, this.#abort.signal), {
      data: () => true,
      end: () => {
        this.#sending = sendAnswer(this.#answer, context);
      },
      failed: (cause) => {
        if (!(cause instanceof FaultReached)) context.failed(cause);
        else this.#broken({ ...cause.fault, kind: withoutUpstream(cause.fault.kind) });
      },
    });
    this.#pump = pump;
    pump.start();
  }
}

const NOTHING = Buffer.alloc(0);
