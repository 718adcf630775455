/** Replies without a body, beside the same responses of a server that writes them by hand. */
import { createServer, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { type ClientHttp2Stream, connect, constants, createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, connect as connectTcp, type Server } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Change, ChangeFunction, Reply } from '../../../matchers/index.js';
import { tlsThrough } from '../../client.js';
import { type Stubbed, stubbed } from './stubbed.js';

type Fields = Record<string, string>;

const grpcError = { 'content-type': 'application/grpc', 'grpc-status': '5', 'grpc-message': 'no such cart' };

const heads: [name: string, method: string, status: number, fields: Fields][] = [
  ["gRPC's error", 'POST', 200, grpcError],
  ['a 200', 'GET', 200, {}],
  ['a 200 with a type', 'GET', 200, { 'content-type': 'text/plain' }],
  ['a 404', 'GET', 404, { 'x-a': 'b' }],
  ['a 302', 'GET', 302, { location: '/login' }],
  ['a 204', 'DELETE', 204, { 'x-a': 'b' }],
  ['a 304', 'GET', 304, { etag: '"a"' }],
  ['a 503', 'GET', 503, { 'retry-after': '5' }],
  ['a 200 to a HEAD', 'HEAD', 200, { 'content-length': '42' }],
];

async function listening(server: Server): Promise<number> {
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** An HTTP/2 client's result: the fields, whether the stream ended with them, and in how many pieces more came. */
async function received(stream: ClientHttp2Stream) {
  const events: string[] = [];
  let fields: IncomingHttpHeaders = {};
  await new Promise<void>((resolve, reject) => {
    stream.on('response', (headers, flags) => {
      fields = headers;
      events.push((flags & constants.NGHTTP2_FLAG_END_STREAM) === 0 ? 'head' : 'head and end');
    });
    stream.on('data', () => events.push('data'));
    stream.on('trailers', () => events.push('trailers'));
    stream.on('error', reject);
    stream.on('close', resolve);
    stream.end();
  });
  return { events, fields };
}

async function overHttp2(proxy: Stubbed, method: string) {
  const socket = await tlsThrough(proxy.port, 'api.test:443', {
    ca: proxy.ca.pem,
    servername: 'api.test',
    ALPNProtocols: ['h2'],
  });
  const session = connect('https://api.test', { createConnection: () => socket });
  onTestFinished(() => session.destroy());
  return received(session.request({ ':method': method, ':path': '/', te: 'trailers' }));
}

async function directHttp2(method: string, status: number, fields: Fields) {
  const server = createHttp2Server();
  // The types do not know the second.
  const options: object = { endStream: true, sendDate: false };
  server.on('stream', (stream) => stream.respond({ ':status': status, ...fields }, options));
  const session = connect(`http://127.0.0.1:${await listening(server)}`);
  onTestFinished(() => session.destroy());
  return received(session.request({ ':method': method, ':path': '/' }));
}

/** The bytes of the response to one request. */
function bytesOf(port: number, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp(port, '127.0.0.1', () => socket.write(request));
    let text = '';
    socket.setEncoding('latin1').on('data', (piece) => {
      text += piece;
    });
    socket.on('end', () => resolve(text)).on('error', reject);
  });
}

const normalized = (response: string) =>
  response
    .split('\r\n')
    .map((line) => line.replace(/^[^:]+:/, (name) => name.toLowerCase()))
    .filter((line) => !/^(?:connection|keep-alive):/.test(line))
    .join('\n');

describe('a stub that has a head alone', () => {
  test.each(heads)('%s ends with it over HTTP/2, as one written by hand does', async (_, method, status, fields) => {
    const proxy = await stubbed();
    proxy.rules.stubResponse('https://api.test/', { status, headers: fields });
    const direct = await directHttp2(method, status, fields);
    const stub = await overHttp2(proxy, method);
    expect(direct.events).toEqual(['head and end']);
    expect(stub.events).toEqual(direct.events);
    // That there is nothing may be said (RFC 9110, section 8.6).
    expect({ ...stub.fields, 'content-length': fields['content-length'] }).toEqual({
      ...direct.fields,
      'content-length': fields['content-length'],
    });
  });

  test.each<[string, Change | ChangeFunction]>([
    ['its fields', { response: { headers: { 'x-changed': 'yes' } } }],
    ['its delay', { response: { delay: 1 } }],
    ['nothing, by a function', () => undefined],
  ])('ends with it over HTTP/2 where a change is of %s', async (_, change) => {
    const proxy = await stubbed();
    proxy.rules.stubResponse('https://api.test/', { headers: grpcError });
    proxy.rules.mutate('https://api.test/', change);
    const received = overHttp2(proxy, 'POST');
    while (proxy.journal.exchanges[0]?.ended !== true) {
      proxy.coreTimer.fire();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await received).events).toEqual(['head and end']);
  });

  test('breaks off over HTTP/2 where a fault says so', async () => {
    const proxy = await stubbed();
    proxy.rules.stubResponse('https://api.test/', 200);
    proxy.rules.mutate('https://api.test/', { response: { fault: 'truncate', after: 0 } });
    await expect(overHttp2(proxy, 'GET')).rejects.toThrow('NGHTTP2_INTERNAL_ERROR');
  });

  test.each<[string, Reply]>([
    ['trailers', { headers: { 'content-type': 'application/grpc' }, trailers: { 'grpc-status': '5' } }],
    ['a body', 'hello'],
  ])('does not end with it where there are %s', async (_, reply) => {
    const proxy = await stubbed();
    proxy.rules.stubResponse('https://api.test/', reply);
    expect((await overHttp2(proxy, 'POST')).events).toEqual(['head', expect.any(String)]);
  });

  test.each(heads)('%s is over HTTP/1.1 what a server writes', async (_, method, status, fields) => {
    const proxy = await stubbed();
    proxy.rules.stubResponse('http://api.test/', { status, headers: fields });
    const server = createServer((_request, response) => {
      response.sendDate = false;
      response.statusCode = status;
      for (const [name, value] of Object.entries(fields)) response.setHeader(name, value);
      response.end();
    });
    const head = (path: string) => `${method} ${path} HTTP/1.1\r\nHost: api.test\r\nConnection: close\r\n\r\n`;
    const direct = await bytesOf(await listening(server), head('/'));
    const stub = await bytesOf(proxy.port, head('http://api.test/'));
    expect(normalized(stub)).toBe(normalized(direct));
  });
});

test('a client of HTTP/1.1 waits for nothing after a head alone', async () => {
  const proxy = await stubbed();
  proxy.rules.stubResponse('http://api.test/', { headers: grpcError });
  const status = await new Promise((resolve, reject) => {
    const asked = httpRequest(
      { host: '127.0.0.1', port: proxy.port, path: 'http://api.test/', method: 'POST' },
      (response) => response.resume().on('end', () => resolve(response.headers['grpc-status'])),
    );
    asked.on('error', reject).end();
  });
  expect(status).toBe('5');
});
