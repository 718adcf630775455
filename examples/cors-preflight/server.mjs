import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';

const page = await readFile(new URL('index.html', import.meta.url));

/** http://api.cart.test: open to the pages of http://cart.test. */
function api(request, response) {
  response.setHeader('access-control-allow-origin', 'http://cart.test');
  response.setHeader('vary', 'origin');
  if (request.method === 'OPTIONS') {
    response.setHeader('access-control-allow-methods', 'PUT');
    response.setHeader('access-control-allow-headers', 'content-type, x-client');
    response.setHeader('access-control-max-age', '600');
    return response.writeHead(204).end();
  }
  return response.writeHead(200, { 'content-type': 'application/json' }).end('{"saved":true}');
}

const server = createServer((request, response) => {
  if (request.headers.host === 'api.cart.test') return api(request, response);
  return response.setHeader('content-type', 'text/html').end(page);
});
server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
