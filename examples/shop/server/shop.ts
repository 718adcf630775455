import { once } from 'node:events';
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import { createApi } from './api.js';
import { issueCertificates } from './certificates.js';
import { serveFile } from './site.js';
import { Stock } from './stock.js';

/** The shop, while it runs. */
export interface Shop {
  /** Where each of its names is to be dialled: Waylay's `hosts` option. */
  readonly hosts: Readonly<Record<string, string>>;
  /** The certificate (PEM) of the authority that signed the shop's: Waylay's `trustedRoots` option. */
  readonly root: string;
  close(): Promise<void>;
}

/**
 * Starts a small web shop over real TLS on 127.0.0.1, on a free port:
 *
 * - https://shop.test      pages and the service worker
 * - https://api.shop.test  the JSON API, another origin
 * - https://cdn.shop.test  style sheet and pictures, a third origin
 * - wss://live.shop.test   stock updates
 *
 * HTTP/2 for who offers it, HTTP/1.1 for the rest: a browser opens WebSockets over the latter.
 */
export async function startShop(): Promise<Shop> {
  const { root, key, cert } = issueCertificates(['shop.test', '*.shop.test']);
  const stock = new Stock();
  const api = createApi(stock);

  const server = createSecureServer({ key, cert, allowHTTP1: true }, (request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.statusCode = 500;
      response.end(String(error));
    });
  });

  async function answer(request: Http2ServerRequest, response: Http2ServerResponse): Promise<void> {
    switch (request.headers[':authority'] ?? request.headers.host) {
      case 'shop.test':
        return serveFile('shop', request, response);
      case 'cdn.shop.test':
        return serveFile('cdn', request, response);
      case 'api.shop.test':
        return api(request, response);
      default:
        response.statusCode = 421; // Misdirected Request (RFC 9110, section 15.5.20)
        response.end();
    }
  }

  const live = new WebSocketServer({ noServer: true });
  live.on('connection', (socket) => {
    const end = stock.watch((sku, left) => socket.send(JSON.stringify({ sku, left })));
    socket.on('close', end);
  });
  server.on('upgrade', (request, socket, head) => {
    live.handleUpgrade(request, socket, head, (webSocket) => live.emit('connection', webSocket));
  });

  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    hosts: { 'shop.test': address, '*.shop.test': address },
    root,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
