import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { once } from 'node:events';
import { type ClientHttp2Session, connect, createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStream } from '../../src/upstream/http2-request.js';

const server = createServer();
const { bind } = AsyncResource.prototype;
let session: ClientHttp2Session;

server.on('stream', (stream, { ':path': path }) => {
  stream.respond({ 'x-path': path });
  stream.end(path);
});

beforeEach(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

afterEach(async () => {
  session.destroy();
  await new Promise((done) => server.close(done));
});

test('a stream is opened before there is a connection, and after', async () => {
  const early = openStream(session, { ':path': '/early' }, { endStream: true });
  expect(session.connecting).toBe(true);
  expect(await text(early)).toBe('/early');
  expect(await text(openStream(session, { ':path': '/late' }, { endStream: true }))).toBe('/late');
});

test('a listener of the stream runs where it was asked for', async () => {
  const context = new AsyncLocalStorage<string>();
  for (const name of ['before the connection', 'after it']) {
    const seen: unknown[] = [];
    const stream = context.run(name, () => openStream(session, { ':path': '/' }, { endStream: true }));
    stream.on('response', (fields) => seen.push(context.getStore(), fields['x-path']));
    await text(stream);
    expect(seen).toEqual([name, '/']);
  }
});

test('AsyncResource is as it was, for everybody else', async () => {
  await text(openStream(session, { ':path': '/' }, { endStream: true }));
  expect(AsyncResource.prototype.bind).toBe(bind);
});

test('AsyncResource is as it was where a stream cannot be opened', () => {
  expect(() => openStream(session, { ':bogus': '/' }, { endStream: true })).toThrow(/invalid pseudoheader/);
  expect(AsyncResource.prototype.bind).toBe(bind);
});

test('AsyncResource may be of somebody who lets nobody change it', async () => {
  Object.defineProperty(AsyncResource.prototype, 'bind', { writable: false });
  try {
    expect(await text(openStream(session, { ':path': '/' }, { endStream: true }))).toBe('/');
  } finally {
    Object.defineProperty(AsyncResource.prototype, 'bind', { writable: true });
  }
});
