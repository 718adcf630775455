import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import { joinWrites } from '../../src/http1/join-writes.js';

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** A connection whose writes are counted by how they reach the system: as one piece, or as a list. */
async function connection() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const peer = createConnection(port, '127.0.0.1').setEncoding('latin1');
  const [socket] = (await once(server, 'connection')) as [Socket];
  server.close();
  sockets.push(socket, peer);
  const written: ('piece' | 'list')[] = [];
  const [write, writeList] = [socket._write, socket._writev];
  Object.assign(socket, {
    _write(...args: Parameters<Socket['_write']>) {
      written.push('piece');
      write.apply(socket, args);
    },
    _writev(...args: Parameters<NonNullable<Socket['_writev']>>) {
      written.push('list');
      writeList?.apply(socket, args);
    },
  });
  joinWrites(socket);
  return { socket, written, received: text(peer) };
}

const ALL_BYTES = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

test.each([
  [
    'a head, a body and the end',
    [['HTTP/1.1 200 OK\r\nX-A: \xfc\r\n\r\n', 'latin1'], [ALL_BYTES], ['', 'latin1']],
    'piece',
  ],
  [
    'chunks',
    [['HTTP/1.1 200 OK\r\n\r\n', 'latin1'], ['100\r\n', 'latin1'], [ALL_BYTES], ['\r\n0\r\n\r\n', 'latin1']],
    'piece',
  ],
  ['bytes alone', [[ALL_BYTES], [ALL_BYTES]], 'piece'],
  ['what is long', [['HTTP/1.1 200 OK\r\n\r\n', 'latin1'], [Buffer.alloc(16 * 1024, ALL_BYTES)]], 'list'],
  [
    'a text in UTF-8',
    [
      ['HTTP/1.1 200 OK\r\n\r\n', 'latin1'],
      ['\xfc', 'utf8'],
    ],
    'list',
  ],
] as const)('%s: the bytes are as they were', async (_, pieces, kind) => {
  const { socket, written, received } = await connection();
  socket.cork();
  let expected = '';
  for (const [piece, encoding = 'latin1'] of pieces as readonly (readonly [string | Buffer, BufferEncoding?])[]) {
    socket.write(piece, encoding);
    expected += typeof piece === 'string' ? Buffer.from(piece, encoding).toString('latin1') : piece.toString('latin1');
  }
  socket.uncork();
  socket.end();
  expect(await received).toBe(expected);
  expect(written).toEqual([kind]);
});

test('who waits for a write hears of it', async () => {
  const { socket, received } = await connection();
  socket.cork();
  const heard = ['a', 'b'].map((piece) => new Promise((resolve) => socket.write(piece, 'latin1', resolve)));
  socket.uncork();
  for (const failure of await Promise.all(heard)) expect(failure ?? undefined).toBeUndefined();
  expect(socket.bytesWritten).toBe(2);
  socket.end();
  expect(await received).toBe('ab');
});
