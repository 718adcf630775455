import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';

const page = await readFile(new URL('index.html', import.meta.url));
const notes = new Map([['first', { text: 'Water the plants' }]]);

const server = createServer(async (request, response) => {
  switch (`${request.method} ${request.url}`) {
    case 'GET /':
      return response.setHeader('content-type', 'text/html').end(page);
    case 'GET /api/notes':
      return response.setHeader('content-type', 'application/json').end(JSON.stringify([...notes.values()]));
    case 'POST /api/notes':
      // Sent again with the same key, it is the same note.
      notes.set(request.headers['idempotency-key'], await json(request));
      return response.writeHead(201).end();
    default:
      return response.writeHead(404).end();
  }
});
server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
