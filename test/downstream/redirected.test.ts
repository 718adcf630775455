/** Connections that are led to the proxy, with their destination known beforehand. */
import { once } from 'node:events';
import { connect as connectTls } from 'node:tls';
import { expect, test } from 'vitest';
import { SILENCE } from '../../src/downstream/connection.js';
import type { Authority } from '../../src/net/authority.js';
import type { ProxyOptions } from '../../src/options.js';
import { dialTcp, RawClient } from '../client.js';
import { ManualClock } from '../manual-clock.js';
import { closedPort, httpOrigin, httpsOrigin, publicAuthority, tcpServer, testProxy } from '../servers.js';

const GET = 'GET /a HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n';

interface Given extends ProxyOptions {
  to: Authority;
  mayAnswer?: boolean;
  fail?: (cause: Error) => void;
  clock?: ManualClock;
}

async function setUp({ to, mayAnswer = false, fail, clock, ...options }: Given) {
  const parts = { clientAt: () => ({ verifies: true, destination: to, fail }), ...(clock && { clock }) };
  const proxy = await testProxy(options, { mayAnswer: () => mayAnswer }, parts);
  return { proxy, dial: () => dialTcp(proxy.port) };
}

test('HTTP goes where it was to go, and says so', async () => {
  const origin = await httpOrigin((request, response) => response.end(`${request.headers.host}${request.url}`));
  const { proxy, dial } = await setUp({ to: { host: '127.0.0.1', port: origin.port } });
  const client = dial();
  client.write(GET);
  expect(await client.end()).toContain('shop.test/a');
  expect(proxy.journal.exchanges).toMatchObject([
    { request: { url: 'http://shop.test/a' }, destination: { host: '127.0.0.1', source: 'process' } },
  ]);
});

test('TLS is taken off', async () => {
  const origin = await httpsOrigin((_, response) => response.end('secret'), { name: 'shop.test' });
  const to = { host: 'shop.test', port: 443 };
  const { proxy, dial } = await setUp({ to, hosts: { 'shop.test': `127.0.0.1:${origin.port}` } });
  const socket = connectTls({ socket: dial().socket, servername: 'shop.test', ca: proxy.caPem });
  await once(socket, 'secureConnect');
  const client = new RawClient(socket);
  client.write(GET);
  expect(await client.end()).toContain('secret');
  expect(proxy.journal.exchanges[0]?.request.url).toBe('https://shop.test/a');
  expect(publicAuthority.pem).not.toBe(proxy.caPem);
});

test('a server that speaks first is heard', async () => {
  const origin = await tcpServer((socket) => socket.write('220 mail.test\r\n'));
  const { dial } = await setUp({ to: { host: '127.0.0.1', port: origin.port } });
  const client = dial();
  await client.until(/220 mail\.test/);
});

test('where a stub may speak for it, a silent client is not left waiting for its server', async () => {
  const origin = await tcpServer((socket) => socket.write('220 mail.test\r\n'));
  const clock = new ManualClock();
  const { dial } = await setUp({ to: { host: '127.0.0.1', port: origin.port }, mayAnswer: true, clock });
  const client = dial();
  await clock.timer();
  expect(origin.connections()).toBe(0);
  clock.advance(SILENCE);
  await client.until(/220 mail\.test/);
});

test('where there is no such server, a client that takes its time is still answered', async () => {
  const clock = new ManualClock();
  const body = Buffer.from('stubbed');
  const answer = { action: 'answer' as const, answer: { status: 200, statusText: 'OK', headers: [], body } };
  const proxy = await testProxy(
    {},
    { mayAnswer: () => true, onRequest: () => answer },
    { clock, clientAt: () => ({ verifies: true, destination: { host: '127.0.0.1', port: closed } }) },
  );
  const closed = await closedPort();
  const client = dialTcp(proxy.port);
  await clock.timer();
  clock.advance(SILENCE);
  client.write(GET);
  expect(await client.end()).toContain('stubbed');
});

test('a failure of dialling is told to a client that can be told, and recorded', async () => {
  const port = await closedPort();
  let told: NodeJS.ErrnoException | undefined;
  const { proxy, dial } = await setUp({
    to: { host: '127.0.0.1', port },
    fail: (cause) => {
      told = cause;
    },
  });
  await once(dial().socket, 'close');
  expect(told).toMatchObject({ code: 'ECONNREFUSED', syscall: 'connect', port });
  expect(proxy.journal.exchanges).toMatchObject([{ source: 'failed', error: { code: 'WAYLAY_UPSTREAM_REFUSED' } }]);
});

test('any other client is reset', async () => {
  const { dial } = await setUp({ to: { host: '127.0.0.1', port: await closedPort() } });
  const client = dial();
  await client.end();
  expect(client.error?.code).toBe('ECONNRESET');
});

test("with upstreamErrors: 'respond' the client is answered", async () => {
  const to = { host: '127.0.0.1', port: await closedPort() };
  const { dial } = await setUp({ to, upstreamErrors: 'respond' });
  const client = dial();
  client.write(GET);
  expect(await client.end()).toMatch(/^HTTP\/1\.1 502[\s\S]*WAYLAY_UPSTREAM_REFUSED/);
});
