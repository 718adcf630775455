import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';

const page = await readFile(new URL('index.html', import.meta.url));

const server = createServer((request, response) => {
  if (request.url === '/') return response.setHeader('content-type', 'text/html').end(page);
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  // The stream stays open, for prices that are to come.
  response.write('id: 1\nevent: price\ndata: {"eur":42}\n\n');
});
server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
