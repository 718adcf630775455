/** Requests that go past the proxy, over connections that were kept alive from before the test. */
import { setImmediate } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { expect, onTestFinished, test } from 'vitest';
import { httpOrigin } from '../servers.js';
import { routeHere } from './route-here.js';

test('a request over a connection that an agent had kept from before the test fails it', async () => {
  const origin = await httpOrigin((_, response) => response.end('fine'));
  const dispatcher = new Agent({ keepAliveTimeout: 600_000 });
  onTestFinished(() => dispatcher.destroy());
  const ask = async () => (await request(`http://127.0.0.1:${origin.port}/kept`, { dispatcher })).body.text();
  await ask();
  await setImmediate(); // in the turn in which a response ends, its connection is not free yet
  const { waylay, finish } = await routeHere();

  expect(await ask()).toBe('fine');

  expect(waylay.exchanges).toEqual([]);
  await expect(finish()).rejects.toMatchObject({
    code: 'WAYLAY_STRAY_REQUEST',
    message: expect.stringContaining(`GET http://127.0.0.1:${origin.port}/kept went over a connection that was open`),
  });
});

test('requests that the proxy forwards over connections that it keeps alive go past nothing', async () => {
  const origin = await httpOrigin((_, response) => response.end('fine'));
  const { waylay, finish } = await routeHere();

  for (const path of ['/one', '/two']) {
    expect(await (await fetch(`http://127.0.0.1:${origin.port}${path}`)).text()).toBe('fine');
    await setImmediate();
  }

  expect(waylay.exchanges.map(({ upstream }) => upstream?.reused)).toEqual([false, true]);
  await finish();
});
