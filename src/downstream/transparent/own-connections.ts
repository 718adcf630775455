import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import type { Authority } from '../../net/authority.js';
import { unmapped } from '../../net/own-address.js';

/**
 * The connections that the proxy opened. Rules that redirect what this machine sends redirect them too, back to the
 * proxy, which would dial again, without end. Such a connection is told by where it comes from and was going: both are
 * those of one of our own.
 */
export class OwnConnections {
  readonly #open = new Map<string, { cameBack: boolean }>();

  /**
   * Keeps a connection that was just opened in mind until it is closed.
   * @returns whether it came back here
   */
  async opened(socket: Socket): Promise<boolean> {
    const { localAddress, localPort, remoteAddress, remotePort } = socket;
    const key = keyOf(localAddress, localPort, remoteAddress, remotePort);
    const state = { cameBack: false };
    this.#open.set(key, state);
    socket.once('close', () => this.#open.delete(key));
    // Its other end, if it is here, is accepted in this turn of the event loop or in the next.
    await setImmediate();
    await setImmediate();
    return state.cameBack;
  }

  /** Is the client at the other end of an accepted connection the proxy itself? */
  async isOwn({ remoteAddress, remotePort }: Socket, { host, port }: Authority): Promise<boolean> {
    const key = keyOf(remoteAddress, remotePort, host, port);
    if (!this.#open.has(key)) await setImmediate();
    const own = this.#open.get(key);
    if (own !== undefined) own.cameBack = true;
    return own !== undefined;
  }
}

function keyOf(
  from: string | undefined,
  fromPort: number | undefined,
  to: string | undefined,
  toPort: number | undefined,
): string {
  return `${unmapped(from ?? '')} ${fromPort} ${unmapped(to ?? '')} ${toPort}`;
}
