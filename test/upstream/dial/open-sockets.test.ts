import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { splice } from '../../../src/net/splice.js';
import { OpenSockets } from '../../../src/upstream/dial/open-sockets.js';
import { tcpServer } from '../../servers.js';

/** A connection, and what its peer has got when it has ended. */
async function connected(): Promise<{ socket: Socket; got: Promise<string> }> {
  let got = (_: string): void => {};
  const ended = new Promise<string>((resolve) => {
    got = resolve;
  });
  const { port } = await tcpServer((peer) => {
    let text = '';
    peer.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    peer.on('end', () => got(text));
  });
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return { socket, got: ended };
}

test('the connections of a link end with it, but for one that was joined with the client’s, which has the rest', async () => {
  const [client, joined, alone] = [await connected(), await connected(), await connected()];
  const sockets = new OpenSockets();
  sockets.add(joined.socket);
  sockets.add(alone.socket);
  splice({ client: client.socket, upstream: joined.socket }, () => {});
  joined.socket.write('the rest');
  // Waits to be written when the client goes.
  joined.socket.cork();
  joined.socket.write(' of it');
  // A client's connection that ends does so, and ends its links first of all.
  client.socket.prependOnceListener('close', () => sockets.close());
  client.socket.destroy();
  await once(client.socket, 'close');
  expect(alone.socket.destroyed).toBe(true);
  expect(await joined.got).toBe('the rest of it');
});
