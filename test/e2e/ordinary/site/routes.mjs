// @ts-check
/** Answers of the site, path by path. */
import { createHash } from 'node:crypto';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { pages } from './pages.mjs';

/**
 * @typedef {import('node:http').IncomingMessage} Request
 * @typedef {import('node:http').ServerResponse} Response
 * @typedef {(request: Request, response: Response, url: URL) => void} Route
 */

/** @type {Map<string, number>} how often a counted path was asked for, by its query */
const counts = new Map();
/** @param {URL} url */
const count = ({ pathname, search }) => {
  const key = pathname + search;
  counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts.get(key);
};

/** @param {Request} request */
async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** @param {Uint8Array | string} data */
const digest = (data) => createHash('sha256').update(data).digest('hex').slice(0, 16);

/**
 * @param {Response} response
 * @param {unknown} value
 * @param {Record<string, string>} [headers]
 */
function json(response, value, headers = {}) {
  response.writeHead(200, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(value));
}

/**
 * @param {string} type
 * @param {string | Uint8Array} body
 * @param {Record<string, string>} [headers]
 * @returns {Route}
 */
const fixed =
  (type, body, headers = {}) =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(body), ...headers });
    response.end(body);
  };

/**
 * @param {number} status
 * @param {string} location
 * @param {Record<string, string>} [headers]
 * @returns {Route}
 */
const redirect =
  (status, location, headers = {}) =>
  (_request, response) =>
    response.writeHead(status, { location, ...headers }).end();

const big = Buffer.alloc(3_000_000, 'ordinary ');
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** @type {Record<string, Route>} */
const routes = {
  '/style.css': fixed('text/css', 'body { font-family: monospace; }'),
  '/script.js': fixed('text/javascript', 'document.documentElement.dataset.script = "ran";'),
  '/pixel.png': fixed('image/png', png),
  '/cached.js': (_request, response, url) => {
    response.writeHead(200, { 'content-type': 'text/javascript', 'cache-control': 'max-age=600' });
    response.end(`window.served = ${count(url)};`);
  },
  '/etag': (request, response) => {
    const fresh = request.headers['if-none-match'] === '"v1"';
    response.writeHead(fresh ? 304 : 200, { etag: '"v1"', 'cache-control': 'no-cache', 'content-type': 'text/plain' });
    response.end(fresh ? undefined : 'versioned');
  },
  '/count': (_request, response, url) => json(response, { count: count(url) }, { 'cache-control': 'no-store' }),
  '/worker.js': fixed(
    'text/javascript',
    `addEventListener('message', async ({ data }) => postMessage(await (await fetch(data)).json()));`,
  ),
  '/service-worker.js': fixed(
    'text/javascript',
    `addEventListener('install', () => skipWaiting());
     addEventListener('activate', (event) => event.waitUntil(clients.claim()));
     addEventListener('fetch', (event) => {
       const { pathname } = new URL(event.request.url);
       if (pathname === '/from-the-worker') event.respondWith(new Response('worker'));
       if (pathname === '/through-the-worker') event.respondWith(fetch('/json'));
     });`,
  ),
  '/json': (_request, response) => json(response, { items: [1, 2, 3] }, { 'x-site': 'ordinary' }),
  '/html-404': (_request, response) =>
    response.writeHead(404, { 'content-type': 'text/html' }).end('<title>none</title>'),
  '/html-500': (_request, response) =>
    response.writeHead(500, 'Broken Here', { 'content-type': 'text/html' }).end('<h1>500</h1>'),
  '/empty': (_request, response) => response.writeHead(204).end(),
  '/reset': (request) => request.socket.destroy(),
  '/truncated': (request, response) => {
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': '1000' });
    response.write('the beginning', () => request.socket.destroy());
  },
  '/hang': () => {},
  '/gzip': (_request, response) =>
    response.writeHead(200, { 'content-type': 'text/plain', 'content-encoding': 'gzip' }).end(gzipSync('zipped')),
  '/brotli': (_request, response) =>
    response
      .writeHead(200, { 'content-type': 'text/plain', 'content-encoding': 'br' })
      .end(brotliCompressSync('squeezed')),
  '/big': fixed('application/octet-stream', big),
  '/chunks': async (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain' });
    for (const chunk of ['one ', 'two ', 'three']) await new Promise((done) => response.write(chunk, done));
    response.end();
  },
  '/events': (request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const last = Number(request.headers['last-event-id'] ?? 0);
    response.end(`retry: 1\nid: ${last + 1}\ndata: event ${last + 1}\n\n`);
  },
  '/redirect/302': redirect(302, '/redirect/307', { 'set-cookie': 'hop=one' }),
  '/redirect/307': redirect(307, '/redirect/301'),
  '/redirect/301': redirect(301, '/echo?landed'),
  '/redirect/post-303': redirect(303, '/echo?landed'),
  '/redirect/post-308': redirect(308, '/echo?landed'),
  '/redirect/loop': redirect(302, '/redirect/loop'),
  '/set-cookies': (_request, response) => {
    response.writeHead(200, {
      'content-type': 'text/html',
      'set-cookie': ['plain=1; Path=/', 'hidden=2; HttpOnly; SameSite=Strict', 'deep=a=b; Path=/deep'],
    });
    response.end('<title>cookies</title>');
  },
  '/login': async (request, response) => {
    const form = new URLSearchParams(`${await bodyOf(request)}`);
    const known = form.get('password') === 'secret';
    response.writeHead(303, {
      location: known ? '/account' : '/login-form?wrong',
      ...(known && { 'set-cookie': `session=${form.get('user')}; HttpOnly` }),
    });
    response.end();
  },
  '/account': (request, response) => {
    const user = /session=(\w+)/.exec(request.headers.cookie ?? '')?.[1];
    response.writeHead(user ? 200 : 302, { 'content-type': 'text/html', ...(!user && { location: '/login-form' }) });
    response.end(user && `<title>account</title><h1>Hello ${user}</h1>`);
  },
  '/basic': (request, response) => {
    const known = request.headers.authorization === `Basic ${btoa('ada:lovelace')}`;
    response.writeHead(known ? 200 : 401, {
      'content-type': 'text/html',
      ...(!known && { 'www-authenticate': 'Basic realm="ordinary"' }),
    });
    response.end(known ? '<title>let in</title>' : '<title>kept out</title>');
  },
  '/download': fixed('text/csv', 'a,b\n1,2\n', {
    'content-disposition': 'attachment; filename="table – 1.csv"'.replace('–', '-'),
  }),
  '/cors': (request, response) => {
    const allow = {
      'access-control-allow-origin': request.headers.origin ?? '*',
      'access-control-allow-headers': 'x-asked',
    };
    if (request.method === 'OPTIONS')
      response.writeHead(204, { ...allow, 'access-control-allow-methods': 'PUT' }).end();
    else json(response, { method: request.method, asked: request.headers['x-asked'] }, allow);
  },
  '/echo': async (request, response) => {
    const body = await bodyOf(request);
    const { method, url, httpVersion, rawHeaders } = request;
    const pairs = rawHeaders
      .flatMap((name, at) => (at % 2 === 0 ? [[name, rawHeaders[at + 1]]] : []))
      // Each connection has its own, a proxy's too (RFC 9110, section 7.6.1).
      .filter(([name]) => name?.toLowerCase() !== 'connection');
    json(response, { method, url, httpVersion, headers: pairs, body: body.length > 2000 ? digest(body) : `${body}` });
  },
  '/upload': async (request, response) => {
    // The boundary differs from upload to upload.
    const boundary = /boundary=(.*)$/.exec(request.headers['content-type'] ?? '')?.[1] ?? 'none';
    const text = (await bodyOf(request)).toString('latin1').replaceAll(boundary, 'BOUNDARY');
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end(`<title>uploaded</title><pre id="size">${text.length}</pre><pre id="digest">${digest(text)}</pre>`);
  },
};

/** @type {Route} */
const page = (request, response, url) => {
  const html = pages[url.pathname];
  response.writeHead(html === undefined ? 404 : 200, { 'content-type': 'text/html; charset=utf-8' });
  response.end(`<!doctype html><link rel="icon" href="data:,">${html ?? `<title>no ${request.url}</title>`}`);
};

/**
 * @param {Request} request
 * @param {Response} response
 */
export function answer(request, response) {
  const url = new URL(request.url ?? '/', 'http://localhost');
  (routes[url.pathname] ?? page)(request, response, url);
}
