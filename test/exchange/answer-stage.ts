import { Readable } from 'node:stream';
import { type AnswerContext, sendAnswer, sendFault } from '../../src/exchange/answer.js';
import { Arriving } from '../../src/exchange/arriving.js';
import { RequestBody } from '../../src/exchange/request-body.js';
import type { ResponseSource } from '../../src/exchange/response-source.js';
import type { Answer, MessageFault, Shape } from '../../src/interceptor.js';
import { Exchange } from '../../src/journal/exchange.js';
import { Request } from '../../src/journal/message.js';
import { ManualClock } from '../manual-clock.js';
import { ClientDouble } from './client-double.js';

/** The answer in the place of an upstream's response, or breaks off in its place. */
export type Sent = Answer | { readonly fault: MessageFault };

/** The setting of an answer. */
export interface AnswerSetting {
  readonly method?: string;
  readonly delay?: number;
  /** The shape of the request, whose body the test sends. */
  readonly shape?: Shape;
  /** The request has no body. */
  readonly none?: boolean;
}

/** The body of an answer that comes as a test says, and writes down what is asked of it. */
export class ComingStream implements AsyncIterable<Uint8Array> {
  readonly #results: (IteratorResult<Uint8Array> | Error)[] = [];
  #log: string[] = [];
  #waiting: { resolve(result: IteratorResult<Uint8Array>): void; reject(error: Error): void } | undefined;

  /** Where what is asked of it goes. */
  writesTo(log: string[]): void {
    this.#log = log;
  }

  comes(result: IteratorResult<Uint8Array> | Error): void {
    this.#results.push(result);
    this.#settle();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return {
      next: () =>
        new Promise((resolve, reject) => {
          this.#log.push('stream: asked');
          this.#waiting = { resolve, reject };
          this.#settle();
        }),
      return: async () => {
        this.#log.push('stream: let go');
        return { done: true, value: undefined };
      },
    };
  }

  #settle(): void {
    const waiting = this.#waiting;
    const result = this.#results[0];
    if (waiting === undefined || result === undefined) return;
    this.#results.shift();
    this.#waiting = undefined;
    if (result instanceof Error) waiting.reject(result);
    else waiting.resolve(result);
  }
}

/** An answer on its way to a client, with a clock that stands still. */
export class AnswerStage {
  readonly log: string[] = [];
  readonly clock = new ManualClock();
  readonly client = new ClientDouble(this.log);
  readonly stream: ComingStream | undefined;
  /** The client's bytes. */
  readonly clientBody = new Readable({ read: () => {} });
  readonly #body: RequestBody;
  readonly #source: ResponseSource;

  constructor(sent: Sent, { method = 'GET', delay, shape, none = false }: AnswerSetting = {}) {
    const exchange = new Exchange({
      id: 1,
      request: new Request(method, 'https://shop.test/', [], '1.1', 1024),
      client: { address: '192.0.2.2', port: 40_000, tls: undefined },
      destination: { host: 'shop.test', port: 443, source: 'connect' },
      websocket: false,
      start: 0,
    });
    this.#body = new RequestBody(none ? null : this.clientBody, exchange.request.captured, () => {});
    const context: AnswerContext = { exchange, delay, clock: this.clock, sink: this.client };
    if ('fault' in sent) {
      this.#source = sendFault(sent.fault, delay, this.clock, this.client);
      return;
    }
    this.stream = sent.body instanceof ComingStream ? sent.body : undefined;
    this.stream?.writesTo(this.log);
    if (shape === undefined) this.#source = sendAnswer(sent, context);
    else {
      const arriving = new Arriving(sent, shape, context);
      this.#source = arriving;
      arriving.start(this.#body);
    }
    this.client.source = this.#source;
  }

  get taker(): never {
    throw new Error('nothing comes from an upstream');
  }

  advance(milliseconds: number): void {
    this.clock.advance(milliseconds);
  }

  room(has: boolean): void {
    this.client.room = has;
  }

  abort(): void {
    this.#source.abort();
  }

  /** The client goes away, with its request. */
  leave(): void {
    this.#body.fail(new Error('gone'));
    this.clientBody.destroy();
  }
}
