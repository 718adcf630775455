/** Exchanges made of the real classes, and a stand-in for the core's relay that drives rules as it does. */

import { Rules } from '../../matchers/rules.js';
import type { RulesOptions } from '../../matchers/rules-options.js';
import { TestError } from '../../src/errors.js';
import type { RawHeaders } from '../../src/http/headers.js';
import type { ResponseHead } from '../../src/http/response-head.js';
import type { Answer, RequestDecision, ResponseChange } from '../../src/interceptor.js';
import type { Exchange } from '../../src/journal/exchange.js';
import { Journal, type JournalLimit } from '../../src/journal/journal.js';
import { Response } from '../../src/journal/message.js';
import type { StartTimer } from '../../src/runtime/clock.js';
import { makeExchange } from '../journal/exchanges.js';

export interface Sent {
  method?: string;
  url?: string;
  headers?: RawHeaders;
  /** A string is sent as it is, anything else as JSON. */
  body?: unknown;
  /** False: the body has only begun to come. */
  complete?: boolean;
  websocket?: boolean;
  captureLimit?: number;
}

/** An exchange whose request has come. */
export function exchange({ body, complete = true, ...init }: Sent = {}, id = 1): Exchange {
  return makeExchange({ ...init, id, request: { body: bytesOf(body), complete } });
}

function bytesOf(body: unknown): Buffer {
  if (body === undefined) return Buffer.alloc(0);
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

/** A response with its whole body. */
export function respond(to: Exchange, status: number, headers: RawHeaders = [], body: unknown = ''): Response {
  const response = new Response(to.request, status, '', headers, '1.1', 10_000);
  response.captured.append(bytesOf(body));
  response.captured.complete = true;
  to.response = response;
  return response;
}

/** A timer that fires when the test says so. */
export class FakeTimer {
  readonly pending = new Set<{ milliseconds: number; fire: () => void }>();

  readonly start: StartTimer = (milliseconds, fire) => {
    const timer = { milliseconds, fire };
    this.pending.add(timer);
    return () => this.pending.delete(timer);
  };

  /** Lets all the time pass. */
  fire(): void {
    for (const timer of [...this.pending]) {
      this.pending.delete(timer);
      timer.fire();
    }
  }
}

/** A request on its way through the rules. */
export class Passage {
  readonly exchange: Exchange;
  /** Do the rules wait for the body? */
  waits = false;
  decision: RequestDecision | undefined | Promise<RequestDecision | undefined>;
  #arrived: (() => void) | undefined;
  readonly #wire: Wire;

  constructor(wire: Wire, sent: Sent) {
    this.#wire = wire;
    const { journal, rules } = wire;
    this.exchange = exchange(sent, journal.nextId());
    journal.add(this.exchange);
    if (this.exchange.request.captured.complete) journal.notify(this.exchange, 'request-complete');
    const body = () =>
      new Promise<void>((resolve) => {
        this.waits = true;
        this.#arrived = resolve;
      });
    this.decision = rules.interceptor.onRequest(this.exchange, { body });
  }

  /** The rest of the body comes. */
  completeBody(body?: unknown): void {
    const { request: message } = this.exchange;
    message.captured.append(bytesOf(body));
    message.captured.complete = true;
    this.#wire.journal.notify(this.exchange, 'request-complete');
    this.#arrived?.();
  }

  /** The body outgrows the capture limit. */
  outgrow(): void {
    this.#arrived?.();
  }

  /** The answer, or undefined where the request is forwarded. */
  async answer(): Promise<Answer | undefined> {
    const decision = await this.decision;
    if (decision?.action === 'refuse') throw decision.error;
    return decision?.action === 'answer' ? decision.answer : undefined;
  }

  async status(): Promise<number | undefined> {
    return (await this.answer())?.status;
  }

  async response(head: Partial<ResponseHead> = {}): Promise<ResponseChange | undefined> {
    return this.#wire.rules.interceptor.onResponse(this.exchange, {
      status: 200,
      statusText: 'OK',
      headers: [],
      ...head,
    });
  }

  /** The exchange ends as the core ends it: with what was decided. */
  async end(): Promise<Exchange> {
    try {
      const decision = await this.decision;
      if (decision?.action === 'refuse') {
        this.exchange.source = 'refused';
        this.exchange.error = decision.error;
      } else if (decision?.action === 'answer') {
        this.exchange.source = 'stub';
        respond(this.exchange, decision.answer.status, decision.answer.headers, decision.answer.body);
      } else respond(this.exchange, 200);
    } catch (cause) {
      this.exchange.source = 'failed';
      const { message } = cause as Error;
      this.exchange.error = new TestError('WAYLAY_HANDLER', `A function failed: ${message}`, { cause });
    }
    this.#wire.journal.end(this.exchange, 1);
    return this.exchange;
  }
}

/** A journal with rules over it. */
export class Wire {
  readonly journal: Journal;
  readonly timer = new FakeTimer();
  readonly rules: Rules;

  constructor(
    options: Omit<RulesOptions, 'journal'> = {},
    limit: JournalLimit = { exchanges: 10_000, bytes: 1_000_000 },
  ) {
    this.journal = new Journal(limit);
    this.rules = new Rules({ startTimer: this.timer.start, ...options, journal: this.journal });
  }

  send(sent: Sent | string = {}): Passage {
    if (typeof sent !== 'string') return new Passage(this, sent);
    const [method, url] = sent.split(' ') as [string, string];
    return new Passage(this, { method, url });
  }
}
