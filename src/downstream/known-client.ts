import type { SecureContext } from 'node:tls';
import type { Authority } from '../net/authority.js';
import type { Link } from '../upstream/link.js';
import type { EntranceOptions } from './entrance-options.js';

/** A client as its owner describes it to the proxy, beyond what it says itself. */
export interface KnownClient {
  /** Its name, such as `request`. */
  readonly name?: string;
  /**
   * It judges certificates itself, and is shown a broken one as it is. For one that does not, the proxy judges: the
   * handshake fails as that of a client that does.
   */
  readonly verifies: boolean;
  /** True if its requests under way fail when it is told to send nothing more over an HTTP/2 session. */
  readonly failsOnGoaway?: (() => boolean) | undefined;
  /** The destination of its connection before it was routed here; undefined where the client says so itself. */
  readonly destination?: Authority | undefined;
  /** The proxy at its destination, which it is told that this one is. */
  readonly replacedProxy?: ReplacedProxy | undefined;
  /** The link that was dialled for it before it was routed here. */
  readonly link?: Link | undefined;
  /** Tells it what became of dialling that, in place of a reset. */
  readonly fail?: ((cause: Error) => void) | undefined;
  /** The roots that it would have judged its server by, and the certificate that it would have shown: those of its own. */
  readonly secureContext?: SecureContext | undefined;
}

/** A proxy that clients want to reach others through, and that Waylay takes the place of. */
export interface ReplacedProxy {
  /** The options for its clients' upstreams: how they are reached through it. */
  readonly entrance: EntranceOptions;
  /** It is asked over plain HTTP, and may be asked for something of its own. */
  readonly http: boolean;
}

/**
 * Tells a client by the port that its connection comes from; undefined: nothing is known of it.
 *
 * @param entrance the port that the connection came to, where that is not the proxy's own: connections to two ports may
 * come from the same one
 */
export type ClientLookup = (port: number, entrance?: number) => KnownClient | undefined;
