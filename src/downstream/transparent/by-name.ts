/** `transparent: 'name'`: no system is asked; the client's own words say where it wanted to go. */
import { isIP } from 'node:net';
import { type Destination, formatAuthority } from '../../net/authority.js';
import { peek } from '../../net/peek.js';
import { tlsPort } from '../../net/tls-ports.js';
import { readClientHello } from '../../tls/client-hello.js';
import { Link } from '../../upstream/link.js';
import type { ProxyContext } from '../context.js';
import type { Layer } from '../layer.js';

/**
 * The layer with the destination that the ClientHello names, which stays unread. Without a server name, TLS is
 * spoken with the proxy itself, and the requests inside may name their destination by `Host`.
 */
export async function byServerName(context: ProxyContext, layer: Layer): Promise<Layer> {
  const peeked = await peek(layer.socket, readClientHello);
  const result = peeked.kind === 'read' ? peeked.result : undefined;
  const name = result?.kind === 'done' ? result.value.serverName : undefined;
  // RFC 6066, section 3: an address is no server name, though some clients send one.
  if (name === undefined || isIP(name) !== 0) return layer;
  const port = tlsPort(context.options.tlsPorts, name);
  const destination: Destination = { host: name, port, source: 'sni' };
  const link = new Link(context, { host: name, port });
  layer.raw.once('close', () => link.close());
  context.log('tls', 'destination by SNI: %s', formatAuthority(destination));
  return { ...layer, destination, link };
}
