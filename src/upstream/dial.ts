import { connect, type Socket } from 'node:net';
import type { ProxyContext } from '../context.js';
import { type Authority, formatAuthority } from '../destination.js';
import { UpstreamError } from '../errors.js';

/** An open TCP connection to an upstream, nothing sent yet. */
export interface Dialled {
  readonly socket: Socket;
  readonly connectStart: number;
  readonly connected: number;
}

// Operating systems give up after two minutes or more; a test has failed long before.
const CONNECT_TIMEOUT = 30_000;

/**
 * Opens a TCP connection to where the host map sends the authority.
 * @throws {UpstreamError} `WAYLAY_UPSTREAM_DNS`, `_REFUSED`, `_TIMEOUT`, `_LOOP`
 */
export function dial(context: ProxyContext, authority: Authority, signal: AbortSignal): Promise<Dialled> {
  const target = context.hosts(authority);
  const connectStart = context.clock.now();
  return new Promise((resolve, reject) => {
    const socket = connect({ host: target.host, port: target.port, noDelay: true, signal, allowHalfOpen: true });
    socket.setTimeout(CONNECT_TIMEOUT, () => {
      socket.destroy(new TimeoutError(`no connection within ${CONNECT_TIMEOUT / 1000} s`));
    });
    socket.once('error', (cause: NodeJS.ErrnoException) => reject(dialError(authority, target, cause)));
    socket.once('connect', () => {
      socket.setTimeout(0);
      socket.removeAllListeners('error');
      // From here on the socket's user hears of its end by 'close'.
      socket.on('error', () => {});
      if (isSelf(context, socket)) {
        socket.destroy();
        reject(
          new UpstreamError(
            'WAYLAY_UPSTREAM_LOOP',
            `${formatAuthority(authority)} is this proxy itself. Requests go through the proxy's address, not to it.`,
            { authority: formatAuthority(authority) },
          ),
        );
        return;
      }
      context.log('upstream', 'connected to %s for %s', formatAuthority(target), formatAuthority(authority));
      resolve({ socket, connectStart, connected: context.clock.now() });
    });
  });
}

class TimeoutError extends Error {
  readonly code = 'ETIMEDOUT';
}

function isSelf({ listening }: ProxyContext, socket: Socket): boolean {
  return socket.remotePort === listening.port && socket.remoteAddress === listening.host;
}

function dialError(authority: Authority, target: Authority, cause: NodeJS.ErrnoException): UpstreamError {
  const name = formatAuthority(authority);
  const at = target === authority ? '' : ` (mapped to ${formatAuthority(target)})`;
  const details = { authority: name, cause };
  switch (cause.code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_NODATA':
    case 'EAI_FAIL':
      return new UpstreamError(
        'WAYLAY_UPSTREAM_DNS',
        `${name}${at} does not resolve. Stub it with waylay.stubResponse, or map it with the option hosts: { '${authority.host}': '127.0.0.1:…' }.`,
        details,
      );
    case 'ETIMEDOUT':
      return new UpstreamError('WAYLAY_UPSTREAM_TIMEOUT', `${name}${at} cannot be reached: ${cause.message}.`, details);
    default:
      return new UpstreamError(
        'WAYLAY_UPSTREAM_REFUSED',
        `${name}${at} cannot be reached: ${cause.code ?? cause.message}. Is the server running, and is its port right?`,
        details,
      );
  }
}
