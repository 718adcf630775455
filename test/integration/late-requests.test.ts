/** Requests that Node tells of when their connection has ended: they end with it, none stays pending. */
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { type TLSSocket, connect as tlsConnect } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { connectThrough } from '../client.js';
import { closedPort } from '../closed-port.js';
import { testProxy } from '../servers.js';

/** However it comes. */
const closed = (socket: TLSSocket): Promise<void> => new Promise((resolve) => socket.once('close', () => resolve()));

describe('requests that are read when their connection has ended', () => {
  const stopping = async (version: 'h2' | 'http/1.1', at: number) => {
    let stopped: Promise<void> | undefined;
    const proxy = await testProxy(
      {},
      {
        mayAnswer: () => true,
        onRequest: ({ id }) => {
          // The sockets are destroyed now, in the middle of what was read of them at once.
          if (id === at) stopped = proxy.stop();
          return undefined;
        },
      },
    );
    const tcp = await connectThrough(proxy.port, `127.0.0.1:${await closedPort()}`);
    const socket = tlsConnect({ socket: tcp, host: '127.0.0.1', ca: proxy.caPem, ALPNProtocols: [version] });
    socket.on('error', () => {});
    await once(socket, 'secureConnect');
    return { proxy, socket, stopped: () => stopped };
  };

  test.each([1, 2, 50])('over HTTP/2 are ended with it: the stop comes with stream %d of 4,000', async (at) => {
    const { proxy, socket, stopped } = await stopping('h2', at);
    const session = connectHttp2('https://127.0.0.1', { createConnection: () => socket });
    session.on('error', () => {});
    await once(session, 'remoteSettings');
    for (let stream = 0; stream < 4000; stream += 1) {
      session
        .request({ ':path': `/${stream}` })
        .on('error', () => {})
        .resume();
    }
    await closed(socket);
    await stopped();
    expect(proxy.journal.exchanges.length).toBeGreaterThanOrEqual(at);
    expect(proxy.journal.exchanges.filter(({ ended }) => !ended)).toEqual([]);
  });

  test('over HTTP/1.1 are ended with it: the stop comes with the first of five', async () => {
    const { proxy, socket, stopped } = await stopping('http/1.1', 1);
    socket.resume().write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'.repeat(5));
    await closed(socket);
    await stopped();
    expect(proxy.journal.exchanges.length).toBeGreaterThanOrEqual(1);
    expect(proxy.journal.exchanges.filter(({ ended }) => !ended)).toEqual([]);
  });
});
