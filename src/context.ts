import type { Authority } from './destination.js';
import type { Protocol } from './detect.js';
import type { Journal } from './exchange/journal.js';
import type { Interceptor } from './interceptor.js';
import type { ClientLookup } from './known-client.js';
import type { Layer } from './layer.js';
import type { ResolvedOptions } from './options.js';
import type { Retirement } from './retirement.js';
import type { OwnConnections } from './transparent/own-connections.js';
import type { UpstreamContext } from './upstream/context.js';

/** What every part of one proxy shares. */
export interface ProxyContext extends UpstreamContext {
  readonly options: ResolvedOptions;
  /** Whether TLS to an authority, for a server name, is not intercepted. */
  readonly passesThrough: (authority: Authority, serverName: string | undefined) => boolean;
  readonly interceptor: Interceptor;
  readonly journal: Journal;
  /** What is known of a client. */
  readonly clientAt: ClientLookup;
  readonly ownConnections: OwnConnections | undefined;
  /** Knows whether the proxy takes nothing new, and what is then to end. */
  readonly retirement: Retirement;
  /** The proxy is being stopped. */
  readonly stopping: boolean;
  /** What ends, at a stop, what does not end in the same turn as its client's connection; forgotten when that has ended. */
  readonly onStop: Set<() => void>;
  /** The recursive step: goes on with a layer by what its first bytes are, or by what is known already. */
  enter(layer: Layer, known?: Protocol): void;
}
