import type { Clock } from './clock.js';
import type { Authority } from './destination.js';
import type { Protocol } from './detect.js';
import type { Journal } from './exchange/journal.js';
import type { HostMap } from './host-map.js';
import type { Interceptor } from './interceptor.js';
import type { ClientLookup } from './known-client.js';
import type { Layer } from './layer.js';
import type { Log } from './log.js';
import type { ResolvedOptions } from './options.js';
import type { Retirement } from './retirement.js';
import type { OwnConnections } from './transparent/own-connections.js';
import type { ClientContexts } from './upstream/client-certificates.js';
import type { ProxyRoute } from './upstream/proxy-server.js';
import type { Resolver } from './upstream/resolver.js';
import type { UpstreamRoots } from './upstream/roots.js';

/** What every part of one proxy shares. */
export interface ProxyContext {
  readonly options: ResolvedOptions;
  readonly roots: UpstreamRoots;
  readonly clientContexts: ClientContexts;
  readonly hosts: HostMap;
  /** Whether TLS to an authority, for a server name, is not intercepted. */
  readonly passesThrough: (authority: Authority, serverName: string | undefined) => boolean;
  /** What the system says of the names that are dialled. */
  readonly resolver: Resolver;
  /** For what the host map does not map. */
  readonly proxyFor: ProxyRoute;
  readonly interceptor: Interceptor;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Log;
  /** What is known of a client. */
  readonly clientAt: ClientLookup;
  /** The address the proxy listens on, so that it never dials itself. */
  readonly listening: Authority;
  /** What it has dialled, where the system may lead connections back here; undefined where it does not. */
  readonly ownConnections: OwnConnections | undefined;
  /** Knows whether the proxy takes nothing new, and what is then to end. */
  readonly retirement: Retirement;
  /** The proxy is being stopped. */
  readonly stopping: boolean;
  /** The recursive step: goes on with a layer by what its first bytes are, or by what is known already. */
  enter(layer: Layer, known?: Protocol): void;
}
