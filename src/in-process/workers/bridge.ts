import { createServer, type Socket } from 'node:net';
import type { Authority } from '../../net/authority.js';
import { type StartTimer, systemClock } from '../../runtime/clock.js';

/** Takes a connection when it is known whose it is. */
type Take = (socket: Socket) => void;

/** Milliseconds in which somebody has to say whose a connection is: one that a worker makes is told of in the same turn. */
const LIMIT = 30_000;

/**
 * The listener for the connections of worker threads. Which is which is only known when the worker's word has come, after
 * the connection or before it: until then it waits.
 */
export class Bridge {
  /** Each with what ends its waiting. */
  readonly #arrived = new Map<number, { readonly socket: Socket; readonly clearTimer: () => void }>();
  readonly #startTimer: StartTimer;
  readonly #expected = new Map<number, Take>();
  readonly #server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    this.#accept(socket);
  });
  #listening: Promise<Authority> | undefined;

  constructor(startTimer: StartTimer = systemClock.startTimer) {
    this.#startTimer = startTimer;
  }

  /** Its address; it listens from the first call on. */
  address(): Promise<Authority> {
    this.#listening ??= new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', () => {
        this.#server.unref();
        const address = this.#server.address();
        resolve({ host: '127.0.0.1', port: typeof address === 'object' ? (address?.port ?? 0) : 0 });
      });
    });
    return this.#listening;
  }

  /** Says whose the connection from a port is. */
  expect(port: number, take: Take): void {
    const arrived = this.#arrived.get(port);
    if (arrived === undefined) {
      this.#expected.set(port, take);
      return;
    }
    this.#arrived.delete(port);
    arrived.clearTimer();
    take(arrived.socket);
  }

  close(): void {
    this.#server.close();
    for (const { socket } of this.#arrived.values()) socket.destroy();
  }

  #accept(socket: Socket): void {
    const { remotePort: port = 0 } = socket;
    const take = this.#expected.get(port);
    this.#expected.delete(port);
    if (take !== undefined) {
      take(socket);
      return;
    }
    const clearTimer = this.#startTimer(LIMIT, () => socket.destroy());
    this.#arrived.set(port, { socket, clearTimer });
    socket.on('error', () => {});
    socket.once('close', () => {
      clearTimer();
      if (this.#arrived.get(port)?.socket === socket) this.#arrived.delete(port);
    });
  }
}
