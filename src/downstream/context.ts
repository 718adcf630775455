import type { ExchangeContext } from '../exchange/context.js';
import type { Authority } from '../net/authority.js';
import type { ResolvedOptions } from '../options.js';
import type { UpstreamContext } from '../upstream/context.js';
import type { Protocol } from './detect.js';
import type { ClientLookup } from './known-client.js';
import type { Layer } from './layer.js';
import type { Retirement } from './retirement.js';

/** The context that all parts of one proxy share. */
export interface ProxyContext extends ExchangeContext, UpstreamContext {
  readonly options: ResolvedOptions;
  /** True if TLS to an authority, for a server name, is not intercepted. */
  readonly passesThrough: (authority: Authority, serverName: string | undefined) => boolean;
  /** Looks up what is known of a client. */
  readonly clientAt: ClientLookup;
  /** Knows whether the proxy takes nothing new, and what is then to end. */
  readonly retirement: Retirement;
  /** The recursive step: goes on with a layer by what its first bytes are, or by what is known already. */
  enter(layer: Layer, known?: Protocol): void;
}
