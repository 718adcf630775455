/** `transparent: 'kernel'`: the system that redirects connections to the port says where they were going. */

import { type Authority, formatAuthority } from '../../net/authority.js';
import { isOwnAddress, unmapped } from '../../net/own-address.js';
import { resetConnection } from '../../net/reset.js';
import { Link } from '../../upstream/link.js';
import type { ProxyContext } from '../context.js';
import type { Layer } from '../layer.js';
import { OwnConnections } from './own-connections.js';
import type { NatLookup } from './platform/nat-lookup.js';

/** Serves each connection that a proxy with redirected clients accepts. */
export class KernelMode {
  readonly ownConnections = new OwnConnections();
  readonly #natLookup: NatLookup;

  constructor(natLookup: NatLookup) {
    this.#natLookup = natLookup;
  }

  /**
   * Goes on with an accepted connection: to where it was going, if it was redirected, else as one that is made to the
   * proxy itself.
   *
   * The upstream is dialled at once and in the background: a server may have the first word, but a stub may answer
   * for a name that only the client's first bytes tell, also where the address is dead. A failure is told when the
   * upstream is needed.
   */
  async enter(context: ProxyContext, layer: Layer): Promise<void> {
    const { raw } = layer;
    const authority = await originalDestination(context, layer, this.#natLookup);
    if (authority === undefined) {
      if (!raw.destroyed) context.enter(layer);
      return;
    }
    if (await this.ownConnections.isOwn(raw, authority)) {
      context.log('listen', 'a connection of the proxy was redirected back to it');
      resetConnection(layer);
      return;
    }
    if (raw.destroyed) return;
    const link = new Link(context, authority);
    raw.once('close', () => link.close());
    context.log('listen', 'redirected (kernel) to %s', formatAuthority(authority));
    if (!context.interceptor.mayAnswer(authority)) link.connectAhead();
    context.enter({ ...layer, destination: { ...authority, source: 'kernel' }, link });
  }
}

/** Undefined where the connection was made to the proxy itself. */
async function originalDestination(
  { listening, log }: ProxyContext,
  { raw }: Layer,
  natLookup: NatLookup,
): Promise<Authority | undefined> {
  const found = await natLookup.originalDestination(raw);
  if (found === undefined) return undefined;
  const authority = { host: unmapped(found.host), port: found.port };
  const local = { host: unmapped(raw.localAddress ?? ''), port: raw.localPort };
  const here = authority.host === local.host && authority.port === local.port;
  // Some rules redirect what goes to the port already.
  if (!here && !isOwnAddress(listening, authority)) return authority;
  log('listen', 'not redirected: the connection was made to %s', formatAuthority(authority));
  return undefined;
}
