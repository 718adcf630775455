// @ts-check
/**
 * The ceiling: what a proxy on Node's own TLS and HTTP and on undici costs at least. It has one certificate for
 * all names, keeps nothing of what passes and forgives nobody anything.
 */
import { createServer as createHttpServer, STATUS_CODES } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import { createServer as createTlsServer } from 'node:tls';
import { Client } from 'undici';
import { selfSigned } from '../upstream/certificate.mjs';
import { config, MEMBER, ready, STUB_BODY } from './contestant.mjs';

/** @typedef {import('node:http').IncomingMessage} IncomingMessage */
/** @typedef {import('node:http').ServerResponse} ServerResponse */

const { job, upstream } = config;
const TLS = { rejectUnauthorized: false, servername: 'localhost' };
const { key, cert } = selfSigned();

const entrance = createHttpServer((request, response) => {
  const { origin, pathname, search } = new URL(request.url ?? '');
  forward(clientOf(request.socket, origin), pathname + search, request, response);
});
const http1 = createHttpServer((request, response) => {
  if (job.kind === 'stub') stub(response);
  else forward(clientOf(request.socket, `https://localhost:${upstream.https}`), request.url ?? '', request, response);
});
const http2 = createHttp2Server();
const tls = createTlsServer({ key, cert, ALPNProtocols: ['h2', 'http/1.1'] }, (socket) => {
  socket.on('error', () => {});
  if (socket.alpnProtocol === 'h2') http2.emit('connection', socket);
  else http1.emit('connection', socket);
});
entrance.on('connect', (_, socket) => {
  socket.on('error', () => {});
  socket.write('HTTP/1.1 200 OK\r\n\r\n');
  tls.emit('connection', socket);
});

/** @type {WeakMap<object, Client>} */
const clients = new WeakMap();

/**
 * @param {import('node:net').Socket} socket
 * @param {string} origin
 */
function clientOf(socket, origin) {
  let client = clients.get(socket);
  if (client === undefined) {
    client = new Client(origin, { connect: TLS, allowH2: false });
    clients.set(socket, client);
    const made = client;
    socket.on('close', () => made.destroy());
  }
  return client;
}

/** @param {ServerResponse} response */
function stub(response) {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': STUB_BODY.length });
  response.end(STUB_BODY);
}

/**
 * @param {Client} client
 * @param {string} path
 * @param {IncomingMessage} request
 * @param {ServerResponse} response
 */
function forward(client, path, request, response) {
  const hasBody = request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined;
  const method = /** @type {import('undici').Dispatcher.HttpMethod} */ (request.method);
  const headers = request.rawHeaders;
  /** @type {Buffer[] | undefined} */
  const kept = job.kind === 'mutate' ? [] : undefined;
  client.dispatch(
    { method, path, headers, body: hasBody ? request : null },
    {
      onRequestStart() {},
      onResponseStart(controller, status) {
        // Head and body leave together; what does not fit waits for the client.
        if (kept === undefined) {
          response.cork();
          process.nextTick(() => response.uncork());
          response.writeHead(status, STATUS_CODES[status], /** @type {any} */ (text(controller.rawHeaders)));
        }
        response.on('drain', () => controller.resume());
      },
      onResponseData(controller, chunk) {
        if (kept !== undefined) kept.push(chunk);
        else if (!response.write(chunk)) controller.pause();
      },
      onResponseEnd() {
        if (kept !== undefined) {
          const body = JSON.stringify({ ...JSON.parse(Buffer.concat(kept).toString()), ...MEMBER });
          response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
          response.end(body);
        } else response.end();
      },
      onResponseError() {
        response.destroy();
      },
    },
  );
}

/** @param {any} fields */
function text(fields) {
  return fields.map((/** @type {Buffer} */ field) => field.toString('latin1'));
}

http2.on('session', (session) => {
  session.on('error', () => {});
  if (job.kind !== 'forward') return;
  const { socket } = session;
  const up = connectHttp2(`https://localhost:${upstream.https}`, TLS);
  up.on('error', () => session.destroy());
  socket.on('close', () => up.destroy());
  session.on('stream', (stream, headers) => {
    const request = up.request(headers, { endStream: stream.readableEnded || headers[':method'] === 'GET' });
    request.on('response', (answer) => stream.respond(answer));
    if (headers[':method'] !== 'GET') stream.pipe(request);
    request.pipe(stream);
    for (const end of [stream, request]) end.on('error', () => {});
  });
});
if (job.kind === 'stub') {
  http2.on('stream', (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/json' });
    stream.end(STUB_BODY);
  });
}

entrance.listen(0, '127.0.0.1', () => {
  ready(/** @type {import('node:net').AddressInfo} */ (entrance.address()).port);
});
