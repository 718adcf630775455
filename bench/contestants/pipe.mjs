// @ts-check
/**
 * The floor: what the bytes cost on Node's sockets, and TLS, where nobody looks at them. It reads a client's `CONNECT`,
 * or the beginning of its first plain request, and is then two pipes.
 */
import { connect, createServer } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { selfSigned } from '../upstream/certificate.mjs';
import { config, ready } from './contestant.mjs';

/** @typedef {import('node:stream').Duplex} Duplex */

const { upstream } = config;
const { key, cert } = selfSigned();
const tls = createTlsServer({ key, cert, ALPNProtocols: ['http/1.1'] }, (client) => {
  join(client, connectTls({ port: upstream.https, host: '127.0.0.1', rejectUnauthorized: false }).setNoDelay());
});
const entrance = createServer({ noDelay: true }, (client) => {
  client.on('error', () => {});
  client.once('data', (bytes) => {
    if (bytes.toString('latin1').startsWith('CONNECT ')) {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      tls.emit('connection', client);
    } else {
      const up = connect({ port: upstream.http, host: '127.0.0.1', noDelay: true });
      up.write(bytes);
      join(client, up);
    }
  });
});

/**
 * @param {Duplex} one
 * @param {Duplex} other
 */
function join(one, other) {
  one.pipe(other).pipe(one);
  one.on('error', () => other.destroy()).on('close', () => other.destroy());
  other.on('error', () => one.destroy()).on('close', () => one.destroy());
}

entrance.listen(0, '127.0.0.1', () => {
  ready(/** @type {import('node:net').AddressInfo} */ (entrance.address()).port);
});
