import { ClientError } from '../../errors.js';
import type { Authority, Destination } from '../../net/authority.js';
import { namedHost, readNamedHost, urlOf } from '../../net/named-host.js';
import type { Layer } from '../layer.js';
import { HOW_TO_USE_THE_PORT } from '../no-destination.js';

/** The destination of a request, and the parts of its URL. */
export interface RequestTarget {
  /** Absolute. */
  readonly url: string;
  readonly scheme: 'http' | 'https';
  /** `host[:port]` as the client named it. */
  readonly authority: string;
  /** Path and query, or `*`. */
  readonly path: string;
  readonly destination: Destination;
  /** The request names another origin than the connection's: it takes a link of its own. */
  readonly origin: Authority | undefined;
}

/**
 * Reads a request's target (RFC 9112, section 3.2): absolute-form says everything; origin-form and
 * asterisk-form leave scheme and destination to the connection and the name to `Host`.
 *
 * @param mayGoTo whether `Host` may name the destination where nothing else does; default: no
 */
export function requestTarget(
  target: string,
  host: string | undefined,
  { secure, destination }: Pick<Layer, 'secure' | 'destination'>,
  mayGoTo?: (authority: Authority) => boolean,
): RequestTarget | ClientError {
  const absolute = target.startsWith('/') ? null : /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)([^#]*)/i.exec(target);
  if (absolute !== null) {
    const [, schemeText = '', named = '', rest = ''] = absolute;
    const scheme = schemeOf(schemeText);
    const host = scheme && readNamedHost(scheme, named.slice(named.lastIndexOf('@') + 1));
    if (scheme === undefined || host === undefined) {
      return new ClientError('WAYLAY_CLIENT_PROTOCOL', `'${target}' is not an http or https URL.`);
    }
    const { authority } = host;
    const path = rest.startsWith('/') ? rest : `/${rest}`;
    const forProxy = destination === undefined || isProxyOfClient(destination, authority);
    return {
      url: urlOf(host, path),
      scheme,
      authority: host.name,
      path,
      // Field by field: V8 gives every object that is made by a spread a shape of its own.
      destination: forProxy ? { host: authority.host, port: authority.port, source: 'absolute-form' } : destination,
      origin: forProxy ? authority : undefined,
    };
  }
  const scheme = secure ? 'https' : 'http';
  const named = host === undefined ? undefined : readNamedHost(scheme, host);
  const byHost =
    destination === undefined && named !== undefined && mayGoTo?.(named.authority) === true
      ? named.authority
      : undefined;
  const to: Destination | undefined = byHost === undefined ? destination : { ...byHost, source: 'host-header' };
  if (to === undefined) {
    return new ClientError(
      'WAYLAY_NO_DESTINATION',
      `'${target}' does not say where to go: this is a proxy and no server. ${HOW_TO_USE_THE_PORT}`,
    );
  }
  if (!target.startsWith('/') && target !== '*') {
    return new ClientError('WAYLAY_CLIENT_PROTOCOL', `'${target}' is no request target.`);
  }
  const origin = named ?? namedHost(scheme, to);
  return {
    url: urlOf(origin, target),
    scheme,
    authority: origin.name,
    path: target,
    destination: to,
    origin: byHost,
  };
}

/** A client of this process that has a proxy of its own was routed here in that proxy's stead. */
function isProxyOfClient({ source, host, port }: Destination, named: Authority): boolean {
  return source === 'process' && (host !== named.host || port !== named.port);
}

function schemeOf(text: string): 'http' | 'https' | undefined {
  switch (text.toLowerCase()) {
    case 'http':
    case 'ws':
      return 'http';
    case 'https':
    case 'wss':
      return 'https';
    default:
      return undefined;
  }
}
