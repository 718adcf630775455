import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';

const page = await readFile(new URL('index.html', import.meta.url));

const server = createServer(async (request, response) => {
  if (request.method === 'GET') return response.setHeader('content-type', 'text/html').end(page);
  const { byteLength } = await buffer(request);
  return response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify({ byteLength }));
});
server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
