import { isIP } from 'node:net';
import { type Destination, defaultPort, formatAuthority, parseAuthority } from '../net/authority.js';
import { canonicalHost } from '../net/host-name.js';

/**
 * The disagreement of the words of a client that was routed here: with each other, or with where its connection was
 * going. Pure.
 *
 * @param serverName by SNI, in lower case
 * @returns undefined where they agree, and for clients that were told of the proxy
 */
export function disagreement(
  destination: Destination,
  serverName: string | undefined,
  url: string,
): string | undefined {
  const { source } = destination;
  if (source !== 'kernel' && source !== 'sni') return undefined;
  const [, scheme = '', text = ''] = /^([a-z]+):\/\/([^/?#]*)/i.exec(url) ?? [];
  const named = parseAuthority(text, defaultPort(scheme));
  if (named === undefined) return undefined;
  const parts: string[] = [];
  const host = canonicalHost(named.host);
  if (serverName !== undefined && canonicalHost(serverName) !== host) parts.push(`SNI asks for ${serverName}`);
  // An address of the name was asked for by the client elsewhere.
  const otherAddress = source === 'kernel' && isIP(host) !== 0 && host !== canonicalHost(destination.host);
  if (otherAddress || named.port !== destination.port) parts.push(`the proxy dialled ${formatAuthority(destination)}`);
  return parts.length === 0 ? undefined : `Host asks for ${text}, ${parts.join(', ')}.`;
}
