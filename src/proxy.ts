import type { Socket } from 'node:net';
import { acceptedLayer, enter } from './downstream/connection.js';
import type { ProxyContext } from './downstream/context.js';
import type { EntranceOptions } from './downstream/entrance-options.js';
import { Http1Server } from './downstream/http1/server.js';
import type { ClientLookup } from './downstream/known-client.js';
import type { Layer } from './downstream/layer.js';
import { type Listener, listen } from './downstream/listen.js';
import { dialAhead, enterReplacedProxy, redirected } from './downstream/redirected.js';
import { type Remainder, Retirement } from './downstream/retirement.js';
import { KernelMode } from './downstream/transparent/by-kernel.js';
import { loadNatLookup } from './downstream/transparent/platform/platforms.js';
import { InternalError } from './errors.js';
import type { Interceptor } from './interceptor.js';
import { Journal } from './journal/journal.js';
import type { Authority } from './net/authority.js';
import { hostMap, namesOf } from './net/host-map.js';
import { hostList } from './net/host-pattern.js';
import { endSocket } from './net/reset.js';
import { type ProxyOptions, resolveOptions } from './options.js';
import { type Clock, systemClock } from './runtime/clock.js';
import { debugLog, type Log } from './runtime/log.js';
import { CertificateAuthority } from './tls/certificate-authority.js';
import { leafSpki } from './tls/leaf-key.js';
import { clientContexts } from './upstream/client-certificates.js';
import { proxySelector } from './upstream/dial/proxy-server.js';
import { Resolver } from './upstream/dial/resolver.js';
import { upstreamRoots } from './upstream/dial/roots.js';
import type { Link } from './upstream/link.js';

/** The parts that the proxy is given beside its options. */
export interface ProxyParts {
  /** Decides what becomes of the traffic; it gets the journal that the exchanges are kept in. */
  interceptor(journal: Journal): Interceptor;
  /** Looks up what is known of a client. Default: nothing. */
  clientAt?: ClientLookup;
  /** The authority that clients are to trust. Default: one of this proxy's own. */
  authority?: CertificateAuthority | undefined;
  /** Default: the system's. */
  clock?: Clock;
  /** Default: what `DEBUG=waylay:*` asks for, to standard error. */
  log?: Log;
}

/** Serves connections of clients that trust an authority. */
export type Successor = (socket: Socket, authority: CertificateAuthority) => void;

/** A running interception proxy. */
export interface RunningProxy {
  readonly host: string;
  readonly port: number;
  readonly journal: Journal;
  /** The certificate of this proxy's authority, PEM. */
  readonly caPem: string;
  /** Base64 of the SHA-256 of the public key of every leaf (RFC 7469, section 2.4). */
  readonly spki: string;
  /** The authority that its clients trust. */
  readonly authority: CertificateAuthority;
  /**
   * Serves a connection that came in elsewhere, from a client that trusts that authority.
   *
   * @param own what holds for the clients of that entrance; the same object for all of them
   */
  adopt(socket: Socket, authority: CertificateAuthority, own?: EntranceOptions): void;
  /** Serves a connection that came in elsewhere as one that came to the port. */
  accept(socket: Socket): void;
  /**
   * Leaves the port to another: {@link stop} ends the connections of this proxy as ever, and what comes to the port from
   * then on is the successor's.
   *
   * @returns what ends those connections and frees the port
   */
  leavePort(successor: Successor): () => Promise<void>;
  /** True if rules or the host map may speak for a name. */
  knowsName(name: string): boolean;
  /**
   * Dials for a client of this process that is to be routed here, as {@link dialAhead} says.
   * @throws what the client would meet without a proxy
   */
  dialAhead(destination: Authority, aborted: (stop: () => void) => void): Promise<Link | undefined>;
  /**
   * Takes no connection any more but of clients that are known, and ends each as soon as nothing is under way on it;
   * the process may end meanwhile. {@link stop} is still to be called.
   */
  retire(): Promise<Remainder>;
  /** Ends every connection and frees the port; resolves when nothing is left. May be called again. */
  stop(): Promise<void>;
}

/**
 * Starts a proxy.
 * @throws {TestError} `WAYLAY_INVALID_OPTION`
 * @throws {InternalError} `WAYLAY_LISTEN`, `WAYLAY_TRANSPARENT`
 */
export async function startProxy(options: ProxyOptions, parts: ProxyParts): Promise<RunningProxy> {
  const resolved = resolveOptions(options);
  const { clock = systemClock, log = debugLog, clientAt = () => undefined } = parts;
  const journal = new Journal(resolved.journalLimit);
  const authority = parts.authority ?? CertificateAuthority.create(clock.now());
  const roots = upstreamRoots(resolved.trustedRoots);
  // Before the port is taken: files are read here.
  const clientCertificates = clientContexts(resolved.clientCertificates, roots);
  const kernel = resolved.transparent === 'kernel' ? new KernelMode(await loadNatLookup()) : undefined;
  const sockets = new Set<Socket>();
  const retirement = new Retirement();
  const onStop = new Set<() => void>();
  let portLeft = false;
  let stopping = false;
  let stopped: Promise<void> | undefined;

  // Exchanges end with their connections.
  const endConnections = (): Promise<unknown> => Promise.all([...sockets].map(endSocket));
  // Nothing that a peer sends may reach the test's process as an unhandled rejection.
  const drop = (layer: Layer) => (cause: unknown) => {
    log('listen', 'connection dropped: %s', new InternalError('WAYLAY_INTERNAL', String(cause), { cause }).stack);
    layer.raw.destroy();
  };
  const adopt = (socket: Socket, trusted: CertificateAuthority, own?: EntranceOptions): void => {
    // One that came before the stop, or the client's leaving, may be handed over after it.
    if (stopping || socket.destroyed) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', (error) => log('listen', 'client socket: %s', error.message));
    const layer = acceptedLayer(socket, trusted);
    const context = own === undefined ? common : contextOf(own, socket);
    const { destination, replacedProxy, ...ahead } = context.clientAt(layer.client.port) ?? {};
    if (retirement.begun) {
      if (destination === undefined) {
        socket.destroy();
        return;
      }
      retirement.retireClient(socket);
    }
    if (destination !== undefined && replacedProxy !== undefined) {
      // The proxy that the test names itself, if it does, is the one to go through.
      const throughProxy = resolved.upstreamProxy === undefined ? contextOf(replacedProxy.entrance, socket) : context;
      enterReplacedProxy(throughProxy, layer, { ...destination, source: 'process' }, replacedProxy.http);
    } else if (destination !== undefined) {
      redirected(context, layer, { ...destination, source: 'process' }, ahead).catch(drop(layer));
    } else if (kernel !== undefined) kernel.enter(context, layer).catch(drop(layer));
    else context.enter(layer);
  };
  const listener: Listener = await listen(resolved, (socket) => adopt(socket, authority));

  const shared = {
    roots,
    hosts: hostMap(resolved.hosts),
    passesThrough: hostList(resolved.tlsPassthrough),
    resolver: new Resolver(clock),
    interceptor: parts.interceptor(journal),
    journal,
    clock,
    log,
    listening: listener.address,
    ownConnections: kernel?.ownConnections,
    retirement,
    onStop,
  };
  const contextWith = (own: Omit<ProxyContext, keyof typeof shared | 'stopping' | 'enter'>): ProxyContext => {
    const context: ProxyContext = {
      ...shared,
      ...own,
      get stopping() {
        return stopping;
      },
      enter(layer, known) {
        enter(context, http1, layer, known).catch(drop(layer));
      },
    };
    const http1 = new Http1Server(context);
    return context;
  };
  const common = contextWith({
    options: resolved,
    clientAt,
    clientContexts: clientCertificates,
    proxyFor: proxySelector(resolved.upstreamProxy),
  });
  const byEntrance = new WeakMap<EntranceOptions, ProxyContext>();
  const contextOf = (own: EntranceOptions, { localPort }: Socket): ProxyContext => {
    let context = byEntrance.get(own);
    if (context === undefined) {
      const replaced = resolveOptions({ ...options, ...own });
      context = contextWith({
        options: replaced,
        clientAt: (port) => clientAt(port, localPort),
        clientContexts: clientContexts(replaced.clientCertificates, roots),
        proxyFor: proxySelector(replaced.upstreamProxy),
      });
      byEntrance.set(own, context);
    }
    return context;
  };
  const isMapped = namesOf(resolved.hosts);
  log('listen', 'listening on %s:%d', listener.address.host, listener.address.port);

  return {
    host: listener.address.host,
    port: listener.address.port,
    journal,
    caPem: authority.pem,
    spki: leafSpki(),
    authority,
    adopt,
    accept: (socket) => adopt(socket, authority),
    knowsName: (name) => isMapped(name) || common.interceptor.mayAnswer({ host: name }),
    dialAhead: (destination, aborted) => dialAhead(common, { ...destination, source: 'process' }, aborted),
    leavePort(successor) {
      portLeft = true;
      listener.serve(toSuccessor(authority, successor));
      return listener.close;
    },
    async retire() {
      listener.unref();
      const ending = retirement.begin(sockets);
      const goingOn = [...sockets].filter((socket) => !ending.has(socket));
      return { ports: goingOn.map(({ remotePort = 0 }) => remotePort), empty: () => allClosed(sockets) };
    },
    stop() {
      stopping = true;
      stopped ??= (async () => {
        await Promise.all([portLeft || listener.close(), endConnections()]);
        for (const end of onStop) end();
      })();
      return stopped;
    },
  };
}

async function allClosed(sockets: Iterable<Socket>): Promise<void> {
  await Promise.all([...sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
}

// Made outside of the proxy, which is to be forgotten though its port goes on.
function toSuccessor(authority: CertificateAuthority, successor: Successor): (socket: Socket) => void {
  return (socket) => successor(socket, authority);
}
