import { request as httpRequest } from 'node:http';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { UpstreamError } from '../../errors.js';
import { type Authority, formatAuthority } from '../../net/authority.js';
import { recordTlsOver } from '../../net/reset.js';
import type { DialContext } from './context.js';
import type { OpenSockets } from './open-sockets.js';
import { proxyError, refusedByProxy, unreachableProxy } from './proxy-error.js';
import { type ProxyServer, proxyAuthorization } from './proxy-server.js';
import { serverNameFor } from './server-name.js';
import { connectBySocks } from './socks.js';
import { CONNECT_TIMEOUT, connectTcp, isSelf, TimeoutError } from './tcp.js';

/** A way through a proxy: the socket, and the TCP connection beneath it. */
export interface ProxiedConnection {
  readonly socket: Socket;
  readonly raw: Socket;
}

/**
 * Reaches the authority through the proxy; or, where `tunnelled` is false and the proxy is one for HTTP, the
 * proxy alone, which takes requests in absolute-form.
 * @throws {UpstreamError} `WAYLAY_UPSTREAM_PROXY`, `_LOOP`
 */
export async function dialProxy(
  context: DialContext,
  proxy: ProxyServer,
  authority: Authority,
  tunnelled: boolean,
  sockets: OpenSockets,
): Promise<ProxiedConnection> {
  const raw = await connectTcp(context, proxy.address, sockets).catch((cause: NodeJS.ErrnoException) => {
    throw unreachableProxy(proxy, authority, cause);
  });
  try {
    if (await isSelf(context, raw)) {
      throw new UpstreamError(
        'WAYLAY_UPSTREAM_LOOP',
        `The proxy ${proxy.name} is this Waylay itself. The option upstreamProxy names another proxy, that stands behind it.`,
        { authority: formatAuthority(authority) },
      );
    }
    const socket = await inTime(context, enter(context, proxy, authority, tunnelled, raw));
    return { socket, raw };
  } catch (cause) {
    raw.destroy();
    if (cause instanceof UpstreamError) throw cause;
    const reason = (cause as Error).message.trim();
    throw proxyError(
      proxy,
      authority,
      `made no connection to ${formatAuthority(authority)}: ${reason}.`,
      cause as Error,
    );
  }
}

async function enter(
  context: DialContext,
  proxy: ProxyServer,
  authority: Authority,
  tunnelled: boolean,
  raw: Socket,
): Promise<Socket> {
  if (proxy.protocol === 'socks4' || proxy.protocol === 'socks5') {
    await connectBySocks(raw, proxy, authority);
    return raw;
  }
  const socket = proxy.protocol === 'https' ? await secure(context, proxy, authority, raw) : raw;
  if (tunnelled) await openTunnel(socket, proxy, authority);
  return socket;
}

function inTime<T>({ clock }: DialContext, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = clock.startTimer(CONNECT_TIMEOUT, () => reject(new TimeoutError('answer')));
    work.then(resolve, reject).finally(stop);
  });
}

/** TLS with the proxy itself. */
function secure(
  { roots, options }: DialContext,
  proxy: ProxyServer,
  authority: Authority,
  raw: Socket,
): Promise<Socket> {
  const { host } = proxy.address;
  return new Promise((resolve, reject) => {
    const secured = connectTls({
      socket: raw,
      host,
      servername: serverNameFor(host) ?? '',
      ALPNProtocols: ['http/1.1'],
      secureContext: roots.context,
      rejectUnauthorized: !options.ignoreHTTPSErrors,
    });
    recordTlsOver(secured, raw);
    const onFailure = (cause?: Error): void => {
      const reason = cause?.message.trim() ?? 'it closed the connection';
      const todo = 'Its root can be given with the option trustedRoots.';
      reject(proxyError(proxy, authority, `failed in the TLS handshake: ${reason}. ${todo}`, cause));
    };
    const onClose = (): void => onFailure();
    secured.once('error', onFailure);
    secured.once('close', onClose);
    secured.once('secureConnect', () => {
      secured.off('error', onFailure);
      secured.off('close', onClose);
      secured.on('error', () => {});
      resolve(secured);
    });
  });
}

/** Asks for a tunnel (RFC 9110, section 9.3.6); afterwards the socket is the authority's. */
function openTunnel(socket: Socket, proxy: ProxyServer, authority: Authority): Promise<void> {
  const target = formatAuthority(authority);
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      createConnection: () => socket,
      method: 'CONNECT',
      path: target,
      setHost: false,
    });
    request.setHeader('Host', target);
    const [field, value] = proxyAuthorization(proxy);
    if (field !== undefined && value !== undefined) request.setHeader(field, value);
    // Else node:http asks for the connection to be closed.
    request.removeHeader('Connection');
    request.once('error', (cause: NodeJS.ErrnoException) => {
      const closed = cause.code === 'ECONNRESET' || cause.code === 'EPIPE';
      reject(closed ? new Error('it closed the connection without an answer', { cause }) : cause);
    });
    request.once('connect', ({ statusCode: status = 0, statusMessage, rawHeaders }, _, firstBytes) => {
      if (status < 200 || status > 299) {
        reject(refusedByProxy(proxy, authority, { status, statusText: statusMessage ?? '', headers: rawHeaders }));
        return;
      }
      if (firstBytes.length > 0) socket.unshift(firstBytes);
      resolve();
    });
    request.end();
  });
}
