/** A client that goes away inside a response is not the upstream's failure. */
import { once } from 'node:events';
import { constants, createSecureServer, connect as http2Connect } from 'node:http2';
import { expect, test } from 'vitest';
import { RawClient, tlsThrough } from '../client.js';
import { httpsOrigin, listening, serverLeaf, testProxy } from '../servers.js';
import { sessionThrough } from './traffic.js';

/** An upstream whose response never ends, and a client that has its TLS connection to it. */
async function pending(protocol: 'h2' | 'http/1.1') {
  const origin = await httpsOrigin(
    (_, res) => {
      res.setHeader('content-length', 100);
      res.write('the beginning');
    },
    { name: 'shop.test' },
  );
  const proxy = await testProxy({ hosts: { 'shop.test': `127.0.0.1:${origin.port}` } });
  const socket = await tlsThrough(proxy.port, 'shop.test:443', {
    servername: 'shop.test',
    ca: proxy.caPem,
    ALPNProtocols: [protocol],
  });
  return { proxy, socket };
}

test('a client that is gone ends its exchange over HTTP/1.1 in TLS', async () => {
  const { proxy, socket } = await pending('http/1.1');
  const client = new RawClient(socket);
  client.write('GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n');
  await client.until(/the beginning/);
  socket.destroy();
  await expect(proxy.journal.exchanges[0]?.finished()).rejects.toMatchObject({ code: 'WAYLAY_CLIENT_ABORTED' });
});

test('a client that is gone ends its exchanges over HTTP/2', async () => {
  const { proxy, socket } = await pending('h2');
  const session = http2Connect('https://shop.test', { createConnection: () => socket });
  session.on('error', () => {});
  const streams = ['/a', '/b'].map((path) => session.request({ ':path': path }).on('error', () => {}));
  await Promise.all(streams.map((stream) => once(stream, 'data')));
  socket.destroy();
  const outcomes = await Promise.allSettled(proxy.journal.exchanges.map((exchange) => exchange.finished()));
  const aborted = { status: 'rejected', reason: expect.objectContaining({ code: 'WAYLAY_CLIENT_ABORTED' }) };
  expect(outcomes).toEqual([aborted, aborted]);
});

test('a client that is gone inside an upload over HTTP/2 does not have its upstream told that it was complete', async () => {
  const origin = createSecureServer({ SNICallback: (_, done) => done(null, serverLeaf('shop.test').context) });
  const seen = once(origin, 'stream').then(async ([stream]) => {
    stream.on('error', () => {});
    stream.resume();
    await once(stream, 'close');
    return stream.rstCode;
  });
  const { port } = await listening(origin);
  const proxy = await testProxy({ hosts: { 'shop.test': `127.0.0.1:${port}` } });
  const session = await sessionThrough(proxy);
  const upload = session.request({ ':path': '/', ':method': 'POST' }).on('error', () => {});
  upload.write('the beginning');
  const reached = once(origin, 'stream');
  await reached;
  session.destroy();
  expect(await seen).toBe(constants.NGHTTP2_CANCEL);
  await expect(proxy.journal.exchanges[0]?.finished()).rejects.toMatchObject({ code: 'WAYLAY_CLIENT_ABORTED' });
});
