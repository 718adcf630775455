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
