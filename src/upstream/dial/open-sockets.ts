import type { Socket } from 'node:net';
import { isJoined } from '../../net/splice.js';

/**
 * The TCP connections that one link has opened: they end with it, also those that are still being made, but for one that was
 * joined with the client's. Without an AbortSignal, whose errors and listeners cost more than the rest of a connection's end.
 */
export class OpenSockets {
  readonly #sockets = new Set<Socket>();
  #closed = false;

  get closed(): boolean {
    return this.#closed;
  }

  add(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    if (this.#closed) end(socket);
  }

  /** Ends all that there are, and from now on whatever is added. */
  close(): void {
    this.#closed = true;
    for (const socket of this.#sockets) end(socket);
  }
}

// A consumer that waits for the connection hears of its end by an error only.
function end(socket: Socket): void {
  if (isJoined(socket)) return;
  socket.destroy(socket.connecting ? new Error('it is no longer wanted') : undefined);
}
