import type { Socket } from 'node:net';
import type { Authority } from '../destination.js';
import { InternalError } from '../errors.js';
import type { KnownClient } from '../known-client.js';
import { clearTimeout, nextTick, setTimeout } from '../realm.js';
import type { Link } from '../upstream/link.js';
import { CertificateKey } from './certificate-key.js';
import { ResolvedNames } from './resolved-names.js';

/** Where a proxy is, and what those who go through it trust. */
export interface RouteEnd {
  readonly host: string;
  readonly port: number;
  /** The certificate of its authority, PEM. */
  readonly caPem: string;
  /** Roots that it trusts for upstreams beside the default, PEM. */
  readonly trustedRoots: readonly string[];
  /** Serves a connection that came in elsewhere as one that came to the proxy's port. */
  accept(socket: Socket): void;
  /** Whether rules or the host map may speak for a name. */
  knowsName(name: string): boolean | Promise<boolean>;
  /** Dials for a client before it is led to the proxy; throws what it would meet without. */
  dialAhead(destination: Authority, aborted: (stop: () => void) => void): Promise<Link | undefined>;
}

/** A connection of this process that was led to the proxy. */
interface Led {
  readonly socket: Socket;
  readonly client: KnownClient;
}

let last = 0;

/**
 * The way of one test's connections to its proxy. The proxy knows no more of them than the port that they come from,
 * and asks here for the rest.
 */
export class Route {
  readonly #byPort = new Map<number, Led>();
  readonly #sockets = new Set<Socket>();
  readonly #atEnd: (() => void)[] = [];
  /** Its name, for those who are in other threads. */
  readonly id: number;
  /** Other tests may run at the same time: what nothing tells to be on this way is not taken for it. */
  readonly amongOthers: boolean;
  /** What its clients resolved. */
  readonly names = new ResolvedNames();
  #to: RouteEnd | undefined;
  #key: CertificateKey | undefined;
  #closed = false;

  constructor({ amongOthers = false, id = ++last }: { readonly amongOthers?: boolean; readonly id?: number } = {}) {
    this.amongOthers = amongOthers;
    this.id = id;
  }

  /** Says where the way leads to, as soon as that is known. */
  leadTo(end: RouteEnd): void {
    const { host, caPem } = end;
    this.#to = { ...end, host: ANY.get(host) ?? host };
    this.#key = new CertificateKey(caPem);
  }

  get to(): RouteEnd {
    if (this.#to === undefined) throw new InternalError('WAYLAY_INTERNAL', 'The proxy has not been started yet.');
    return this.#to;
  }

  /** Where a connection is made with that is to go on this way. */
  get entrance(): Authority {
    return this.to;
  }

  /** Knows the certificates that the proxy makes. */
  get key(): CertificateKey {
    if (this.#key === undefined) throw new InternalError('WAYLAY_INTERNAL', 'The proxy has not been started yet.');
    return this.#key;
  }

  /** The test is over. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Whether it leads through this socket. */
  leads(socket: Socket): boolean {
    return this.#sockets.has(socket);
  }

  /** What the proxy asks: whose connection comes from a port. */
  at(port: number): KnownClient | undefined {
    return this.#byPort.get(port)?.client;
  }

  /** Takes in a socket that is going to be connected with the proxy. */
  take(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  /** To be called in the turn in which a socket that was taken in is being connected with the proxy. */
  lead(socket: Socket, destination: Authority, about: Pick<KnownClient, 'secureContext' | 'link'>): void {
    // The system gives it a port with the call, which Node makes in a turn queued before this one; the proxy hears of
    // the connection in a later one.
    nextTick(() => {
      const { localPort: port } = socket;
      if (port === undefined) {
        about.link?.close();
        return;
      }
      const fail = (cause: Error): void => void socket.destroy(cause);
      this.expect(port, socket, { verifies: true, destination, fail, ...about });
    });
  }

  /** Says whose connection it is that comes from a port, until the socket is closed. */
  expect(port: number, socket: Socket, client: KnownClient): void {
    this.#byPort.set(port, { socket, client });
    socket.once('close', () => {
      if (this.#byPort.get(port)?.socket === socket) this.#byPort.delete(port);
    });
  }

  /** Does something when the way is closed. */
  atEnd(action: () => void): void {
    this.#atEnd.push(action);
  }

  /** The test is over: its connections are about to be closed by the proxy. */
  end(): void {
    this.#closed = true;
  }

  /** Ends what connections the proxy's end did not; resolves when there are none. They would be kept for the next test. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const action of this.#atEnd.splice(0)) action();
    // Clients that are told of the end by their peer are better prepared for it than for that by a third party.
    if (await this.#closing(GRACE)) return;
    for (const socket of this.#sockets) socket.destroy();
    await this.#closing(GRACE);
  }

  /** Whether all connections are closed within so many milliseconds. */
  #closing(limit: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), limit);
      const closed = [...this.#sockets].map((socket) => new Promise((done) => socket.once('close', done)));
      void Promise.all(closed).then(() => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }
}

/** Milliseconds that clients have to notice that the proxy has closed their connections. */
const GRACE = 100;

/** Where one is reached who listens on every address. */
const ANY: ReadonlyMap<string, string> = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
]);
