import { withoutUpstream } from '../faults.js';
import { Pump } from '../http/pump.js';
import type { Answer, Shape } from '../interceptor.js';
import { AbortController } from '../runtime/realm.js';
import { type AnswerContext, discardAnswer, sendAnswer } from './answer.js';
import { chunksOf } from './outgoing.js';
import type { RequestBody } from './request-body.js';
import type { ResponseSource } from './response-source.js';
import { shaped, shapeFailure } from './shape.js';

/**
 * A request that is answered here, on its way as its shape says: the answer waits until the body has come at its pace,
 * and a fault within takes its place.
 */
export class Arriving implements ResponseSource {
  readonly begun = true;
  readonly #answer: Answer;
  readonly #shape: Shape;
  readonly #context: AnswerContext;
  readonly #abort = new AbortController();
  #clearTimer = () => {};
  #pump: Pump | undefined;
  #sending: ResponseSource | undefined;

  constructor(answer: Answer, shape: Shape, context: AnswerContext) {
    this.#answer = answer;
    this.#shape = shape;
    this.#context = context;
  }

  start(body: RequestBody): void {
    const { delay, clock } = this.#context;
    if (delay) this.#clearTimer = clock.startTimer(delay, () => this.#receive(body));
    else this.#receive(body);
  }

  resume(): void {
    this.#sending?.resume();
  }

  abort(): void {
    this.#clearTimer();
    this.#abort.abort();
    this.#pump?.abort();
    if (this.#sending === undefined) discardAnswer(this.#answer);
    else this.#sending.abort();
  }

  #receive(body: RequestBody): void {
    const { sink, clock } = this.#context;
    const chunks = shaped(chunksOf(body.forward() ?? NOTHING), this.#shape, clock, this.#abort.signal);
    const pump = new Pump(chunks, shapeFailure, {
      data: () => true,
      end: () => {
        this.#sending = sendAnswer(this.#answer, { ...this.#context, delay: undefined });
      },
      fail: (error, ending) => sink.fail(error, ending && withoutUpstream(ending)),
    });
    this.#pump = pump;
    pump.start();
  }
}

const NOTHING = Buffer.alloc(0);
