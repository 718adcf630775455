/** A request's head goes on when it has come, whether or not its body has. */
import { describe, expect, test } from 'vitest';
import { connectThrough, RawClient } from '../client.js';
import { serverLeaf, tcpServer, testProxy, tlsServer } from '../servers.js';
import { ended, outcome, sessionThrough, shopThrough } from './traffic.js';

/** An HTTP/1.1 server whose bytes can be waited for, and that says what it is told to. */
async function origin(over: 'TCP' | 'TLS') {
  let open: (socket: RawClient) => void = () => {};
  const connection = new Promise<RawClient>((resolve) => {
    open = resolve;
  });
  const serve = (socket: ConstructorParameters<typeof RawClient>[0]) => open(new RawClient(socket));
  const { port } =
    over === 'TCP' ? await tcpServer(serve) : await tlsServer(serverLeaf('shop.test'), serve, ['http/1.1']);
  return { port, connection };
}

const proxyTo = (port: number) => testProxy({ hosts: { 'shop.test': `127.0.0.1:${port}` } });

const FRAMINGS = [
  ['of known length', 'Content-Length: 5', 'hello', /\r\n\r\nhello$/],
  ['in chunks', 'Transfer-Encoding: chunked', '5\r\nhello\r\n0\r\n\r\n', /\r\n\r\n5\r\nhello\r\n0\r\n\r\n$/],
  ['in no chunks', 'Transfer-Encoding: chunked', '0\r\n\r\n', /\r\n\r\n0\r\n\r\n$/],
  [
    'with trailers',
    'Trailer: X-Sum\r\nTransfer-Encoding: chunked',
    '5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n',
    /\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n$/,
  ],
] as const;

describe.each(['TCP', 'TLS'] as const)('over HTTP/1.1 and %s', (over) => {
  test.each(FRAMINGS)('the head goes out before a body %s', async (_, fields, body, sent) => {
    const { port, connection } = await origin(over);
    const proxy = await proxyTo(port);
    const socket =
      over === 'TCP' ? await connectThrough(proxy.port, 'shop.test:80') : await shopThrough(proxy, 'http/1.1');
    const client = new RawClient(socket);
    client.write(`POST /a HTTP/1.1\r\nHost: shop.test\r\nX-A: 1\r\n${fields}\r\n\r\n`);
    const server = await connection;
    expect(await server.until(/\r\n\r\n/)).toMatch(/^POST \/a HTTP\/1\.1\r\nHost: shop\.test\r\nX-A: 1\r\n/);
    client.write(body);
    const received = await server.until(sent);
    expect(received.match(/POST/g)).toHaveLength(1);
    server.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    await client.until(/ok$/);
    expect((await ended(proxy)).error).toBeUndefined();
  });

  test('the next request on the connection is not the worse for it', async () => {
    const { port, connection } = await origin(over);
    const proxy = await proxyTo(port);
    const socket =
      over === 'TCP' ? await connectThrough(proxy.port, 'shop.test:80') : await shopThrough(proxy, 'http/1.1');
    const client = new RawClient(socket);
    for (const at of [1, 2, 3]) {
      client.write(`POST /${at} HTTP/1.1\r\nHost: shop.test\r\nTransfer-Encoding: chunked\r\n\r\n`);
      const server = await connection;
      await server.until(new RegExp(`POST /${at} HTTP.*\r\n\r\n$`, 's'));
      client.write(`1\r\n${at}\r\n0\r\n\r\n`);
      await server.until(new RegExp(`\r\n\r\n1\r\n${at}\r\n0\r\n\r\n$`));
      server.write(`HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok${at}`);
      await client.until(new RegExp(`ok${at}$`));
    }
  });
});

test('a body that is there leaves in one record with its head, also over a connection that is used again', async () => {
  const records: string[] = [];
  const { port } = await tlsServer(
    serverLeaf('shop.test'),
    (socket) => {
      // One record's bytes at a time.
      socket.on('data', (record: Buffer) => {
        records.push(record.toString('latin1').replace(/^POST (\S+).*\r\n\r\n/s, '$1 '));
        if (records.at(-1)?.endsWith('hello')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      });
    },
    ['http/1.1'],
  );
  const client = new RawClient(await shopThrough(await proxyTo(port), 'http/1.1'));
  for (const at of [1, 2, 3]) {
    client.write(`POST /${at} HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 5\r\n\r\nhello`);
    await client.until(new RegExp(`(ok.*){${at}}$`, 's'));
  }
  expect(records).toEqual(['/1 hello', '/2 hello', '/3 hello']);
});

test('the head goes out before the body over HTTP/2 to HTTP/1.1', async () => {
  const { port, connection } = await origin('TLS');
  const proxy = await testProxy({ hosts: { 'shop.test': `127.0.0.1:${port}` } }, { mayAnswer: () => true });
  const session = await sessionThrough(proxy);
  const stream = session.request({ ':authority': 'shop.test', ':path': '/a', ':method': 'POST' });
  const server = await connection;
  await server.until(/^POST \/a HTTP\/1\.1\r\n.*\r\n\r\n/s);
  server.write('HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno');
  const refused = outcome(stream);
  stream.end('hello');
  expect(await refused).toMatchObject({ status: 401, body: Buffer.from('no') });
});
