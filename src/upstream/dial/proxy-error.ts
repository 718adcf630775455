import { UpstreamError } from '../../errors.js';
import { headerValues, type RawHeaders } from '../../http/headers.js';
import { type Authority, formatAuthority } from '../../net/authority.js';
import type { ProxyServer } from './proxy-server.js';

/** The error of a proxy on the way to an upstream. It never has the credentials, nor a cause that has them. */
export function proxyError(proxy: ProxyServer, authority: Authority, what: string, cause?: Error): UpstreamError {
  const name = formatAuthority(authority);
  return new UpstreamError('WAYLAY_UPSTREAM_PROXY', `The proxy ${proxy.name} ${what}`, { authority: name, cause });
}

/** The error of a proxy that cannot be reached. */
export function unreachableProxy(
  proxy: ProxyServer,
  authority: Authority,
  cause: NodeJS.ErrnoException,
): UpstreamError {
  const reason = cause.code === 'ETIMEDOUT' ? cause.message : (cause.code ?? cause.message);
  const what = NOT_FOUND.has(cause.code ?? '')
    ? 'does not resolve. Is its name right in the option upstreamProxy?'
    : `cannot be reached: ${reason}. Is it running, and is its port right in the option upstreamProxy?`;
  return proxyError(proxy, authority, what, cause);
}

/** Codes of a name that has no address. */
export const NOT_FOUND: ReadonlySet<string> = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA', 'EAI_FAIL']);

/** The error of a proxy that answers in the place of the upstream. */
export function refusedByProxy(
  proxy: ProxyServer,
  authority: Authority,
  { status, statusText, headers }: { status: number; statusText: string; headers: RawHeaders },
): UpstreamError {
  const answer = `${status} ${statusText}`.trim();
  const target = formatAuthority(authority);
  if (status === 407) return proxyError(proxy, authority, describe407(proxy, answer, headers));
  const todo =
    status === 502 || status === 503 || status === 504
      ? 'Is that server running, and does its name resolve there?'
      : 'Have it allowed there, or dial it directly by bypass in the option upstreamProxy.';
  return proxyError(proxy, authority, `made no connection to ${target}: ${answer}. ${todo}`);
}

// RFC 9110, section 11.7.1.
function describe407({ credentials }: ProxyServer, answer: string, headers: RawHeaders): string {
  const schemes = headerValues(headers, 'proxy-authenticate').map((challenge) => challenge.trim().split(' ')[0] ?? '');
  if (schemes.length > 0 && !schemes.some((scheme) => scheme.toLowerCase() === 'basic')) {
    return `asks for credentials by ${schemes.join(' or ')} (${answer}). Waylay knows Basic only.`;
  }
  return credentials === undefined
    ? `asks for credentials (${answer}). Give them as username and password in the option upstreamProxy.`
    : `does not accept the credentials (${answer}). Are username and password right in the option upstreamProxy?`;
}
