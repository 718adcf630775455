import type { Socket } from 'node:net';
import { setImmediate, setTimeout } from '../runtime/realm.js';

/** The remainder of a proxy that has retired. */
export interface Remainder {
  /** The ports of the clients whose connections are still there. */
  readonly ports: readonly number[];
  /** Resolves when all connections are closed that there are then. */
  empty(): Promise<void>;
}

/** Milliseconds in which a client has said something that is going to say anything. */
const SILENCE = 500;

/** The protocol on a client's connection, as far as its end is concerned. */
export interface RetirableConnection {
  /**
   * Takes nothing new: ends the connection, now or as soon as nothing is under way on it.
   * @returns whether it is ending now
   */
  retire(): boolean;
}

/**
 * The end of a proxy that takes nothing new: each connection goes when nothing is under way on it any more, and none of
 * them keeps the process alive beyond what its client does.
 */
export class Retirement {
  readonly #clients = new WeakMap<Socket, RetirableConnection>();
  readonly #upstreams = new Set<Socket>();
  #begun = false;

  /** Nothing new is taken. */
  get begun(): boolean {
    return this.#begun;
  }

  /** Takes in the connection of a client, by its TCP socket. */
  addClient(raw: Socket, connection: RetirableConnection): void {
    this.#clients.set(raw, connection);
    if (this.#begun) afterTurns(() => connection.retire());
  }

  /** Takes in a connection to an upstream. */
  addUpstream(socket: Socket): void {
    this.#upstreams.add(socket);
    socket.once('close', () => this.#upstreams.delete(socket));
    if (this.#begun) socket.unref();
  }

  /**
   * @param accepted the connections of clients, by their TCP sockets
   * @returns those that are ending now
   */
  begin(accepted: Iterable<Socket>): ReadonlySet<Socket> {
    this.#begun = true;
    for (const socket of this.#upstreams) socket.unref();
    const ending = [...accepted].filter((raw) => {
      this.retireClient(raw);
      return this.#clients.get(raw)?.retire() === true;
    });
    return new Set(ending);
  }

  /** Has the connection of a client end, now that nothing new is taken: it was on its way before. */
  retireClient(raw: Socket): void {
    raw.unref();
    if (raw.bytesRead > 0) return;
    // Its client may have nothing to say; or it was connected just now, and this process is busy.
    const endIfSilent = (): void => {
      if (raw.bytesRead === 0 && this.#clients.get(raw) === undefined) raw.destroy();
    };
    setTimeout(() => afterTurns(endIfSilent), SILENCE).unref();
  }
}

/** Calls back when what is written by now, by whomever in this process, has been read. */
export function afterTurns(callback: () => void): void {
  setImmediate(() => setImmediate(callback));
}
