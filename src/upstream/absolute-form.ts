/** Plain HTTP through a proxy that forwards it: many proxies allow CONNECT to port 443 only. */

import { withoutProxyFields } from '../http/headers.js';
import type { OutgoingRequest } from '../http/sending.js';
import type { ResponseSink } from '../http/sink.js';
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
export function fromProxy(sink: ResponseSink, proxy: ProxyServer, authority: Authority): ResponseSink {
  return {
    informational: (head) => sink.informational(head),
    switchProtocols: (head, socket, firstBytes) => sink.switchProtocols(head, socket, firstBytes),
    head: (head, trailersFollow) => {
      if (head.status === 407) sink.fail(refusedByProxy(proxy, authority, head));
      else sink.head(head, trailersFollow);
    },
    data: (chunk) => sink.data(chunk),
    end: (trailers) => sink.end(trailers),
    fail: (error) => {
      const closed = 'ended the connection before there was a response. It, or the server behind it, gave up.';
      sink.fail(error.code === 'WAYLAY_UPSTREAM_RESET' ? proxyError(proxy, authority, closed, error) : error);
    },
  };
}
