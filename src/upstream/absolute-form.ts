/** Plain HTTP through a proxy that forwards it: many proxies allow CONNECT to port 443 only. */

import type { WaylayError } from '../errors.js';
import { withoutProxyFields } from '../http/headers.js';
import type { ResponseHead } from '../http/response-head.js';
import type { OutgoingRequest } from '../http/sending.js';
import { PassingSink, type ResponseSink } from '../http/sink.js';
import type { Authority } from '../net/authority.js';
import { proxyError, refusedByProxy } from './dial/proxy-error.js';
import { type ProxyServer, proxyAuthorization } from './dial/proxy-server.js';
import { http1Fields } from './http1-head.js';

/** The request as the proxy takes it (RFC 9112, sections 3.2.2 and 3.2.4): its fields as they are, and one after them. */
export function inAbsoluteForm(request: OutgoingRequest, proxy: ProxyServer): OutgoingRequest {
  return {
    ...request,
    path: `http://${request.authority}${request.path === '*' ? '' : request.path}`,
    headers: [...withoutProxyFields(http1Fields(request)), ...proxyAuthorization(proxy)],
  };
}

/**
 * Tells the proxy's own failures from the upstream's responses. A 407 is meant for us, not for the client (RFC 9110,
 * section 15.5.8); of a 502 nobody can say whose it is, so it is passed on.
 */
export class FromProxy extends PassingSink {
  readonly #proxy: ProxyServer;
  readonly #authority: Authority;

  constructor(next: ResponseSink, proxy: ProxyServer, authority: Authority) {
    super(next);
    this.#proxy = proxy;
    this.#authority = authority;
  }

  override head(head: ResponseHead, trailersFollow?: boolean): void {
    if (head.status === 407) this.next.fail(refusedByProxy(this.#proxy, this.#authority, head));
    else super.head(head, trailersFollow);
  }

  override fail(error: WaylayError): void {
    const closed = 'ended the connection before there was a response. It, or the server behind it, gave up.';
    const ended = error.code === 'WAYLAY_UPSTREAM_RESET';
    super.fail(ended ? proxyError(this.#proxy, this.#authority, closed, error) : error);
  }
}
