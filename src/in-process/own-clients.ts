import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { KnownClient } from '../downstream/known-client.js';

// Node's channel for every TCP connection that this process opens (node:diagnostics_channel, "Net").
const CHANNEL = 'net.client.socket';

/**
 * The clients in this process: whatever connection is opened while a function runs is that of the client
 * it runs for. Nothing of that is seen on the wire.
 *
 * @example
 * const clients = new OwnClients();
 * await clients.run({ name: 'request', verifies: false }, () => request.get('https://shop.test/'));
 * clients.close();
 */
export class OwnClients {
  readonly #running = new AsyncLocalStorage<KnownClient>();
  /** Clients by the ports that their connections come from; those of one port go to different ones. */
  readonly #byPort = new Map<number, Map<number | undefined, KnownClient>>();
  readonly #onSocket = (message: unknown): void => {
    const client = this.#running.getStore();
    if (client === undefined) return;
    const { socket } = message as { socket: Socket };
    // TLS cannot even begin for want of a usable certificate: nobody looks at the connection any more.
    socket.on('error', () => {});
    socket.once('connect', () => {
      const { localPort, remotePort } = socket;
      if (localPort === undefined) return;
      const there = this.#byPort.get(localPort) ?? new Map<number | undefined, KnownClient>();
      this.#byPort.set(localPort, there);
      // Some take the refusal of a CONNECT for the response to their request: they meet the failure itself.
      there.set(remotePort, { ...client, fail: (cause) => socket.destroy(cause) });
      socket.once('close', () => {
        there.delete(remotePort);
        if (there.size === 0) this.#byPort.delete(localPort);
      });
    });
  };

  constructor() {
    subscribe(CHANNEL, this.#onSocket);
  }

  /** Runs a function for a client. */
  run<T>(client: KnownClient, body: () => T): T {
    return this.#running.run(client, body);
  }

  /**
   * The client whose connection comes from a port; undefined where it is none of these.
   * @param to the port that it goes to; left out, any will do
   */
  clientAt(port: number, to?: number): KnownClient | undefined {
    const there = this.#byPort.get(port);
    return to === undefined ? there?.values().next().value : there?.get(to);
  }

  /** Ends the watch over this process's connections. */
  close(): void {
    unsubscribe(CHANNEL, this.#onSocket);
    this.#byPort.clear();
  }
}
