import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { unmapped } from '../own-address.js';

/**
 * The connections that the proxy opened. Rules that redirect what this machine sends redirect them too, back to the
 * proxy, which would dial again, without end. Such a connection is told by its client's address: it is our own.
 */
export class OwnConnections {
  readonly #open = new Map<string, { cameBack: boolean }>();

  /**
   * Keeps a connection that was just opened in mind until it is closed.
   * @returns whether it came back here
   */
  async opened(socket: Socket): Promise<boolean> {
    const key = keyOf(socket.localAddress, socket.localPort);
    const state = { cameBack: false };
    this.#open.set(key, state);
    socket.once('close', () => this.#open.delete(key));
    // Its other end, if it is here, is accepted in this turn of the event loop or in the next.
    await setImmediate();
    await setImmediate();
    return state.cameBack;
  }

  /** Is the client at the other end of an accepted connection the proxy itself? */
  async isOwn(socket: Socket): Promise<boolean> {
    const key = keyOf(socket.remoteAddress, socket.remotePort);
    if (!this.#open.has(key)) await setImmediate();
    const own = this.#open.get(key);
    if (own !== undefined) own.cameBack = true;
    return own !== undefined;
  }
}

function keyOf(address: string | undefined, port: number | undefined): string {
  return `${unmapped(address ?? '')} ${port}`;
}
