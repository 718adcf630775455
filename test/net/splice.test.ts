import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { type Ending, splice } from '../../src/net/splice.js';
import { tcpServer } from '../servers.js';

/** A connection whose end may be here already when it is joined with another. */
async function connection(state: 'open' | 'ending' | 'closed'): Promise<Socket> {
  const { port } = await tcpServer((socket) => socket.resume());
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  await once(socket, 'connect');
  if (state !== 'open') socket.destroy();
  if (state === 'closed') await once(socket, 'close');
  return socket;
}

test.each([
  ['closed', 'open'],
  ['open', 'closed'],
  ['closed', 'closed'],
  ['ending', 'open'],
  ['open', 'ending'],
  ['ending', 'closed'],
] as const)('a client that is %s and an upstream that is %s end together, and that is told once', async (...states) => {
  const [client, upstream] = [await connection(states[0]), await connection(states[1])];
  const told: Ending[] = [];
  await new Promise<void>((resolve) =>
    splice({ client, upstream }, (ending) => {
      told.push(ending);
      resolve();
    }),
  );
  expect(client.destroyed && upstream.destroyed).toBe(true);
  await new Promise((resolve) => setImmediate(resolve));
  expect(told).toHaveLength(1);
  expect(told[0]?.reset).toBeUndefined();
});

/** A connection whose peer can be seen leaving, and can be made to reset it. */
async function connected(): Promise<{ socket: Socket; peer: Socket }> {
  let accepted: (peer: Socket) => void = () => {};
  const peer = new Promise<Socket>((resolve) => {
    accepted = resolve;
  });
  const { port } = await tcpServer((socket) => accepted(socket));
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => {});
  await once(socket, 'connect');
  return { socket, peer: await peer };
}

test.each(['client', 'upstream'] as const)(
  'the reset of the %s before they are joined is one of the other',
  async (by) => {
    const ends = { client: await connected(), upstream: await connected() };
    const other = ends[by === 'client' ? 'upstream' : 'client'].peer;
    const seen = once(other.resume(), 'error');
    const closed = new Promise((resolve) => ends[by].socket.once('close', resolve));
    ends[by].peer.resetAndDestroy();
    await closed;
    const ending = await new Promise<Ending>((resolve) => {
      splice({ client: ends.client.socket, upstream: ends.upstream.socket }, resolve);
    });
    expect(ending).toMatchObject({ by, reset: { code: 'ECONNRESET' } });
    expect((await seen)[0]).toMatchObject({ code: 'ECONNRESET' });
  },
);
