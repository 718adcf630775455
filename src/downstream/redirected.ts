import { WaylayError } from '../errors.js';
import { recordFailure } from '../exchange/record.js';
import { type Destination, formatAuthority } from '../net/authority.js';
import { resetConnection } from '../net/reset.js';
import { Link } from '../upstream/link.js';
import type { ProxyContext } from './context.js';
import { dialFirst } from './dial-first.js';
import type { Layer } from './layer.js';

/**
 * Goes on with a connection that was brought here without the client's knowing: where it is to go is known from
 * elsewhere, so nothing has to be taken off. The upstream is dialled first, as for CONNECT, unless a stub may speak
 * for it, which takes no network at all.
 *
 * @param ahead what was done before for a client of this process
 */
export async function redirected(
  context: ProxyContext,
  layer: Layer,
  destination: Destination,
  { fail, link }: RedirectedClient = {},
): Promise<void> {
  const { raw } = layer;
  context.log('http', 'redirected (%s) to %s', destination.source, formatAuthority(destination));
  if (link !== undefined) {
    raw.once('close', () => link.close());
    context.enter({ ...layer, destination, link });
    return;
  }
  const reached = await dialFirst(context, layer, destination);
  if (reached === undefined) return;
  if (reached instanceof WaylayError) {
    fail?.(asTheSystemSays(reached));
    if (fail === undefined) resetConnection(layer);
    else raw.destroy();
    return;
  }
  context.enter({ ...layer, destination, link: reached });
}

/**
 * Goes on with a connection that was to go to another proxy: what is asked for by it is dialled when it is, and so is what
 * that proxy has of its own.
 *
 * @param context reaches upstreams through that proxy
 */
export function enterReplacedProxy(context: ProxyContext, layer: Layer, destination: Destination, http: boolean): void {
  context.log('http', 'in the place of the proxy %s', formatAuthority(destination));
  if (!http) {
    context.enter(layer);
    return;
  }
  const link = new Link(context, { host: destination.host, port: destination.port });
  layer.raw.once('close', () => link.close());
  context.enter({ ...layer, destination, link });
}

/** The facts known of a client that can be asked. */
export interface RedirectedClient {
  /** Tells it more than a reset does: gets what dialling failed with. */
  readonly fail?: ((cause: Error) => void) | undefined;
  /** The link that {@link dialAhead} has dialled. */
  readonly link?: Link | undefined;
}

/**
 * Dials before the client is connected with the proxy at all, so that it is connected only if it would be without, and
 * else meets the error that is thrown here. Undefined where a stub may speak for the upstream, or a response is going
 * to tell of the failure.
 *
 * @param aborted fires when the client has given up
 */
export async function dialAhead(
  context: ProxyContext,
  destination: Destination,
  aborted: (stop: () => void) => void,
): Promise<Link | undefined> {
  const { host, port } = destination;
  if (context.options.upstreamErrors === 'respond' || context.interceptor.mayAnswer({ host, port })) return undefined;
  const link = new Link(context, { host, port });
  let gone = false;
  aborted(() => {
    gone = true;
    link.close();
  });
  try {
    await link.connect();
    return link;
  } catch (cause) {
    if (!(cause instanceof WaylayError)) throw cause;
    if (!gone) recordFailure(context, { client: UNCONNECTED, secure: false }, destination, cause);
    throw asTheSystemSays(cause);
  }
}

const UNCONNECTED = { address: '', port: 0, tls: undefined };

/** The error that the client would have met without a proxy. */
export function asTheSystemSays(error: WaylayError): Error {
  const cause = error.cause as NodeJS.ErrnoException | undefined;
  return cause?.code === undefined ? error : cause;
}
