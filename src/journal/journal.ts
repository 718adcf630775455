import type { WebSocketMessage } from '../websocket/message.js';
import type { MessageLog } from '../websocket/message-log.js';
import type { Exchange } from './exchange.js';
import { DEFAULT_SECRETS, type Secrets } from './mask/secrets.js';
import { Queue } from './queue.js';

/**
 * The progress of an exchange: its request's head, its request in full, its response's head, each message of a WebSocket,
 * its end.
 */
export type Phase = 'request' | 'request-complete' | 'response' | 'message' | 'end';

/** Told of every step of every exchange; must not throw. */
export type JournalListener = (exchange: Exchange, phase: Phase) => void;

/**
 * Limits of what the journal keeps. The bodies of the exchanges that ended longest ago go first, and their messages with
 * them, then the oldest ended exchanges. Pending ones are never forgotten: somebody may be waiting for them. But of a
 * WebSocket, which may send for ever, the oldest messages are.
 */
export interface JournalLimit {
  /** Exchanges kept, and messages of one WebSocket; default 10,000. */
  readonly exchanges: number;
  /** Bytes of all bodies and messages together; default 256 MiB. */
  readonly bytes: number;
}

/** All exchanges of one test, in order of arrival. */
export class Journal {
  readonly #limit: JournalLimit;
  readonly #listeners = new Set<JournalListener>();
  readonly #exchanges = new Queue<Exchange>();
  #nextId = 1;
  #bytes = 0;
  /** Ended exchanges of which bytes are kept, in order of their ends; some may be dropped already. */
  readonly #kept = new Queue<Exchange>();
  /** WebSockets that are open; their messages are part of `#bytes`. */
  readonly #open = new Set<MessageLog>();
  /** The secrets that are not shown of the exchanges. */
  secrets: Secrets = DEFAULT_SECRETS;
  /** Exchanges that are no longer kept. */
  forgotten = 0;

  constructor(limit: JournalLimit) {
    this.#limit = limit;
  }

  /** The exchanges so far, oldest first. */
  get exchanges(): readonly Exchange[] {
    return this.#exchanges.toArray();
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
    if (this.#exchanges.length > this.#limit.exchanges) this.#forgetOldest();
    this.notify(exchange, 'request');
  }

  notify(exchange: Exchange, phase: Phase): void {
    for (const listener of this.#listeners) listener(exchange, phase);
  }

  /** Adds what came over a WebSocket. */
  addMessage(exchange: Exchange, message: WebSocketMessage): void {
    const { messageLog: log } = exchange;
    if (log === undefined || exchange.ended) return;
    this.#open.add(log);
    this.#bytes += log.add(message);
    if (log.messages.length > this.#limit.exchanges) this.#bytes -= log.dropOldest();
    if (this.#bytes > this.#limit.bytes) this.#dropBodies();
    while (this.#bytes > this.#limit.bytes && this.#dropMessage());
    this.notify(exchange, 'message');
  }

  /** Marks the exchange's end. */
  end(exchange: Exchange, now: number): void {
    if (exchange.ended) return;
    exchange.end(now);
    // Told before bodies are dropped: a listener may read this one.
    this.notify(exchange, 'end');
    const { request, response, intervention } = exchange;
    let bodies = request.captured.kept + (response?.captured.kept ?? 0);
    if (intervention !== undefined) for (const { kept } of intervention.bodiesBeside(request)) bodies += kept;
    const messages = exchange.messageLog?.kept ?? 0;
    if (exchange.messageLog !== undefined) this.#open.delete(exchange.messageLog);
    if (bodies + messages === 0) return;
    exchange.bytesKept = bodies + messages;
    this.#kept.push(exchange);
    this.#bytes += bodies;
    if (this.#bytes > this.#limit.bytes) this.#dropBodies();
  }

  // A long-lived exchange, such as a WebSocket or an event stream, must not keep all later ones
  // alive: it is passed over.
  #forgetOldest(): void {
    while (this.#exchanges.length > this.#limit.exchanges) {
      const exchange = this.#exchanges.take(hasEnded);
      if (exchange === undefined) return;
      this.#drop(exchange);
      this.forgotten += 1;
    }
    while (this.#kept.first?.bytesKept === 0) this.#kept.take();
  }

  #dropBodies(): void {
    while (this.#bytes > this.#limit.bytes) {
      const exchange = this.#kept.take();
      if (exchange === undefined) return;
      this.#drop(exchange);
    }
  }

  // Takes from the WebSocket that has most, lest one that was silent so far is left with nothing.
  #dropMessage(): boolean {
    let most: MessageLog | undefined;
    for (const log of this.#open) if (log.kept > (most?.kept ?? 0)) most = log;
    if (most === undefined) return false;
    this.#bytes -= most.dropOldest();
    return true;
  }

  #drop(exchange: Exchange): void {
    this.#bytes -= exchange.bytesKept;
    exchange.bytesKept = 0;
    exchange.request.captured.drop();
    exchange.response?.captured.drop();
    for (const body of exchange.intervention?.bodiesBeside(exchange.request) ?? []) body.drop();
    exchange.messageLog?.drop();
  }
}

function hasEnded({ ended }: Exchange): boolean {
  return ended;
}
