import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import type { Authority } from '../../net/authority.js';
import type { ProxyServer } from './proxy-server.js';

/**
 * Has a SOCKS server (RFC 1928, or SOCKS 4a) connect to the authority, whose name it resolves. Afterwards the
 * socket is the authority's.
 */
export async function connectBySocks(socket: Socket, proxy: ProxyServer, authority: Authority): Promise<void> {
  const { protocol, address, credentials } = proxy;
  // It takes long to load, and few need it.
  const { SocksClient } = await import('socks');
  // It hears of a connection's end by 'close' alone, which a half-open one does not have.
  const onEnd = (): void => void socket.destroy();
  socket.once('end', onEnd);
  try {
    await SocksClient.createConnection({
      command: 'connect',
      existing_socket: socket,
      proxy: {
        ...address,
        type: protocol === 'socks4' ? 4 : 5,
        ...(credentials && { userId: credentials.username, password: credentials.password }),
      },
      destination: authority,
    });
  } catch (cause) {
    // The library's error has the options, and with them the password.
    throw new Error((cause as Error).message);
  } finally {
    socket.off('end', onEnd);
  }
  await putBack(socket);
}

// Bytes that the server sent together with its answer are emitted in the next turn, and the socket set flowing.
async function putBack(socket: Socket): Promise<void> {
  const early: Buffer[] = [];
  const keep = (chunk: Buffer): void => void early.push(chunk);
  socket.on('data', keep);
  await setImmediate();
  socket.off('data', keep);
  socket.pause();
  if (early.length > 0) socket.unshift(Buffer.concat(early));
  // Neither flowing nor paused, as one that was just opened.
  Object.assign(socket, { readableFlowing: null });
}
