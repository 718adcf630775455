// @ts-check
/** Connections as a client behind a proxy makes them. */
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** @typedef {{ host: string, port: number }} Address */

/**
 * @param {Address} address
 * @returns {Promise<import('node:net').Socket>}
 */
export function dial({ host, port }) {
  return new Promise((resolve, reject) => {
    const socket = connectTcp({ host, port, noDelay: true }, () => resolve(socket));
    socket.on('error', reject);
  });
}

/**
 * Through a proxy, as far as there is one.
 *
 * @param {number | undefined} proxy its port on this machine
 * @param {Address} target
 */
export async function tunnel(proxy, target) {
  if (proxy === undefined) return dial({ host: '127.0.0.1', port: target.port });
  const socket = await dial({ host: '127.0.0.1', port: proxy });
  const authority = `${target.host}:${target.port}`;
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
  const answer = await /** @type {Promise<string>} */ (
    new Promise((resolve, reject) => {
      let head = '';
      // Some send it in pieces.
      const read = (/** @type {Buffer} */ chunk) => {
        head += chunk.toString('latin1');
        if (!head.endsWith('\r\n\r\n')) return;
        socket.off('data', read);
        resolve(head);
      };
      socket.on('data', read);
      socket.once('close', () => reject(new Error('The proxy closed the connection.')));
    })
  );
  if (!answer.startsWith('HTTP/1.1 200 ')) throw new Error(`CONNECT was answered: ${answer}`);
  return socket;
}

/**
 * TLS on a connection. Nothing is verified: that is the client's cost, and the same for all.
 *
 * @param {import('node:net').Socket} socket
 * @param {string} servername
 * @param {string} protocol
 * @returns {Promise<import('node:tls').TLSSocket>}
 */
export function secured(socket, servername, protocol) {
  return new Promise((resolve, reject) => {
    const options = { socket, servername, rejectUnauthorized: false, ALPNProtocols: [protocol] };
    const secure = connectTls(options, () => resolve(secure));
    secure.on('error', reject);
    socket.on('error', reject);
  });
}
