/** Connections of worker threads, and the word of whose they are, in whichever order they come. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { Bridge } from '../../../src/in-process/workers/bridge.js';
import { ManualClock } from '../../manual-clock.js';

async function opened() {
  const clock = new ManualClock();
  const bridge = new Bridge(clock.startTimer);
  const { host, port } = await bridge.address();
  const client = connect(port, host);
  onTestFinished(() => {
    client.destroy();
    bridge.close();
  });
  await once(client, 'connect');
  return { clock, bridge, client, localPort: client.localPort ?? 0 };
}

test('a connection that came before its word is kept for as long as it is in use', async () => {
  const { clock, bridge, client, localPort } = await opened();
  await clock.timer();
  const socket = await new Promise<Socket>((take) => bridge.expect(localPort, take));
  clock.advance(3_600_000);
  expect(socket.destroyed).toBe(false);
  expect(clock.running).toBe(0);
  socket.end('still there');
  const [said] = await once(client, 'data');
  expect(String(said)).toBe('still there');
});

test('a connection that nobody says a word of is closed in time', async () => {
  const { clock, client } = await opened();
  await clock.timer();
  client.resume();
  clock.advance(30_000);
  await once(client, 'close');
});
