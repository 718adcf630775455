/** Clients that leave, or have said all they have to say, while what they asked for fails. */
import { once } from 'node:events';
import { type ClientRequest, request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { ProxyAgent, fetch as undiciFetch } from 'undici';
import { describe, expect, test } from 'vitest';
import type { RunningProxy } from '../../src/proxy.js';
import { dialTcp, RawClient } from '../client.js';
import { closedPort, httpOrigin, publicAuthority, tcpServer, testProxy } from '../servers.js';

/** One request in absolute-form. */
const get = (port: number, fields = ''): string =>
  `GET http://127.0.0.1:${port}/ HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${fields}\r\n`;

const closing = (socket: Socket | ClientRequest): Promise<void> =>
  new Promise((resolve) => socket.on('error', () => {}).on('close', () => resolve()));

/** Requests to a port on which nothing listens, and how the client behaves meanwhile. */
const behaviours: Record<string, (proxy: RunningProxy, dead: number) => Promise<void>> = {
  'ends its side with its request': async (proxy, dead) => {
    const client = dialTcp(proxy.port);
    client.socket.end(get(dead));
    expect(await client.end()).toBe('');
  },
  'ends its side with its request, over TLS': async (proxy, dead) => {
    const socket = tlsConnect({ port: proxy.port, host: '127.0.0.1', ca: proxy.caPem });
    await once(socket, 'secureConnect');
    const client = new RawClient(socket);
    client.socket.end(get(dead));
    expect(await client.end()).toBe('');
  },
  'ends its side with many requests, one after the other': async (proxy, dead) => {
    const client = dialTcp(proxy.port);
    client.socket.end(get(dead).repeat(20));
    expect(await client.end()).toBe('');
  },
  'asks for the connection to be closed': async (proxy, dead) => {
    const client = dialTcp(proxy.port);
    client.write(get(dead, 'Connection: close\r\n'));
    await client.end();
    expect(client.error?.code).toBe('ECONNRESET');
  },
  'asks for the connection to be closed and ends its side': async (proxy, dead) => {
    const client = dialTcp(proxy.port);
    client.socket.end(get(dead, 'Connection: close\r\n'));
    expect(await client.end()).toBe('');
  },
  'sends several requests at once': async (proxy, dead) => {
    const client = dialTcp(proxy.port);
    client.write(get(dead).repeat(5));
    await client.end();
    expect(client.error?.code).toBe('ECONNRESET');
  },
  'sends several at once after one that is answered, and ends its side': async (proxy, dead) => {
    const origin = await httpOrigin((_, response) => response.end('fine'));
    const client = dialTcp(proxy.port);
    client.socket.end(get(origin.port) + get(dead).repeat(5));
    await client.end();
  },
  'gives up sixty requests of node:http': async (proxy, dead) => {
    const give = async (at: number): Promise<void> => {
      const request = httpRequest({
        port: proxy.port,
        host: '127.0.0.1',
        path: `http://127.0.0.1:${dead}/`,
        agent: false,
      });
      const closed = closing(request);
      request.end();
      const [socket] = (await once(request, 'socket')) as [Socket];
      socket.once('connect', () => {
        // At once, and in each of the turns that follow.
        let turns = at % 6;
        const leave = (): void => void (turns-- === 0 ? request.destroy() : setImmediate(leave));
        leave();
      });
      await closed;
    };
    await Promise.all(Array.from({ length: 60 }, (_, at) => give(at)));
  },
  'gives up sixty fetches': async (proxy, dead) => {
    const dispatcher = new ProxyAgent({ uri: `http://127.0.0.1:${proxy.port}`, proxyTunnel: false });
    const give = async (at: number): Promise<void> => {
      const abort = new AbortController();
      const failed = undiciFetch(`http://127.0.0.1:${dead}/`, { dispatcher, signal: abort.signal }).catch(() => {});
      let turns = at % 12;
      const leave = (): void => void (turns-- === 0 ? abort.abort() : setImmediate(leave));
      leave();
      await failed;
    };
    await Promise.all(Array.from({ length: 60 }, (_, at) => give(at)));
    await dispatcher.destroy();
  },
  'leaves inside sixty connections with a reset': async (proxy, dead) => {
    const give = async (at: number): Promise<void> => {
      const socket = connect(proxy.port, '127.0.0.1');
      const closed = closing(socket);
      socket.write(get(dead));
      let turns = at % 6;
      const leave = (): void => void (turns-- === 0 ? socket.resetAndDestroy() : setImmediate(leave));
      socket.once('connect', leave);
      await closed;
    };
    await Promise.all(Array.from({ length: 60 }, (_, at) => give(at)));
  },
};

test.each(['before', 'after'] as const)(
  'a connection that is handed over %s the stop, when its client has left',
  async (when) => {
    const handedOver = await tcpServer(() => {});
    const [socket] = await Promise.all([
      once(handedOver.server, 'connection').then(async ([accepted]: Socket[]) => {
        accepted?.destroy();
        await once(accepted as Socket, 'close');
        return accepted as Socket;
      }),
      dialTcp(handedOver.port).end(),
    ]);
    const proxy = await testProxy();
    if (when === 'after') await proxy.stop();
    proxy.adopt(socket, publicAuthority);
    await proxy.stop();
  },
);

test('a connection that is handed over after the stop is ended', async () => {
  const handedOver = await tcpServer(() => {});
  const client = dialTcp(handedOver.port);
  const [socket] = (await once(handedOver.server, 'connection')) as [Socket];
  const proxy = await testProxy();
  await proxy.stop();
  proxy.adopt(socket, publicAuthority);
  await client.end();
  expect(proxy.journal.exchanges).toEqual([]);
});

describe('a proxy stops after a client that', () => {
  test.each(Object.keys(behaviours))('%s', async (behaviour) => {
    const dead = await closedPort();
    const proxy = await testProxy();
    await behaviours[behaviour]?.(proxy, dead);
    await proxy.stop();
    expect(proxy.journal.exchanges.filter((exchange) => !exchange.ended)).toEqual([]);
  });
});
