import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { KnownClient } from './known-client.js';

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
  readonly #byPort = new Map<number, KnownClient>();
  readonly #onSocket = (message: unknown): void => {
    const client = this.#running.getStore();
    if (client === undefined) return;
    const { socket } = message as { socket: Socket };
    socket.once('connect', () => {
      const { localPort } = socket;
      if (localPort === undefined) return;
      // Some take the refusal of a CONNECT for the response to their request: they meet the failure itself.
      this.#byPort.set(localPort, { ...client, fail: (cause) => socket.destroy(cause) });
      socket.once('close', () => this.#byPort.delete(localPort));
    });
  };

  constructor() {
    subscribe(CHANNEL, this.#onSocket);
  }

  /** Runs a function for a client. */
  run<T>(client: KnownClient, body: () => T): T {
    return this.#running.run(client, body);
  }

  /** The client whose connection comes from a port; undefined where it is none of these. */
  at(port: number): KnownClient | undefined {
    return this.#byPort.get(port);
  }

  /** Ends the watch over this process's connections. */
  close(): void {
    unsubscribe(CHANNEL, this.#onSocket);
    this.#byPort.clear();
  }
}
