/** The end of a proxy, whatever its clients and upstreams left behind: it comes, and nothing stays open. */
import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { TestError } from '../../src/errors.js';
import { startProxy } from '../../src/proxy.js';
import { closedPort } from '../closed-port.js';
import { forwardAll } from '../servers.js';

async function proxyOf() {
  const proxy = await startProxy({}, { interceptor: () => forwardAll });
  onTestFinished(() => proxy.stop());
  return proxy;
}

/** A client that says something and does something then; what became of its connection. */
function say(port: number, text: string, then: (socket: Socket) => void): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  let outcome = '';
  socket.on('data', (chunk) => {
    outcome += chunk.toString('latin1');
  });
  socket.on('end', () => {
    outcome += ' FIN';
    socket.end();
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    outcome += ` ${error.code}`;
  });
  socket.once('connect', () => {
    socket.write(text);
    then(socket);
  });
  return new Promise((resolve) => socket.once('close', () => resolve(outcome.trim())));
}

const leaving: [string, (socket: Socket) => void][] = [
  ['stays', () => {}],
  ['ends its side', (socket) => socket.end()],
  ['goes away', (socket) => socket.destroySoon()],
  ['resets', (socket) => void socket.write('', () => socket.resetAndDestroy())],
];

describe.each(leaving)('a client that %s', (_, leave) => {
  test.each<[string, (port: number) => string]>([
    ['a request', (port) => `GET http://127.0.0.1:${port}/ HTTP/1.1\r\nHost: a\r\n\r\n`],
    [
      'a request that closes',
      (port) => `GET http://127.0.0.1:${port}/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    ],
    ['an old request', (port) => `GET http://127.0.0.1:${port}/ HTTP/1.0\r\nHost: a\r\n\r\n`],
    ['pipelined requests', (port) => `GET http://127.0.0.1:${port}/ HTTP/1.1\r\nHost: a\r\n\r\n`.repeat(5)],
    ['half a body', (port) => `POST http://127.0.0.1:${port}/ HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n1234`],
    [
      'a WebSocket',
      (port) =>
        `GET http://127.0.0.1:${port}/ HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n`,
    ],
    ['a tunnel', (port) => `CONNECT 127.0.0.1:${port} HTTP/1.1\r\nHost: a\r\n\r\n`],
    ['a tunnel with bytes', (port) => `CONNECT 127.0.0.1:${port} HTTP/1.1\r\nHost: a\r\n\r\n\x16\x03\x01\x00\x05hello`],
    ['SOCKS', (port) => Buffer.from([4, 1, port >> 8, port & 255, 127, 0, 0, 1, 0]).toString('latin1')],
    ['half a head', (port) => `GET http://127.0.0.1:${port}/ HTTP/1.1\r\nHost`],
    ['nothing', () => ''],
  ])('after %s to a port where nobody listens does not keep a proxy from stopping', async (_, text) => {
    const proxy = await proxyOf();
    const port = await closedPort();
    const clients = Promise.all(Array.from({ length: 20 }, () => say(proxy.port, text(port), leave)));
    await new Promise((resolve) => setImmediate(resolve));
    const isAnswered = () => proxy.journal.exchanges.every(({ ended }) => ended);
    for (let turn = 0; turn < 50 && !(proxy.journal.exchanges.length > 0 && isAnswered()); turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    await proxy.stop();
    await clients;
    expect(isAnswered()).toBe(true);
  });
});

describe('requests that their client gives up', () => {
  test.each<[string, (path: string, agent: Agent, signal: AbortSignal, port: number) => Promise<unknown>]>([
    [
      'of node:http',
      (path, agent, signal, port) =>
        new Promise((resolve) => {
          const asked = httpRequest({ host: '127.0.0.1', port, path, agent, signal, headers: { host: 'a' } });
          asked.on('error', resolve).on('response', resolve).end();
        }),
    ],
    [
      'of undici',
      async (path, _, signal, port) => {
        const { fetch, ProxyAgent } = await import('undici');
        const dispatcher = new ProxyAgent({ uri: `http://127.0.0.1:${port}`, proxyTunnel: false });
        return fetch(path, { dispatcher, signal }).catch((error) => error);
      },
    ],
    [
      'of undici, through tunnels',
      async (path, _, signal, port) => {
        const { fetch, ProxyAgent } = await import('undici');
        const dispatcher = new ProxyAgent({ uri: `http://127.0.0.1:${port}`, proxyTunnel: true });
        return fetch(path, { dispatcher, signal }).catch((error) => error);
      },
    ],
  ])('%s do not keep a proxy from stopping', async (_, send) => {
    const proxy = await proxyOf();
    const url = `http://127.0.0.1:${await closedPort()}/`;
    const agent = new Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    const asking = Array.from({ length: 60 }, async (_, turn) => {
      const controller = new AbortController();
      const sent = send(url, agent, controller.signal, proxy.port);
      // At any moment of the exchange.
      for (let turns = turn % 7; turns > 0; turns -= 1) await new Promise((resolve) => setImmediate(resolve));
      controller.abort();
      await sent;
    });
    await Promise.all(asking);
    await proxy.stop();
    expect(proxy.journal.exchanges.filter(({ ended }) => !ended)).toEqual([]);
  });
});

describe.each(['reset', 'truncate', 'empty', 'hang', 'malformed-chunk'] as const)('a fault (%s)', (fault) => {
  test.each<[string, boolean, (socket: Socket) => void]>([
    ['plain', false, (socket) => socket.end()],
    ['plain and gone', false, (socket) => socket.destroy()],
    ['TLS', true, (socket) => socket.end()],
    ['TLS and gone', true, (socket) => socket.destroy()],
  ])('of a client that has ended its side, %s, does not keep a proxy from stopping', async (_, secure, leave) => {
    const error = new TestError('WAYLAY_FAULT', 'asked for');
    const proxy = await startProxy(
      {},
      {
        interceptor: () => ({
          ...forwardAll,
          mayAnswer: () => true,
          onRequest: () => ({ action: 'fail', fault: { kind: fault, error } }),
        }),
      },
    );
    onTestFinished(() => proxy.stop());
    for (let client = 0; client < 10; client += 1) {
      const tcp = connect(proxy.port, '127.0.0.1').on('error', () => {});
      tcp.write('CONNECT shop.test:443 HTTP/1.1\r\n\r\n');
      await once(tcp, 'data');
      const socket = secure ? tlsConnect({ socket: tcp, servername: 'shop.test', ca: proxy.caPem }) : tcp;
      socket.on('error', () => {});
      if (secure) await once(socket, 'secureConnect');
      socket.write('GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n');
      leave(socket);
      socket.resume();
    }
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    await proxy.stop();
    expect(proxy.journal.exchanges.filter(({ ended }) => !ended)).toEqual([]);
  });
});
