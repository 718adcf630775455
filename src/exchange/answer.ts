import { TestError } from '../errors.js';
import { declaredLength, mayHaveBody, withoutLength } from '../http/framing.js';
import { headerValue, NO_FIELDS } from '../http/headers.js';
import { letGo, Pump } from '../http/pump.js';
import type { ResponseHead } from '../http/response-head.js';
import type { Failure, ResponseSink } from '../http/sink.js';
import type { Answer, MessageFault } from '../interceptor.js';
import type { Exchange } from '../journal/exchange.js';
import type { Clock } from '../runtime/clock.js';
import { setImmediate } from '../runtime/realm.js';
import { handlerFailure, ruleFailure } from './relay-errors.js';
import type { ResponseSource } from './response-source.js';

/** The context that an answer is sent in. */
export interface AnswerContext {
  readonly exchange: Exchange;
  /** Milliseconds before anything is sent. */
  readonly delay: number | undefined;
  readonly clock: Clock;
  readonly sink: ResponseSink;
}

/** Sends an answer that was made here, as an upstream would: in order, and no faster than it is taken. */
export function sendAnswer(answer: Answer, context: AnswerContext): ResponseSource {
  const { delay, informational, body } = answer;
  // Most are there in full: nothing of them is ever waited for.
  if (Buffer.isBuffer(body) && !delay && !context.delay && informational === undefined) {
    try {
      sendWhole(answer, body, context);
    } catch (cause) {
      failed(cause, context);
    }
    return SENT;
  }
  const sending = new AnswerSending(answer, context);
  sending.start();
  return sending;
}

const SENT: ResponseSource = { begun: true, resume: () => {}, abort: () => {} };

/** The answer is none that can be sent, or its body throws. */
function failed(cause: unknown, { exchange, sink }: AnswerContext): void {
  sink.fail(ruleFailure(exchange, cause).error);
}

/** Breaks off in the place of a response, as late as it was asked for. */
export function sendFault(
  fault: MessageFault,
  delay: number | undefined,
  clock: Clock,
  sink: ResponseSink,
): ResponseSource {
  const due = (): void => sink.fail(fault.error, fault.kind);
  const clear = delay ? clock.startTimer(delay, due) : due();
  return { begun: true, resume: () => {}, abort: () => clear?.() };
}

/** Nobody is there to get the answer. */
export function discardAnswer({ body }: Answer): void {
  if (!Buffer.isBuffer(body)) letGo(body);
}

class AnswerSending implements ResponseSource {
  readonly begun = true;
  readonly #answer: Answer;
  readonly #context: AnswerContext;
  #clearTimer: (() => void) | undefined;
  #pump: Pump | undefined;
  #over = false;

  constructor(answer: Answer, context: AnswerContext) {
    this.#answer = answer;
    this.#context = context;
  }

  start(): void {
    this.#after(this.#context.delay, () => {
      for (const head of this.#answer.informational ?? []) this.#context.sink.informational(head);
      this.#after(this.#answer.delay, () => this.#send());
    });
  }

  resume(): void {
    this.#pump?.resume();
  }

  abort(): void {
    if (this.#over) return;
    this.#over = true;
    this.#clearTimer?.();
    if (this.#pump === undefined) discardAnswer(this.#answer);
    else this.#pump.abort();
  }

  #after(milliseconds: number | undefined, next: () => void): void {
    if (milliseconds) this.#clearTimer = this.#context.clock.startTimer(milliseconds, () => this.#attempt(next));
    else this.#attempt(next);
  }

  #attempt(step: () => void): void {
    try {
      if (!this.#over) step();
    } catch (cause) {
      this.abort();
      failed(cause, this.#context);
    }
  }

  #send(): void {
    const { exchange, sink } = this.#context;
    const { status, statusText, headers, body, trailers = [] } = this.#answer;
    if (Buffer.isBuffer(body)) {
      sendWhole(this.#answer, body, this.#context);
      this.#over = true;
      return;
    }
    const head = { status, statusText, headers: trailers.length > 0 ? withoutLength(headers) : headers };
    if (mayHaveBody(exchange.request.method, status) && declaredLength(head.headers) !== 0) {
      this.#stream(head, body);
      return;
    }
    sink.head(trailers.length > 0 ? head : { ...head, headOnly: true });
    this.#end();
    letGo(body);
  }

  #stream(head: ResponseHead, body: AsyncIterable<Uint8Array>): void {
    const { exchange, sink } = this.#context;
    let left = declaredLength(head.headers);
    let begun = false;
    const begin = (): void => {
      if (begun || this.#over) return;
      begun = true;
      sink.head(head, (this.#answer.trailers ?? []).length > 0);
    };
    const explain = (cause: unknown): Failure => handlerFailure(exchange, cause);
    const pump = new Pump(body, explain, {
      data: (chunk) => {
        begin();
        if (left === undefined) return sink.data(chunk);
        if (chunk.length > left) {
          pump.abort();
          failed(mismatch(head, 'more'), this.#context);
          return true;
        }
        left -= chunk.length;
        const room = sink.data(chunk);
        // The client has all that it was promised: whatever the stream still does, there is nothing to wait for.
        if (left === 0) {
          pump.abort();
          this.#end();
        }
        return room;
      },
      end: () => {
        begin();
        if (left) failed(mismatch(head, 'less'), this.#context);
        else this.#end();
      },
      fail: (error) => {
        this.#over = true;
        sink.fail(error);
      },
    });
    this.#pump = pump;
    pump.start();
    // The head waits for no chunk, but a stream that fails at once can still be answered by a 500.
    setImmediate(() => this.#attempt(begin));
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#context.sink.end(this.#answer.trailers ?? NO_FIELDS);
  }
}

/** An answer whose body is there in full. */
function sendWhole(answer: Answer, body: Buffer, { exchange, sink }: AnswerContext): void {
  const { method } = exchange.request;
  const { status, statusText, headers, trailers = NO_FIELDS } = answer;
  if (trailers.length > 0) sink.head({ status, statusText, headers: withoutLength(headers) }, true);
  else if (body.length > 0) sink.head(withLength(answer, body, method));
  else sink.head({ ...withLength(answer, body, method), headOnly: true });
  if (body.length > 0) sink.data(body);
  sink.end(trailers);
}

function mismatch(head: ResponseHead, what: 'more' | 'less'): TestError {
  return new TestError(
    'WAYLAY_INVALID_REPLY',
    `The answer says content-length: ${declaredLength(head.headers)}, and its body has ${what}. Leave the field out.`,
  );
}

// RFC 9110, section 8.6: a length unless the message cannot have one.
function withLength(head: ResponseHead, body: Buffer, method: string): ResponseHead {
  const { status, statusText, headers } = head;
  const given = headerValue(headers, 'content-length');
  const length = String(body.length);
  if (given === length || !mayHaveBody('GET', status)) return head;
  if (given !== undefined) {
    const declared = declaredLength(headers);
    if (method !== 'HEAD' && declared !== body.length) {
      throw mismatch(head, (declared ?? 0) > body.length ? 'less' : 'more');
    }
    return head;
  }
  if (method === 'HEAD' && body.length === 0) return head;
  return { status, statusText, headers: [...headers, 'Content-Length', length] };
}
