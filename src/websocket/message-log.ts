import type { WebSocketMessage } from './message.js';

/** Bytes that a message takes beside its data, about: a socket may send empty ones for ever. */
export const MESSAGE_OVERHEAD = 256;

/** The messages of one WebSocket, as far as they are kept: the oldest go first. */
export class MessageLog {
  readonly #messages: WebSocketMessage[] = [];
  /** Messages that are no longer kept. */
  forgotten = 0;
  /** Bytes that the kept ones take. */
  kept = 0;
  #dropped = false;

  /** Oldest first. */
  get messages(): readonly WebSocketMessage[] {
    return this.#messages;
  }

  /** Returns the bytes that it takes. */
  add(message: WebSocketMessage): number {
    if (this.#dropped) {
      this.forgotten += 1;
      return 0;
    }
    this.#messages.push(message);
    const taken = bytesOf(message);
    this.kept += taken;
    return taken;
  }

  /** Returns the bytes that became free. */
  dropOldest(): number {
    const oldest = this.#messages.shift();
    if (oldest === undefined) return 0;
    const freed = bytesOf(oldest);
    this.forgotten += 1;
    this.kept -= freed;
    return freed;
  }

  /** Forgets all, and what may still come. */
  drop(): void {
    this.forgotten += this.#messages.length;
    this.#messages.length = 0;
    this.kept = 0;
    this.#dropped = true;
  }
}

function bytesOf({ data }: WebSocketMessage): number {
  return MESSAGE_OVERHEAD + data.length;
}
