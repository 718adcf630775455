/** The proxy's dealings with clients it is told of. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { OwnClients } from '../../src/in-process/own-clients.js';
import { CertificateAuthority } from '../../src/tls/certificate-authority.js';
import { dialTcp, RawClient, tlsThrough } from '../client.js';
import { closedPort, httpOrigin, httpsOrigin, listening, serverLeaf, testProxy } from '../servers.js';
import { ended } from './traffic.js';

const GET = 'GET / HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n';

/** A proxy in front of a server whose certificate is for another host, and its clients. */
async function setUp(options = {}) {
  let served = 0;
  const origin = await httpsOrigin(
    (_, response) => {
      served += 1;
      response.end('served');
    },
    { leaf: serverLeaf('other.test'), alpn: ['http/1.1'] },
  );
  const clients = new OwnClients();
  const proxy = await testProxy(
    { hosts: { 'shop.test': `127.0.0.1:${origin.port}` }, ...options },
    {},
    {
      clientAt: (port) => clients.clientAt(port),
    },
  );
  const ask = async () => {
    const socket = await tlsThrough(proxy.port, 'shop.test:443', {
      servername: 'shop.test',
      rejectUnauthorized: false,
    });
    const client = new RawClient(socket);
    client.write(GET);
    return client.end();
  };
  return { clients, proxy, ask, served: () => served };
}

test('the proxy judges for a client that does not, and says why', async () => {
  const { clients, proxy, ask, served } = await setUp();

  await expect(clients.run({ name: 'request', verifies: false }, ask)).rejects.toThrow(/alert bad certificate/);

  const exchange = await ended(proxy);
  expect(exchange.error?.code).toBe('WAYLAY_UPSTREAM_CERTIFICATE');
  expect(exchange.initiator).toEqual({ client: 'request' });
  expect(served()).toBe(0);
  clients.close();
});

test('a client that judges by itself is shown the defect and may go on', async () => {
  const { clients, proxy, ask } = await setUp();

  expect(await clients.run({ name: 'request', verifies: true }, ask)).toContain('served');
  expect(await ask()).toContain('served');

  const initiators = proxy.journal.exchanges.map(({ initiator }) => initiator);
  expect(initiators).toEqual([{ client: 'request' }, {}]);
  clients.close();
});

test('nobody judges where errors are to be ignored', async () => {
  const { clients, ask } = await setUp({ ignoreHTTPSErrors: true });

  expect(await clients.run({ verifies: false }, ask)).toContain('served');
  clients.close();
});

test('a port is forgotten with its connection, and nothing is watched after the end', async () => {
  const { clients, proxy } = await setUp();
  const first = clients.run({ name: 'request', verifies: true }, () => dialTcp(proxy.port));
  await once(first.socket, 'connect');
  const port = first.socket.localPort as number;
  expect(clients.clientAt(port)?.name).toBe('request');
  first.socket.destroy();
  await once(first.socket, 'close');
  expect(clients.clientAt(port)).toBeUndefined();

  clients.close();
  const second = clients.run({ name: 'request', verifies: true }, () => dialTcp(proxy.port));
  await once(second.socket, 'connect');
  expect(clients.clientAt(second.socket.localPort as number)).toBeUndefined();
});

test('a connection that came in elsewhere is served with the authority that its client trusts', async () => {
  const origin = await httpsOrigin((_, response) => void response.end('served'), { name: 'shop.test' });
  const plain = await httpOrigin((_, response) => void response.end('plain'));
  const proxy = await testProxy({
    hosts: { 'shop.test': `127.0.0.1:${origin.port}`, 'plain.test': `127.0.0.1:${plain.port}` },
  });
  const authority = CertificateAuthority.create(Date.now());
  const entrance = await listening(
    createServer({ allowHalfOpen: true, noDelay: true }, (socket) => proxy.adopt(socket, authority)),
  );

  const client = new RawClient(
    await tlsThrough(entrance.port, 'shop.test:443', { servername: 'shop.test', ca: authority.pem }),
  );
  client.write(GET);
  expect(await client.end()).toContain('served');
  await expect(
    tlsThrough(entrance.port, 'shop.test:443', { servername: 'shop.test', ca: proxy.caPem }),
  ).rejects.toThrow(/self-signed certificate in certificate chain|unable to verify|signature/);
  expect(proxy.journal.exchanges[0]?.request.url).toBe('https://shop.test/');

  // Its connections end with the proxy.
  const waiting = connect({ port: entrance.port, host: '127.0.0.1' });
  waiting.on('error', () => {});
  waiting.resume();
  await once(waiting, 'connect');
  waiting.write('GET http://plain.test/ HTTP/1.1\r\nHost: plain.test\r\n\r\n');
  await once(waiting, 'data');
  const closed = once(waiting, 'close');
  await proxy.stop();
  await closed;
});

test('a client in this process meets what dialling failed with, and not the refusal of its CONNECT', async () => {
  const { clients, proxy } = await setUp({ hosts: { 'shop.test': `127.0.0.1:${await closedPort()}` } });

  const connecting = clients.run({ name: 'request', verifies: true }, () =>
    tlsThrough(proxy.port, 'shop.test:443', {}),
  );

  await expect(connecting).rejects.toMatchObject({ code: 'ECONNREFUSED', syscall: 'connect' });
  expect((await ended(proxy)).error?.code).toBe('WAYLAY_UPSTREAM_REFUSED');
  clients.close();
});
