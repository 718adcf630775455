import {
  type Authority,
  type Destination,
  defaultPort,
  formatHost,
  formatUrl,
  parseAuthority,
} from '../destination.js';
import { ClientError } from '../errors.js';

/** Where a request goes and what its URL is made of. */
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

/** What is known of the connection that a request arrives on. */
export interface ArrivalPoint {
  readonly secure: boolean;
  readonly destination: Destination | undefined;
}

/**
 * Reads a request's target (RFC 9112, section 3.2): absolute-form says everything; origin-form and
 * asterisk-form leave scheme and destination to the connection and the name to `Host`.
 */
export function requestTarget(
  target: string,
  host: string | undefined,
  { secure, destination }: ArrivalPoint,
): RequestTarget | ClientError {
  const absolute = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)([^#]*)/i.exec(target);
  if (absolute !== null) {
    const [, schemeText = '', named = '', rest = ''] = absolute;
    const scheme = schemeOf(schemeText);
    const authority = scheme && parseAuthority(named.slice(named.lastIndexOf('@') + 1), defaultPort(scheme));
    if (scheme === undefined || authority === undefined) {
      return new ClientError('WAYLAY_CLIENT_PROTOCOL', `'${target}' is not an http or https URL.`);
    }
    const path = rest.startsWith('/') ? rest : `/${rest}`;
    return {
      url: formatUrl(scheme, authority, path),
      scheme,
      authority: formatHost(scheme, authority),
      path,
      destination: destination ?? { ...authority, source: 'absolute-form' },
      origin: destination === undefined ? authority : undefined,
    };
  }
  if (destination === undefined) {
    return new ClientError(
      'WAYLAY_NO_DESTINATION',
      `'${target}' does not say where to go: this is a proxy and no server. Set it as the client's HTTP and HTTPS proxy, for example with curl --proxy.`,
    );
  }
  if (!target.startsWith('/') && target !== '*') {
    return new ClientError('WAYLAY_CLIENT_PROTOCOL', `'${target}' is no request target.`);
  }
  const scheme = secure ? 'https' : 'http';
  const named = host === undefined ? undefined : parseAuthority(host.trim(), defaultPort(scheme));
  return {
    url: formatUrl(scheme, named ?? destination, target),
    scheme,
    authority: formatHost(scheme, named ?? destination),
    path: target,
    destination,
    origin: undefined,
  };
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
