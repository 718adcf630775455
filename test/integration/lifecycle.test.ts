import { once } from 'node:events';
import { connect, type Server } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { startWaylay } from '../../fixtures/standalone.js';
import { type RunningProxy, startProxy } from '../../src/proxy.js';
import { connectThrough, dialTcp, RawClient } from '../client.js';
import { closedPort, forwardAll, httpOrigin, httpsOrigin, publicAuthority, tcpServer, testProxy } from '../servers.js';
import { ended, reached, sessionThrough, shopThrough } from './traffic.js';

const GET = 'GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n';

describe('two hundred proxies, one after the other', () => {
  const CYCLES = 200;
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;

  /** One exchange from start to stop: forwarded or answered in turn. */
  async function cycle(turn: number, originPort: number): Promise<void> {
    const proxy = await startProxy(
      { trustedRoots: publicAuthority.pem, hosts: { 'shop.test': `127.0.0.1:${originPort}` } },
      {
        interceptor: () => ({
          ...forwardAll,
          mayAnswer: () => turn % 2 === 1,
          onRequest: () =>
            turn % 2 === 1
              ? { action: 'answer', answer: { status: 200, statusText: 'OK', headers: [], body: Buffer.from('fine') } }
              : undefined,
        }),
      },
    );
    // No RawClient: it is kept until the test has finished.
    const tcp = connect(proxy.port, '127.0.0.1');
    tcp.write('CONNECT shop.test:443 HTTP/1.1\r\n\r\n');
    await once(tcp, 'data');
    const socket = tlsConnect({ socket: tcp, servername: 'shop.test', ca: proxy.caPem });
    socket.write(GET);
    let received = '';
    while (!received.endsWith('fine')) received += ((await once(socket, 'data')) as [Buffer])[0];
    await proxy.stop();
    expect(proxy.journal.exchanges[0]?.source).toBe(turn % 2 === 1 ? 'stub' : 'upstream');
    if (!tcp.closed) {
      tcp.resume();
      await once(tcp, 'close');
    }
  }

  test('leave nothing to a port that goes on without them', async () => {
    const served: number[] = [];
    const leave = async () => {
      const proxy = await startProxy({}, { interceptor: () => forwardAll });
      const { port, journal } = proxy;
      const free = proxy.leavePort((socket) => {
        served.push(port);
        socket.destroy();
      });
      await proxy.stop();
      return { port, free, journal: new WeakRef(journal) };
    };
    const { port, free, journal } = await leave();
    const client = connect(port, '127.0.0.1').on('error', () => {});
    await once(client, 'close');
    expect(served).toEqual([port]);
    collect();
    expect(journal.deref()).toBeUndefined();
    await free();
    const [refused] = (await once(connect(port, '127.0.0.1'), 'error')) as [NodeJS.ErrnoException];
    expect(refused.code).toBe('ECONNREFUSED');
  });

  test('leave no handle and no memory behind', { timeout: 60_000 }, async () => {
    const origin = await httpsOrigin((_, response) => response.end('fine'), { name: 'shop.test', alpn: ['http/1.1'] });
    const heap = (): number => {
      collect();
      return process.memoryUsage().heapUsed;
    };
    const active = (kind: RegExp): string[] => process.getActiveResourcesInfo().filter((name) => kind.test(name));

    for (let turn = 0; turn < 4; turn += 1) await cycle(turn, origin.port);
    await settled(origin);
    const sockets = active(/TCP|TLS/).sort();
    const timers = active(/Timeout/).length;
    for (let turn = 0; turn < 50; turn += 1) await cycle(turn, origin.port);
    const first = heap();
    for (let turn = 50; turn < CYCLES; turn += 1) await cycle(turn, origin.port);
    const last = heap();
    await settled(origin);
    expect(active(/TCP|TLS/).sort()).toEqual(sockets);
    // One of the runner's may be gone.
    expect(active(/Timeout/).length).toBeLessThanOrEqual(timers);
    // Each proxy alone takes some hundred kilobytes; kept, 150 of them would be far above this.
    expect(last - first).toBeLessThan(8 * 1024 * 1024);
  });

  /** Until the origin has heard of all ends. */
  async function settled({ server }: { server: Server }): Promise<void> {
    const count = (): Promise<number> =>
      new Promise((resolve, reject) =>
        server.getConnections((error, connections) => (error === null ? resolve(connections) : reject(error))),
      );
    while ((await count()) > 0) await new Promise((resolve) => setImmediate(resolve));
  }
});

describe('stop', () => {
  test.each(['TCP', 'TLS', 'h2'] as const)('ends an exchange whose upstream hangs (%s)', async (over) => {
    const hang = (): void => {};
    const origin = over === 'TCP' ? await httpOrigin(hang) : await httpsOrigin(hang, { name: 'shop.test' });
    const proxy = await testProxy({ hosts: { 'shop.test': `127.0.0.1:${origin.port}` } });
    let closed: Promise<unknown>;
    if (over === 'h2') {
      const session = await sessionThrough(proxy);
      const stream = session.request({ ':authority': 'shop.test', ':path': '/' });
      stream.on('error', () => {});
      closed = once(session, 'close');
    } else {
      const client = over === 'TCP' ? dialTcp(proxy.port) : new RawClient(await shopThrough(proxy, 'http/1.1'));
      client.write(over === 'TCP' ? GET.replace('/', 'http://shop.test/') : GET);
      closed = client.end();
    }
    const exchange = await reached(proxy, 'request');
    const gone = new Promise((resolve) => {
      const look = (): void => {
        origin.server.getConnections((_, count) => (count === 0 ? resolve(true) : setImmediate(look)));
      };
      look();
    });
    await proxy.stop();
    await closed;
    await gone;
    expect(await ended(proxy)).toBe(exchange);
    expect(exchange).toMatchObject({ source: 'failed', error: { code: 'WAYLAY_STOPPED', fault: 'waylay' } });
    await expect(exchange.finished()).rejects.toBe(exchange.error);
  });

  test('ends what waits for a decision that never comes', async () => {
    const proxy = await testProxy({}, { onRequest: () => new Promise(() => {}) });
    const client = dialTcp(proxy.port);
    client.write(GET.replace('/', 'http://shop.test/'));
    await reached(proxy, 'request');
    await proxy.stop();
    await client.end();
    expect((await ended(proxy)).error?.code).toBe('WAYLAY_STOPPED');
  });

  test('ends tunnels, WebSockets, idle connections and handshakes that do not go on', async () => {
    const origin = await tcpServer((socket) => {
      socket.once('data', (first) => {
        if (first.includes('Upgrade')) {
          socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
        } else if (first.includes('GET')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
        else socket.write('echo');
      });
    });
    const proxy = await testProxy({ hosts: { 'shop.test': `127.0.0.1:${origin.port}` } });
    const through = async (): Promise<RawClient> => new RawClient(await connectThrough(proxy.port, 'shop.test:80'));
    const [tunnel, socket, idle, silent, half] = [
      await through(),
      await through(),
      await through(),
      await through(),
      await through(),
    ];
    tunnel.write('\0raw');
    await tunnel.until(/echo/);
    socket.write('GET / HTTP/1.1\r\nHost: shop.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    await socket.until(/101/);
    idle.write(GET);
    await idle.until(/ok$/);
    half.write('\x16\x03\x01\x02\x00\x01');
    await proxy.stop();
    for (const client of [tunnel, socket, idle, silent, half]) await client.end();
    for (const at of [0, 1, 2]) await ended(proxy, at);
    expect(proxy.journal.exchanges.map(({ source }) => source)).toEqual(['tunnel', 'upstream', 'upstream']);
  });

  test('may be called again, and at once', async () => {
    const proxy = await testProxy();
    await Promise.all([proxy.stop(), proxy.stop()]);
    await proxy.stop();
    const client = dialTcp(proxy.port);
    await client.end();
    expect(client.error?.code).toBe('ECONNREFUSED');
  });

  test('comes with the end of an `await using` block', async () => {
    let port: number;
    {
      await using waylay = await startWaylay();
      port = waylay.port;
      const client = dialTcp(port);
      await once(client.socket, 'connect');
      client.socket.destroy();
    }
    const client = dialTcp(port);
    await client.end();
    expect(client.error?.code).toBe('ECONNREFUSED');
  });
});

describe('ports', () => {
  test('may be a list, of which the first free one is taken', async () => {
    const taken = await httpOrigin(() => {});
    const free = await closedPort();
    const proxy = await testProxy({ port: [taken.port, free] });
    expect(proxy.port).toBe(free);
  });

  test('are told of where they are taken', async () => {
    const { port } = await httpOrigin(() => {});
    await expect(testProxy({ port })).rejects.toMatchObject({ code: 'WAYLAY_LISTEN', fault: 'waylay' });
  });

  test('can be reached from this machine only', async () => {
    expect((await testProxy()).host).toBe('127.0.0.1');
  });
});

test('two proxies at once have nothing in common', async () => {
  const origin = await httpsOrigin((request, response) => response.end(`at ${request.url}.`), { name: 'shop.test' });
  const options = { hosts: { 'shop.test': `127.0.0.1:${origin.port}` } };
  const proxies = [await testProxy(options), await testProxy(options)] as const;
  const ask = async (proxy: RunningProxy, path: string): Promise<void> => {
    const client = new RawClient(await shopThrough(proxy, 'http/1.1'));
    client.write(GET.replace('/', path));
    await client.until(new RegExp(`at ${path}\\.`));
  };
  await Promise.all([ask(proxies[0], '/a'), ask(proxies[1], '/b'), ask(proxies[1], '/c')]);
  expect(proxies[0].caPem).not.toBe(proxies[1].caPem);
  expect(proxies[0].journal.exchanges.map(({ request }) => request.url)).toEqual(['https://shop.test/a']);
  expect(proxies[1].journal.exchanges.map(({ request }) => request.url).sort()).toEqual([
    'https://shop.test/b',
    'https://shop.test/c',
  ]);
  await expect(shopThrough(proxies[0], 'http/1.1', 'shop.test', { ca: proxies[1].caPem })).rejects.toThrow();
  await proxies[0].stop();
  await ask(proxies[1], '/d');
});
