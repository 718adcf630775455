/** A TLS server for one leaf, and Node as its client. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import * as tls from 'node:tls';
import type { Leaf } from '../../src/tls/certificate-authority.js';

export interface LeafServer extends AsyncDisposable {
  readonly port: number;
}

/** Shows the leaf to everybody and answers every request with 200. */
export async function serve(context: Leaf['context'], options: tls.TLSSocketOptions = {}): Promise<LeafServer> {
  const sockets = new Set<tls.TLSSocket>();
  const server = createServer((raw) => {
    const socket = new tls.TLSSocket(raw, { isServer: true, secureContext: context, ...options });
    sockets.add(socket);
    raw.on('error', () => {});
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Connects and hands the finished handshake to `use`; rejects where it fails. */
export async function handshake<T>(
  port: number,
  options: tls.ConnectionOptions,
  use: (socket: tls.TLSSocket) => T | Promise<T>,
): Promise<T> {
  const socket = tls.connect({ host: '127.0.0.1', port, ...options });
  try {
    await once(socket, 'secureConnect');
    return await use(socket);
  } finally {
    socket.on('error', () => {});
    socket.destroy();
  }
}

/** Node's verdict on the server's certificate: a code, or `ok`. */
export function nodeVerdict(port: number, ca: string, name: string): Promise<string> {
  const options: tls.ConnectionOptions = { ca, servername: name };
  // An IP address is no server name, but is still the name to check.
  if (/^[\d.]+$|:/.test(name)) {
    options.servername = '';
    options.checkServerIdentity = (_host, certificate) => tls.checkServerIdentity(name, certificate);
  }
  return handshake(port, options, () => 'ok').catch((error: NodeJS.ErrnoException) => error.code ?? error.message);
}
