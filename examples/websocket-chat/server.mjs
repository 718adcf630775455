import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const page = await readFile(new URL('index.html', import.meta.url));

const server = createServer((_request, response) => response.setHeader('content-type', 'text/html').end(page));

// Everybody in a room, whose name is the path, gets what anybody in it says.
const chat = new WebSocketServer({ server, handleProtocols: () => 'chat.v1' });
chat.on('connection', (socket, { url }) => {
  socket.room = url;
  socket.on('message', (message) => {
    for (const other of chat.clients) if (other.room === url) other.send(message.toString());
  });
});
server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
