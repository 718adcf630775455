import type { Exchange } from './exchange.js';

/** How far an exchange has come: its request's head, its request in full, its response's head, its end. */
export type Phase = 'request' | 'request-complete' | 'response' | 'end';

/** Told of every step of every exchange; must not throw. */
export type JournalListener = (exchange: Exchange, phase: Phase) => void;

/** What the journal keeps. The oldest bodies go first, then the oldest finished exchanges. */
export interface JournalLimit {
  /** Exchanges kept; default 10,000. */
  readonly exchanges: number;
  /** Bytes of all bodies together; default 256 MiB. */
  readonly bytes: number;
}

/** All exchanges of one test, in order of arrival. */
export class Journal {
  readonly #limit: JournalLimit;
  readonly #listeners = new Set<JournalListener>();
  readonly #exchanges: Exchange[] = [];
  #nextId = 1;
  #bytes = 0;
  #withBodies = 0;
  /** Exchanges that are no longer kept. */
  forgotten = 0;

  constructor(limit: JournalLimit) {
    this.#limit = limit;
  }

  /** Oldest first. */
  get exchanges(): readonly Exchange[] {
    return this.#exchanges;
  }

  /** The number of the next exchange. */
  nextId(): number {
    return this.#nextId++;
  }

  /** Returns what ends the subscription. */
  subscribe(listener: JournalListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  add(exchange: Exchange): void {
    this.#exchanges.push(exchange);
    if (this.#exchanges.length > this.#limit.exchanges) this.#forget();
    this.notify(exchange, 'request');
  }

  notify(exchange: Exchange, phase: Phase): void {
    for (const listener of this.#listeners) listener(exchange, phase);
  }

  /** Marks the exchange's end. */
  end(exchange: Exchange, now: number): void {
    if (exchange.ended) return;
    exchange.end(now);
    this.#bytes += exchange.request.captured.kept + (exchange.response?.captured.kept ?? 0);
    if (this.#bytes > this.#limit.bytes) this.#dropBodies();
    this.notify(exchange, 'end');
  }

  // Pending exchanges are never forgotten: somebody may be waiting for them.
  #forget(): void {
    const oldest = this.#exchanges[0];
    if (oldest === undefined || !oldest.ended) return;
    this.#exchanges.shift();
    this.#bytes -= drop(oldest);
    this.#withBodies = Math.max(0, this.#withBodies - 1);
    this.forgotten += 1;
  }

  #dropBodies(): void {
    while (this.#bytes > this.#limit.bytes && this.#withBodies < this.#exchanges.length) {
      const exchange = this.#exchanges[this.#withBodies] as Exchange;
      if (!exchange.ended) break;
      this.#bytes -= drop(exchange);
      this.#withBodies += 1;
    }
  }
}

function drop(exchange: Exchange): number {
  const bytes = exchange.request.captured.kept + (exchange.response?.captured.kept ?? 0);
  exchange.request.captured.drop();
  exchange.response?.captured.drop();
  return bytes;
}
