// @ts-check
/**
 * An upstream in Node, for what nginx does not do, and where it is not installed: it reads uploads to their end, and
 * `/stream/<bytes>` is as long as it says. Its argument is JSON: the certificate with its key.
 */
import { createServer } from 'node:http';
import { createSecureServer } from 'node:http2';
import { bodies } from './bodies.mjs';

const { key, cert } = JSON.parse(process.argv[2] ?? '{}');
const BLOCK = Buffer.alloc(65_536, 'waylay ');

const https = createSecureServer({ key, cert, allowHTTP1: true, maxSessionMemory: 1000 }, answer);
const http = createServer(answer);
https.on('sessionError', () => {});
let listening = 0;
for (const server of [https, http]) {
  server.listen(0, '127.0.0.1', () => {
    if ((listening += 1) < 2) return;
    const [first, second] = [https, http].map(
      (one) => /** @type {import('node:net').AddressInfo} */ (one.address()).port,
    );
    console.log(JSON.stringify({ https: first, http: second }));
  });
}
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));

/**
 * @param {any} request
 * @param {any} response
 */
function answer(request, response) {
  response.on('error', () => {});
  const streamed = /^\/stream\/(\d+)$/.exec(request.url);
  if (streamed !== null) return stream(Number(streamed[1]), response);
  if (request.method !== 'GET') {
    request.resume();
    request.on('end', () => response.writeHead(200, { 'content-length': '5' }).end('taken'));
    return;
  }
  const { type, body } = bodies[request.url.split('?')[0]] ?? { type: 'text/plain', body: Buffer.from('not here') };
  response.writeHead(200, { 'content-type': type, 'content-length': String(body.length) });
  response.end(body);
}

/**
 * @param {number} left
 * @param {any} response
 */
function stream(left, response) {
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': String(left) });
  const more = () => {
    while (left > 0) {
      const block = left < BLOCK.length ? BLOCK.subarray(0, left) : BLOCK;
      left -= block.length;
      if (!response.write(block)) return response.once('drain', more);
    }
    response.end();
  };
  more();
}
