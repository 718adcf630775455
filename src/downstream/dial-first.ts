import { WaylayError } from '../errors.js';
import { recordFailure } from '../exchange/record.js';
import type { Destination } from '../net/authority.js';
import { Link } from '../upstream/link.js';
import type { ProxyContext } from './context.js';
import type { Layer } from './layer.js';

/**
 * Dials the destination that a client asked the proxy for, before the client is answered, so that the answer is
 * true; unless a stub may speak for it, which takes no network at all.
 *
 * @returns the link; the failure, which is in the journal, where the client is to be told of it; undefined where the
 * client has gone away
 */
export async function dialFirst(
  context: ProxyContext,
  layer: Layer,
  destination: Destination,
): Promise<Link | WaylayError | undefined> {
  const { host, port } = destination;
  const link = new Link(context, { host, port });
  layer.raw.once('close', () => link.close());
  if (!context.interceptor.mayAnswer(link.authority)) {
    try {
      await link.connect();
    } catch (cause) {
      if (!(cause instanceof WaylayError)) throw cause;
      if (layer.raw.destroyed) return undefined;
      if (context.options.upstreamErrors === 'mirror') {
        recordFailure(context, layer, destination, cause);
        return cause;
      }
      link.failWith(cause);
    }
  }
  return layer.socket.destroyed ? undefined : link;
}
