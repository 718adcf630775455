import type { Socket } from 'node:net';
import type { Authority } from '../../net/authority.js';
import type { HostMap } from '../../net/host-map.js';
import type { Clock } from '../../runtime/clock.js';
import type { Log } from '../../runtime/log.js';
import type { ProxySelector } from './proxy-server.js';
import type { Resolver } from './resolver.js';
import type { UpstreamRoots } from './roots.js';

/** The facts about its proxy that dialling needs. */
export interface DialContext {
  readonly options: {
    /** Do not verify upstream certificates. */
    readonly ignoreHTTPSErrors: boolean;
  };
  readonly roots: UpstreamRoots;
  readonly hosts: HostMap;
  /** Resolves the names that are dialled, by the system. */
  readonly resolver: Resolver;
  /** The proxy for what the host map does not map. */
  readonly proxyFor: ProxySelector;
  readonly clock: Clock;
  readonly log: Log;
  /** The address the proxy listens on, so that it never dials itself. */
  readonly listening: Authority;
  /** Told of the connections that it has dialled, where the system may route them back here; undefined where it does not. */
  readonly ownConnections: { opened(socket: Socket): Promise<boolean> } | undefined;
  /** Takes in what is dialled: it is to end with what the proxy has under way. */
  readonly retirement: { addUpstream(socket: Socket): void };
}
