/** WebSockets of this process, to a server and to none. */
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import * as undici from 'undici';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocketServer, WebSocket as Ws } from 'ws';
import { listening, serverLeaf } from '../servers.js';
import { routeHere } from './route-here.js';

/** The browsers' way. */
type Open = (url: string) => {
  onopen: unknown;
  onmessage: ((event: { data: unknown }) => void) | null;
  onerror: unknown;
  send(text: string): void;
  close(): void;
};

const clients: [string, Open][] = [
  ['ws', (url) => new Ws(url) as unknown as ReturnType<Open>],
  ['undici', (url) => new undici.WebSocket(url) as unknown as ReturnType<Open>],
];
// From Node 22 on.
const { WebSocket: own } = globalThis as { WebSocket?: new (url: string) => ReturnType<Open> };
if (own !== undefined) clients.push(['Node', (url) => new own(url)]);

describe.each(clients)('a WebSocket of %s', (_, open) => {
  test.each(['ws', 'wss'])('over %s talks with its server', async (scheme) => {
    const leaf = serverLeaf('chat.test');
    const server =
      scheme === 'ws' ? createHttpServer() : createHttpsServer({ SNICallback: (_, done) => done(null, leaf.context) });
    const chat = new WebSocketServer({ server });
    chat.on('connection', (socket) => socket.on('message', (message) => socket.send(`echo ${message}`)));
    const { port } = await listening(server);
    const { waylay } = await routeHere({ hosts: { 'chat.test': `127.0.0.1:${port}` } });

    const socket = open(`${scheme}://chat.test/`);
    onTestFinished(() => socket.close());
    const text = await new Promise((resolve, reject) => {
      socket.onopen = () => socket.send('hello');
      socket.onmessage = ({ data }) => resolve(data);
      socket.onerror = reject;
    });
    expect(text).toBe('echo hello');
    expect(waylay.exchanges).toMatchObject([{ websocket: true, source: 'upstream' }]);
    expect(waylay.exchanges[0]?.messages.map(({ data }) => String(data))).toEqual(['hello', 'echo hello']);
  });

  test.each(['ws', 'wss'])('over %s is refused by a stub, for a host that exists nowhere', async (scheme) => {
    const { waylay } = await routeHere();
    waylay.stubResponse(`${scheme === 'ws' ? 'http' : 'https'}://nowhere.test/chat`, 403);
    const socket = open(`${scheme}://nowhere.test/chat`);
    await once(socket as never, 'error');
    expect(waylay.exchanges).toMatchObject([{ websocket: true, source: 'stub', response: { status: 403 } }]);
  });
});
