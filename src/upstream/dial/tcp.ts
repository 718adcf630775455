import { connect, type Socket } from 'node:net';
import type { Authority } from '../../net/authority.js';
import { DIRECT } from '../../net/direct.js';
import { isOwnAddress } from '../../net/own-address.js';
import type { DialContext } from './context.js';
import type { OpenSockets } from './open-sockets.js';

// Operating systems give up after two minutes or more; a test has failed long before.
/** Milliseconds until a connection that does not come about is given up. */
export const CONNECT_TIMEOUT = 30_000;

/** It took too long. */
export class TimeoutError extends Error {
  readonly code = 'ETIMEDOUT';

  constructor(what: string) {
    super(`no ${what} within ${CONNECT_TIMEOUT / 1000} s`);
  }
}

/** Opens a TCP connection, which is one of these sockets; rejects with what the system says. */
export function connectTcp(
  { resolver, retirement }: DialContext,
  { host, port }: Authority,
  sockets: OpenSockets,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    // Connections of this process may be routed to a proxy: this is the proxy's own way out.
    const options = { host, port, noDelay: true, allowHalfOpen: true, lookup: resolver.lookup, [DIRECT]: true };
    const socket = connect(options);
    socket.setTimeout(CONNECT_TIMEOUT, () => socket.destroy(new TimeoutError('connection')));
    socket.once('error', (error) => {
      resolver.forget(host);
      reject(error);
    });
    sockets.add(socket);
    retirement.addUpstream(socket);
    socket.once('connect', () => {
      socket.setTimeout(0);
      socket.removeAllListeners('error');
      // The socket's user hears of its end by 'close' from here on.
      socket.on('error', () => {});
      resolve(socket);
    });
  });
}

/** The other end is this proxy itself: by its address, or because the system routes our connections back here. */
export async function isSelf({ listening, ownConnections }: DialContext, socket: Socket): Promise<boolean> {
  const { remoteAddress: host = '', remotePort: port = 0 } = socket;
  return isOwnAddress(listening, { host, port }) || ((await ownConnections?.opened(socket)) ?? false);
}
