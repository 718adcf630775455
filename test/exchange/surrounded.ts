import type { ExchangeContext } from '../../src/exchange/context.js';
import type { RequestDecision, ResponseChange } from '../../src/interceptor.js';
import { Journal } from '../../src/journal/journal.js';
import { ManualClock } from '../manual-clock.js';

/** Something to come later, when the test says. */
export const LATER = Symbol('later');

/** The acts of a relay's surroundings. */
export interface Surroundings {
  /** Default: it is forwarded as it is; an error is thrown. */
  readonly decision?: RequestDecision | Error | typeof LATER;
  /** Default: it stays as it is; an error is thrown. */
  readonly change?: ResponseChange | Error | typeof LATER;
  /** The interceptor waits for the request's body before it decides. */
  readonly needsBody?: boolean;
  readonly upstreamErrors?: 'mirror' | 'respond';
  readonly captureLimit?: number;
}

/** A stage with an interceptor, a journal and a clock that do as a test says. */
export abstract class Surrounded {
  readonly log: string[] = [];
  readonly clock = new ManualClock();
  /** Counts the ends of the exchange: as the connection is told, and as the journal is. */
  ends = { connection: 0, journal: 0 };
  /** The interceptor waits for the request's body. */
  awaitsBody = false;
  /** The exchange was left hanging. */
  protected hung = false;
  /** The proxy is being stopped. */
  protected stopping = false;
  protected readonly onStop = new Set<() => void>();
  /** The interceptor was asked what it should not be. */
  protected readonly wronglyAsked: string[] = [];
  readonly #retirement = { begun: false };
  #request: ((decision: RequestDecision | Error | undefined) => void) | undefined;
  #response: ((change: ResponseChange | Error | undefined) => void) | undefined;

  /** The decision on the request is waited for. */
  get askedOfRequest(): boolean {
    return this.#request !== undefined;
  }

  get askedOfResponse(): boolean {
    return this.#response !== undefined;
  }

  decideRequest(decision: RequestDecision | Error | undefined): void {
    this.#request?.(decision);
    this.#request = undefined;
  }

  decideResponse(change: ResponseChange | Error | undefined): void {
    this.#response?.(change);
    this.#response = undefined;
  }

  retire(): void {
    this.#retirement.begun = true;
  }

  advance(milliseconds: number): void {
    this.clock.advance(milliseconds);
  }

  protected context(surroundings: Surroundings): ExchangeContext {
    const { decision, change, needsBody, upstreamErrors = 'respond', captureLimit = 1024 } = surroundings;
    const journal = new Journal({ exchanges: 10, bytes: 1024 * 1024 });
    journal.subscribe((_, phase) => {
      if (phase === 'end') this.ends.journal += 1;
    });
    const isStopping = (): boolean => this.stopping;
    return {
      options: { captureLimit, upstreamErrors },
      interceptor: {
        mayAnswer: () => true,
        onHandshake: () => undefined,
        onTunnel: () => undefined,
        onRequest: (_, incoming) => {
          const decided = (): RequestDecision | undefined | Promise<RequestDecision | undefined> =>
            decision === LATER ? later((tell) => (this.#request = tell)) : given(decision);
          if (!needsBody) return decided();
          this.awaitsBody = true;
          return incoming.body().then(() => {
            this.awaitsBody = false;
            return decided();
          });
        },
        onResponse: (exchange) => {
          if (exchange.ended) this.wronglyAsked.push('a response is asked about after the end');
          return change === LATER ? later((tell) => (this.#response = tell)) : given(change);
        },
      },
      journal,
      clock: this.clock,
      log: () => {},
      clientAt: () => undefined,
      retirement: this.#retirement,
      get stopping() {
        return isStopping();
      },
      onStop: this.onStop,
    };
  }
}

function later<Value>(asked: (tell: (value: Value | Error | undefined) => void) => void): Promise<Value | undefined> {
  return new Promise((resolve, reject) => {
    asked((value) => (value instanceof Error ? reject(value) : resolve(value)));
  });
}

function given<Value>(value: Value | Error): Value {
  if (value instanceof Error) throw value;
  return value;
}
