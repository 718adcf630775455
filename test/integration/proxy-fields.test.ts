/** The fields of RFC 9110, section 11.7: a proxy's where the client knows of one, else the origin's as all others are. */
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { connectThrough, RawClient, tlsThrough } from '../client.js';
import { httpOrigin, httpsOrigin, testProxy } from '../servers.js';

/** Common parts of both responses. */
interface Answering {
  statusCode: number;
  setHeader(name: string, value: string): unknown;
  end(body: string): unknown;
}

const REQUEST = (target: string) =>
  `GET ${target} HTTP/1.1\r\nHost: shop.test\r\nProxy-Authorization: Basic bWU=\r\nConnection: close\r\n\r\n`;

const answer = (request: Pick<IncomingMessage, 'headers'>, response: Answering) => {
  response.setHeader('proxy-authenticate', 'Basic realm="origin"');
  response.statusCode = 407;
  response.end(`saw ${request.headers['proxy-authorization']}`);
};

/** Reads the answer on the connection. */
async function told(socket: Socket, target = '/'): Promise<string> {
  const client = new RawClient(socket);
  client.write(REQUEST(target));
  const received = await client.end();
  const challenge = /^proxy-authenticate: (.*)\r$/im.exec(received)?.[1];
  return `${/^HTTP\/1.1 (\d+)/.exec(received)?.[1]}, ${challenge}, ${received.split('\r\n').at(-1)}`;
}

const DIRECT = '407, Basic realm="origin", saw Basic bWU=';

async function socks(port: number, host: string, to: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  const name = Buffer.from(host);
  socket.write(Buffer.from([5, 1, 0, 5, 1, 0, 3, name.length, ...name, to >> 8, to & 255]));
  let received = Buffer.alloc(0);
  await new Promise<void>((resolve) => {
    const read = (): void => {
      received = Buffer.concat([received, (socket.read() as Buffer | null) ?? Buffer.alloc(0)]);
      if (received.length < 12) return;
      socket.off('readable', read);
      resolve();
    };
    socket.on('readable', read);
  });
  return socket;
}

async function plainProxy() {
  const origin = await httpOrigin(answer);
  const proxy = await testProxy({ hosts: { 'shop.test': `127.0.0.1:${origin.port}` } });
  return { origin, proxy };
}

test('fields for proxies reach an origin without a proxy', async () => {
  const { origin } = await plainProxy();
  expect(await told(connect(origin.port, '127.0.0.1'))).toBe(DIRECT);
});

test('fields for proxies are kept from the origin where they are said to the proxy, and the other way round', async () => {
  const { proxy } = await plainProxy();
  const client = connect(proxy.port, '127.0.0.1');
  expect(await told(client, 'http://shop.test/')).toBe('407, undefined, saw undefined');
});

test('fields for proxies reach the origin through a tunnel, in the clear', async () => {
  const { proxy } = await plainProxy();
  expect(await told(await connectThrough(proxy.port, 'shop.test:80'))).toBe(DIRECT);
});

test('fields for proxies reach the origin through a tunnel, over TLS', async () => {
  const origin = await httpsOrigin(answer, { name: 'shop.test', alpn: ['http/1.1'] });
  const proxy = await testProxy({ hosts: { 'shop.test': `127.0.0.1:${origin.port}` } });
  const socket = await tlsThrough(proxy.port, 'shop.test:443', { servername: 'shop.test', ca: proxy.caPem });
  expect(await told(socket)).toBe(DIRECT);
});

test('fields for proxies reach the origin through SOCKS', async () => {
  const { proxy } = await plainProxy();
  expect(await told(await socks(proxy.port, 'shop.test', 80))).toBe(DIRECT);
});

test('fields for proxies reach the origin from a connection of this process', async () => {
  const origin = await httpOrigin(answer);
  const destination = { host: '127.0.0.1', port: origin.port };
  const proxy = await testProxy({}, {}, { clientAt: () => ({ destination, verifies: true }) });
  expect(await told(connect(proxy.port, '127.0.0.1'))).toBe(DIRECT);
});

test('fields for proxies reach the origin from a client that was redirected by name', async () => {
  const origin = await httpOrigin(answer);
  const proxy = await testProxy({ transparent: 'name', hosts: { 'shop.test': `127.0.0.1:${origin.port}` } });
  expect(await told(connect(proxy.port, '127.0.0.1'))).toBe(DIRECT);
});

test('fields for proxies reach the origin over HTTP/2, and come back from it', async () => {
  const { connect: connectHttp2 } = await import('node:http2');
  const origin = await httpsOrigin(answer, { name: 'shop.test' });
  const proxy = await testProxy({ hosts: { 'shop.test': `127.0.0.1:${origin.port}` } });
  const tcp = await connectThrough(proxy.port, 'shop.test:443');
  const socket = tlsConnect({ socket: tcp, servername: 'shop.test', ca: proxy.caPem, ALPNProtocols: ['h2'] });
  const session = connectHttp2('https://shop.test', { createConnection: () => socket });
  onTestFinished(() => session.destroy());
  const stream = session.request({ ':path': '/', 'proxy-authorization': 'Basic bWU=' });
  const challenge = new Promise((resolve) => stream.on('response', (fields) => resolve(fields['proxy-authenticate'])));
  let body = '';
  for await (const chunk of stream.setEncoding('utf8')) body += chunk;
  expect([await challenge, body]).toEqual(['Basic realm="origin"', 'saw Basic bWU=']);
});

test('fields for proxies of a client that knows of none do not reach the proxy behind', async () => {
  const seen: (string | undefined)[] = [];
  const behind = createServer((request, response) => {
    seen.push(request.headers['proxy-authorization']);
    response.end('saw nothing');
  });
  onTestFinished(() => void behind.close());
  await new Promise<void>((resolve) => behind.listen(0, '127.0.0.1', resolve));
  const { port } = behind.address() as AddressInfo;
  const proxy = await testProxy({ transparent: 'name', upstreamProxy: { server: `http://127.0.0.1:${port}` } });
  await told(connect(proxy.port, '127.0.0.1'));
  expect(seen).toEqual([undefined]);
});
