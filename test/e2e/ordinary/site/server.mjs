// @ts-check
/** The site that the ordinary tests visit: once over HTTP/1.1, once over TLS with HTTP/2. */
import { createServer } from 'node:http';
import { createSecureServer } from 'node:http2';
import { WebSocketServer } from 'ws';
import { selfSigned } from './certificate.mjs';
import { answer } from './routes.mjs';

const site = createServer(answer);
const secure = createSecureServer({ allowHTTP1: true, ...selfSigned() }, /** @type {any} */ (answer));
const echo = new WebSocketServer({ noServer: true });

for (const server of [site, secure]) {
  server.on('upgrade', (/** @type {any} */ request, /** @type {any} */ socket, /** @type {any} */ head) =>
    echo.handleUpgrade(request, socket, head, (client) => {
      client.send('welcome');
      client.on('message', (data, binary) => {
        if (`${data}` === 'close') client.close(4001, 'as asked');
        else client.send(data, { binary });
      });
    }),
  );
}

/** @param {import('node:net').Server} server */
const listen = (server) =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(/** @type {any} */ (server.address()).port)));

process.stdout.write(`site on ${await listen(site)}, secure on ${await listen(secure)}\n`);
