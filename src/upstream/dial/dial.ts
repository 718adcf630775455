import type { Socket } from 'node:net';
import { UpstreamError } from '../../errors.js';
import { type Authority, formatAuthority } from '../../net/authority.js';
import type { DialContext } from './context.js';
import { dialProxy } from './dial-proxy.js';
import type { OpenSockets } from './open-sockets.js';
import { NOT_FOUND } from './proxy-error.js';
import type { ProxyServer } from './proxy-server.js';
import { connectTcp, isSelf } from './tcp.js';

/** An open connection to an upstream, nothing sent yet. */
export interface Dialled {
  readonly socket: Socket;
  /** The TCP connection beneath: another one than the socket where TLS is spoken with a proxy. */
  readonly raw: Socket;
  /** The proxy on the way. */
  readonly proxy: ProxyServer | undefined;
  /** The same proxy where it has not been asked for a tunnel: it takes requests in absolute-form. */
  readonly forwarder: ProxyServer | undefined;
  readonly connectStart: number;
  readonly connected: number;
}

/**
 * Opens a connection to an authority: to where the host map sends it; where that says nothing, through the
 * upstream proxy, which resolves its name; where there is none, directly.
 *
 * @param sockets those of the link that it is for
 * @param tunnelled false where the connection is for plain HTTP requests, which a proxy can be sent as they are
 * @throws {UpstreamError} `WAYLAY_UPSTREAM_DNS`, `_REFUSED`, `_TIMEOUT`, `_LOOP`, `_PROXY`
 */
export async function dial(
  context: DialContext,
  authority: Authority,
  sockets: OpenSockets,
  tunnelled = true,
): Promise<Dialled> {
  const target = context.hosts(authority);
  const proxy = target === authority ? context.proxyFor(authority) : undefined;
  const connectStart = context.clock.now();
  const connection =
    proxy === undefined
      ? await dialDirectly(context, authority, target, sockets)
      : await dialProxy(context, proxy, authority, tunnelled, sockets);
  const at = proxy?.name ?? formatAuthority(target);
  context.log('upstream', 'connected to %s for %s', at, formatAuthority(authority));
  const forwards = !tunnelled && (proxy?.protocol === 'http' || proxy?.protocol === 'https');
  return {
    ...connection,
    proxy,
    forwarder: forwards ? proxy : undefined,
    connectStart,
    connected: context.clock.now(),
  };
}

async function dialDirectly(
  context: DialContext,
  authority: Authority,
  target: Authority,
  sockets: OpenSockets,
): Promise<Pick<Dialled, 'socket' | 'raw'>> {
  const socket = await connectTcp(context, onThisMachine(target), sockets).catch((cause: NodeJS.ErrnoException) => {
    throw dialError(authority, target, cause);
  });
  if (await isSelf(context, socket)) {
    socket.destroy();
    const name = formatAuthority(authority);
    throw new UpstreamError(
      'WAYLAY_UPSTREAM_LOOP',
      `The connection to ${name} leads to this proxy itself. Requests go through the proxy's address, not to it; rules that redirect traffic here leave out the proxy's own.`,
      { authority: name },
    );
  }
  return { socket, raw: socket };
}

/** Names below `localhost` always mean this machine (RFC 6761, section 6.3), and DNS seldom knows them. */
function onThisMachine(target: Authority): Authority {
  return /\.localhost\.?$/.test(target.host) ? { host: 'localhost', port: target.port } : target;
}

function dialError(authority: Authority, target: Authority, cause: NodeJS.ErrnoException): UpstreamError {
  const name = formatAuthority(authority);
  const at = target === authority ? '' : ` (mapped to ${formatAuthority(target)})`;
  const details = { authority: name, cause };
  if (NOT_FOUND.has(cause.code ?? '')) {
    return new UpstreamError(
      'WAYLAY_UPSTREAM_DNS',
      `${name}${at} does not resolve. Stub it with waylay.stubResponse, or map it with the option hosts: { '${authority.host}': '127.0.0.1:…' }.`,
      details,
    );
  }
  if (cause.code === 'ETIMEDOUT') {
    return new UpstreamError('WAYLAY_UPSTREAM_TIMEOUT', `${name}${at} cannot be reached: ${cause.message}.`, details);
  }
  return new UpstreamError(
    'WAYLAY_UPSTREAM_REFUSED',
    `${name}${at} cannot be reached: ${cause.code ?? cause.message}. Is the server running, and is its port right?`,
    details,
  );
}
