import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';

const page = await readFile(new URL('index.html', import.meta.url));
const tasks = [{ title: 'Water the plants', done: false }];

const server = createServer(async (request, response) => {
  switch (`${request.method} ${request.url}`) {
    case 'GET /':
      return response.setHeader('content-type', 'text/html').end(page);
    case 'GET /api/tasks':
      return response.setHeader('content-type', 'application/json').end(JSON.stringify(tasks));
    case 'POST /api/tasks':
      tasks.push({ ...(await json(request)), done: false });
      return response.writeHead(201).end();
    default:
      return response.writeHead(404).end();
  }
});
server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
