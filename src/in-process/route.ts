import type { Socket } from 'node:net';
import type { KnownClient } from '../downstream/known-client.js';
import { InternalError } from '../errors.js';
import type { Authority } from '../net/authority.js';
import { reachableAt } from '../net/own-address.js';
import { clearTimeout, nextTick, setTimeout } from '../runtime/realm.js';
import type { Link } from '../upstream/link.js';
import { environmentProxy } from './environment-proxies.js';
import { ResolvedNames } from './resolved-names.js';
import { TrustedAuthority } from './trusted-authority.js';

/** The address of a proxy, and what those who go through it trust. */
export interface ProxyEndpoint {
  readonly host: string;
  readonly port: number;
  /** The certificate of its authority, PEM. */
  readonly caPem: string;
  /** Roots that it trusts for upstreams beside the default, PEM. */
  readonly trustedRoots: readonly string[];
  /** Serves a connection that came in elsewhere as one that came to the proxy's port. */
  accept(socket: Socket): void;
  /** True if rules or the host map may speak for a name. */
  knowsName(name: string): boolean | Promise<boolean>;
  /** Dials for a client before it is routed to the proxy; throws what it would meet without. */
  dialAhead(destination: Authority, aborted: (stop: () => void) => void): Promise<Link | undefined>;
}

/** A connection of this process that was routed to the proxy. */
interface RoutedConnection {
  readonly socket: Socket;
  readonly client: KnownClient;
}

let last = 0;

/** The hooks for a connection pool that this route has of its own. */
export interface Pool {
  /** Takes nothing new, and closes each connection that carries nothing. */
  retire(): void;
  /** Ends all at once. */
  close(): void;
}

/**
 * The route of one test's connections to its proxy. The proxy knows no more of them than the port that they come from,
 * and asks here for the rest.
 */
export class Route {
  readonly #byPort = new Map<number, RoutedConnection>();
  /** The sockets that are to be connected with the proxy, or are, and the destination of each. */
  readonly #sockets = new Map<Socket, Authority>();
  /** The sockets that the proxy has asked about. */
  readonly #arrived = new WeakSet<Socket>();
  readonly #pools: Pool[] = [];
  /** Connections that are about to come in from elsewhere. */
  readonly #held = new Set<Promise<void>>();
  /** Its name, for those who are in other threads. */
  readonly id: number;
  /** Other tests may run at the same time: what nothing tells to be on this route is not taken for it. */
  readonly concurrent: boolean;
  /** The names that its clients resolved. */
  readonly names = new ResolvedNames();
  #proxy: ProxyEndpoint | undefined;
  #trustedAuthority: TrustedAuthority | undefined;
  #closed = false;

  constructor({ concurrent = false, id = ++last }: { readonly concurrent?: boolean; readonly id?: number } = {}) {
    this.concurrent = concurrent;
    this.id = id;
  }

  /** Says which proxy the route goes to, as soon as that is known. */
  setProxy(endpoint: ProxyEndpoint): void {
    const { host, caPem } = endpoint;
    this.#proxy = { ...endpoint, host: reachableAt(host) };
    this.#trustedAuthority = new TrustedAuthority(caPem);
  }

  get proxy(): ProxyEndpoint {
    if (this.#proxy === undefined) throw new InternalError('WAYLAY_INTERNAL', 'The proxy has not been started yet.');
    return this.#proxy;
  }

  /** The address that a connection is made to if it is to go on this route. */
  get entrance(): Authority {
    return this.proxy;
  }

  /** Knows the certificates that the proxy makes. */
  get trustedAuthority(): TrustedAuthority {
    if (this.#trustedAuthority === undefined)
      throw new InternalError('WAYLAY_INTERNAL', 'The proxy has not been started yet.');
    return this.#trustedAuthority;
  }

  /** The test is over. */
  get closed(): boolean {
    return this.#closed;
  }

  /** True if this socket is on the route. */
  has(socket: Socket): boolean {
    return this.#sockets.has(socket);
  }

  /** Tells the proxy whose connection comes from a port. */
  clientAt(port: number): KnownClient | undefined {
    const connection = this.#byPort.get(port);
    if (connection !== undefined) this.#arrived.add(connection.socket);
    return connection?.client;
  }

  /** Takes in a socket that is going to be connected with the proxy. */
  take(socket: Socket, destination: Authority): void {
    this.#sockets.set(socket, destination);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  /** Routes a taken-in socket: to be called in the turn in which it is being connected with the proxy. */
  register(socket: Socket, destination: Authority, about: Pick<KnownClient, 'secureContext' | 'link'>): void {
    // The system gives it a port with the call, which Node makes in a turn queued before this one; the proxy hears of
    // the connection in a later one.
    nextTick(() => {
      const { localPort: port } = socket;
      if (port === undefined) {
        about.link?.close();
        return;
      }
      const fail = (cause: Error): void => void socket.destroy(cause);
      const failsOnGoaway = (): boolean => isOfUndici(socket);
      this.expect(port, socket, { verifies: true, destination, fail, failsOnGoaway, ...about });
    });
  }

  /** Says whose connection it is that comes from a port, until the socket is closed. */
  expect(port: number, socket: Socket, client: KnownClient): void {
    const replacedProxy = client.destination && environmentProxy(client.destination);
    this.#byPort.set(port, { socket, client: { ...client, replacedProxy } });
    socket.once('close', () => {
      if (this.#byPort.get(port)?.socket === socket) this.#byPort.delete(port);
    });
  }

  /** Keeps the route until the function is called that this returns: a connection is about to come in from elsewhere. */
  hold(): () => void {
    let letGo = (): void => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    this.#held.add(held);
    return () => {
      this.#held.delete(held);
      letGo();
    };
  }

  /**
   * True if requests have come from all of its connections.
   * @param ports those that requests have come from
   */
  haveAllRequested(ports: ReadonlySet<number>): boolean {
    const own = [...this.#sockets.keys()].map(({ localPort }) => localPort);
    return this.#held.size === 0 && [...own, ...this.#byPort.keys()].every((port) => ports.has(port as number));
  }

  /** Has a pool end with this route. */
  keepPool(pool: Pool): void {
    this.#pools.push(pool);
  }

  /** The test is over: its connections are about to be closed by the proxy. */
  end(): void {
    this.#closed = true;
  }

  /** The destinations of the connections that have come no further than this process. */
  get pendingDestinations(): readonly Authority[] {
    return [...this.#sockets].filter(([socket]) => !this.#arrived.has(socket)).map(([, destination]) => destination);
  }

  /**
   * Ends the connections of pools that carry nothing: they would be kept for the next test. Resolves when they are
   * closed.
   *
   * @param ports those that the proxy has still connections from
   * @returns whether there are no others
   */
  async retire(ports: readonly number[]): Promise<boolean> {
    for (const { retire } of this.#pools) retire();
    const kept = new Set(ports);
    const idle = [...this.#sockets.keys()].filter(
      (socket) => this.#arrived.has(socket) && !(socket.localPort !== undefined && kept.has(socket.localPort)),
    );
    await end(idle);
    return this.isEmpty;
  }

  /** It has no connections. */
  get isEmpty(): boolean {
    return this.#sockets.size === 0 && this.#held.size === 0;
  }

  /** Resolves when those are closed that there are now. */
  async empty(): Promise<void> {
    await Promise.all([allClosed([...this.#sockets.keys()]), ...this.#held]);
  }

  /** The proxy closes what carries nothing, and the rest is closed when it carries nothing any more. */
  async drain(): Promise<void> {
    this.end();
    for (const { retire } of this.#pools) retire();
    while (!this.isEmpty) await this.empty();
    await this.close();
  }

  /** Lets the process end though there are connections. */
  unref(): void {
    for (const socket of this.#sockets.keys()) socket.unref();
  }

  /** Ends what connections the proxy's end did not; resolves when there are none. They would be kept for the next test. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { close } of this.#pools.splice(0)) close();
    await end([...this.#sockets.keys()]);
  }
}

/** Resolves when they are closed. Their peer has closed them already, or is about to. */
async function end(sockets: readonly Socket[]): Promise<void> {
  // Clients that are told of the end by their peer are better prepared for it than for that by a third party.
  if (await closedWithin(GRACE, sockets)) return;
  for (const socket of sockets) socket.destroy();
  await closedWithin(GRACE, sockets);
}

/** True if all connections are closed within so many milliseconds. */
function closedWithin(limit: number, sockets: readonly Socket[]): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), limit);
    void allClosed(sockets).then(() => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}

async function allClosed(sockets: readonly Socket[]): Promise<void> {
  await Promise.all(sockets.map((socket) => new Promise((done) => socket.once('close', done))));
}

/** The connection carries an HTTP/2 session of undici, which gives up what is under way at a GOAWAY. */
function isOfUndici(socket: Socket): boolean {
  return Object.getOwnPropertySymbols(socket).some(({ description }) => description === 'http2Session');
}

/** Milliseconds that clients have to notice that the proxy has closed their connections. */
const GRACE = 100;
