import { once } from 'node:events';
import type { Socket } from 'node:net';
import { TLSSocket, connect as tlsConnect } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { endSocket, type Resettable, resetConnection, resetWhenWritten } from '../../src/net/reset.js';
import { dialTcp, RawClient } from '../client.js';
import { publicAuthority, serverLeaf, tcpServer } from '../servers.js';

/** A connection from both of its ends, TCP or TLS over it. */
async function pair(kind: 'TCP' | 'TLS'): Promise<Resettable & { client: RawClient }> {
  let accept = (_: Socket): void => {};
  const accepted = new Promise<Socket>((resolve) => {
    accept = resolve;
  });
  const { port } = await tcpServer((socket) => accept(socket));
  const tcp = dialTcp(port);
  const raw = await accepted;
  if (kind === 'TCP') return { client: tcp, socket: raw, raw };
  const { context: secureContext } = serverLeaf('shop.test');
  const socket = new TLSSocket(raw, { isServer: true, secureContext });
  socket.on('error', () => {});
  const secured = tlsConnect({ socket: tcp.socket, servername: 'shop.test', ca: publicAuthority.pem });
  const client = new RawClient(secured);
  // After which nothing of the handshake is left to be read.
  socket.write('hello');
  await client.until(/hello/);
  return { client, socket, raw };
}

const RESET = { closed: true, error: { code: 'ECONNRESET' } };

describe.each(['TCP', 'TLS'] as const)('over %s, a connection', (kind) => {
  test('is reset at once', async () => {
    const { client, ...connection } = await pair(kind);
    const closed = once(connection.raw, 'close');
    resetConnection(connection);
    await Promise.all([closed, client.end()]);
    expect(client).toMatchObject(RESET);
  });

  test('whose end is on its way is reset after it, and closes', async () => {
    const { client, ...connection } = await pair(kind);
    const errors: Error[] = [];
    connection.raw.on('error', (error) => errors.push(error));
    connection.socket.end();
    await new Promise(process.nextTick);
    expect(connection.socket.writableFinished).toBe(false);
    const closed = once(connection.raw, 'close');
    resetConnection(connection);
    await Promise.all([closed, client.end()]);
    expect(errors).toEqual([]);
  });

  test('whose end waits behind what was written is reset', async () => {
    const { client, ...connection } = await pair(kind);
    client.socket.pause();
    while (connection.socket.write(Buffer.alloc(1024 * 1024)));
    connection.socket.end();
    const closed = once(connection.raw, 'close');
    resetConnection(connection);
    await closed;
    client.socket.resume();
    await client.end();
  });

  test('is reset when what was written has left', async () => {
    const { client, ...connection } = await pair(kind);
    client.socket.pause();
    while (connection.socket.write(Buffer.alloc(1024 * 1024)));
    let unsent: number | undefined;
    const reset = new Promise<void>((resolve) => {
      resetWhenWritten(connection, () => {
        unsent = connection.socket.writableLength;
        resolve();
      });
    });
    client.socket.resume();
    await Promise.all([reset, client.end()]);
    expect(unsent).toBe(0);
    expect(connection.raw.destroyed).toBe(true);
  });

  test('is reset when what was written has left, and the end behind it', async () => {
    const { client, ...connection } = await pair(kind);
    const closed = once(connection.raw, 'close');
    connection.socket.end('the last word');
    let told = 0;
    resetWhenWritten(connection, () => {
      told += 1;
    });
    expect(await client.end()).toMatch(/the last word$/);
    await closed;
    expect(told).toBe(1);
  });

  test('that is closed stays so', async () => {
    const { client, ...connection } = await pair(kind);
    connection.raw.destroy();
    await once(connection.raw, 'close');
    resetConnection(connection);
    await new Promise<void>((done) => resetWhenWritten(connection, done));
    await endSocket(connection.raw);
    await client.end();
    expect(client.error).toBeUndefined();
  });
});

test('a socket that never says that it is closed is not waited for', async () => {
  const { raw } = await pair('TCP');
  raw.emit = () => true;
  raw.destroy();
  await endSocket(raw);
});
