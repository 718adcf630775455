/** Connections that have switched protocols, on which the server has said all before the client has. */
import { once } from 'node:events';
import { connect as tlsConnect } from 'node:tls';
import { expect, test } from 'vitest';
import { connectThrough, RawClient } from '../client.js';
import { ManualClock } from '../manual-clock.js';
import { serverLeaf, tcpServer, testProxy, tlsServer } from '../servers.js';
import { ended } from './traffic.js';

const REQUEST = 'GET /chat HTTP/1.1\r\nHost: shop.test\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\n';
const SWITCH = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\n';

test.each(['ws', 'wss'] as const)(
  'a server that has said all gets what a client said at its pace, though the client has gone (%s)',
  async (scheme) => {
    let accept = (_: RawClient): void => {};
    const accepted = new Promise<RawClient>((resolve) => {
      accept = resolve;
    });
    const origin =
      scheme === 'ws'
        ? await tcpServer((socket) => accept(new RawClient(socket)))
        : await tlsServer(serverLeaf('shop.test'), (socket) => {
            socket.allowHalfOpen = true;
            accept(new RawClient(socket));
          });
    const name = scheme === 'ws' ? 'shop.test:80' : 'shop.test:443';
    const clock = new ManualClock();
    const proxy = await testProxy(
      { hosts: { [name]: `127.0.0.1:${origin.port}` } },
      { onRequest: () => ({ action: 'forward', change: { shape: { bandwidth: 100 } } }) },
      { clock },
    );
    const raw = await connectThrough(proxy.port, name);
    const client = scheme === 'ws' ? raw : tlsConnect({ socket: raw, servername: 'shop.test', ca: proxy.caPem });
    client.allowHalfOpen = true;
    client.write(REQUEST);
    const server = await accepted;
    await server.until(/\r\n\r\n$/);
    server.socket.end(SWITCH);
    await once(client.resume(), 'end');
    client.end('abcd');
    // The proxy's side is closed, too, when the last of it has been read.
    await once(client, 'close');
    const over = server.end();
    for (let pieces = 0; pieces < 2; pieces++) {
      await Promise.race([clock.timer(), over]);
      clock.advance(20);
    }
    await over;
    expect(server.received).toMatch(/\r\n\r\nabcd$/);
    expect((await ended(proxy)).error).toBeUndefined();
  },
);
