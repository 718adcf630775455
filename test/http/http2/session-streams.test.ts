import { once } from 'node:events';
import { type ClientHttp2Session, connect, createServer, type Http2Session, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keepStreamsById } from '../../../src/http/http2/session-streams.js';
import { StreamTable } from '../../../src/http/http2/stream-table.js';

const server = createServer();
let client: ClientHttp2Session;
let serving: ServerHttp2Session;

beforeEach(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  keepStreamsById(client);
  [serving] = await once(server, 'session');
  keepStreamsById(serving);
  serving.on('error', () => {});
});

afterEach(async () => {
  client.destroy();
  server.removeAllListeners('stream');
  await new Promise((done) => server.close(done));
});

/** The open streams as the session itself has them. */
function streamsOf(session: Http2Session): unknown {
  const key = Object.getOwnPropertySymbols(session).find(({ description }) => description === 'state');
  return (session as unknown as Record<symbol, { streams?: unknown } | undefined>)[key as symbol]?.streams;
}

async function answerTo(path: string): Promise<string> {
  const stream = client.request({ ':path': path });
  const [body] = await Promise.all([text(stream), once(stream, 'close')]);
  return body;
}

// Where this fails with a new version of Node, sessions have changed: look at what they do with their streams.
test('the sessions of this version of Node take the table of streams', () => {
  expect(streamsOf(client)).toBeInstanceOf(StreamTable);
  expect(streamsOf(serving)).toBeInstanceOf(StreamTable);
});

test('more streams than there are slots come and go beside one that stays', async () => {
  server.on('stream', (stream, { ':path': path }) => {
    stream.on('error', () => {});
    stream.respond();
    if (path !== '/stays') stream.end(path);
  });
  const staying = client.request({ ':path': '/stays' });
  await once(staying, 'response');
  for (let round = 0; round < 4; round += 1) {
    const paths = Array.from({ length: 90 }, (_, index) => `/${round}-${index}`);
    expect(await Promise.all(paths.map(answerTo))).toEqual(paths);
  }
  expect((streamsOf(client) as StreamTable<object>).get(staying.id as number)).toBe(staying);

  const errors: unknown[] = [];
  for (const one of [client, staying]) one.on('error', (error: Error) => errors.push(error.message));
  client.destroy(new Error('over'));
  await new Promise((done) => client.on('close', done));
  expect(errors).toEqual(['over', 'over']);
  expect((streamsOf(client) as StreamTable<object>).size).toBe(0);
});

test('a session that has streams already stays as it is', async () => {
  const other = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  server.on('stream', (stream) => stream.respond());
  await once(other.request({ ':path': '/' }), 'response');
  const before = streamsOf(other);
  keepStreamsById(other);
  expect(streamsOf(other)).toBe(before);
  other.destroy();
});
