/** The end of a Waylay right after its clients have asked: `stop()` comes, and so does what they asked for, or its failure. */
import { connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { Agent, ProxyAgent, fetch as undiciFetch } from 'undici';
import { describe, expect, onTestFinished, test } from 'vitest';
import { splitOptions } from '../../fixtures/options.js';
import { startWith } from '../../fixtures/start-waylay.js';
import { PROXY } from '../../fixtures/waylay.js';
import { routeHere } from '../in-process/route-here.js';
import { httpOrigin, httpsOrigin, type Origin, publicAuthority, tcpServer } from '../servers.js';
import { sessionThrough } from './traffic.js';

type Led = Awaited<ReturnType<typeof routeHere>>;
interface Setup {
  readonly led: Led;
  readonly origin: Origin;
  readonly url: string;
  readonly asked: Promise<void>;
}

/** A server that answers or hangs, and a Waylay that this process is routed to. */
async function setUp(secure: boolean, answers: boolean): Promise<Setup> {
  let arrived = (): void => {};
  const asked = new Promise<void>((resolve) => (arrived = resolve));
  const listener = (_: unknown, response: { end(text: string): unknown }): void => {
    arrived();
    if (answers) response.end('real');
  };
  const origin = secure
    ? await httpsOrigin(listener as never, { name: 'shop.test' })
    : await httpOrigin(listener as never);
  const led = await routeHere({ hosts: { 'shop.test': `127.0.0.1:${origin.port}` } });
  return { led, origin, url: `${secure ? 'https' : 'http'}://shop.test/`, asked };
}

const dispatcherOf = (dispatcher: Agent | ProxyAgent) => {
  onTestFinished(() => void dispatcher.destroy());
  return { dispatcher };
};

async function over(session: ReturnType<typeof connectHttp2>): Promise<string> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':path': '/' });
    let text = '';
    session.on('error', reject);
    stream.setEncoding('utf8').on('data', (chunk) => (text += chunk));
    stream
      .on('error', reject)
      .on('end', () => resolve(text))
      .on('close', () => reject(new Error('closed')));
    stream.end();
  });
}

const clients: Record<string, (setup: Setup) => Promise<unknown>> = {
  fetch: async ({ url }) => (await fetch(url)).text(),
  'waylay.fetch': async ({ led, url }) => (await led.waylay.fetch(url)).text(),
  'undici, with an agent': async ({ url }) => (await undiciFetch(url, dispatcherOf(new Agent()))).text(),
  'undici, by the proxy': async ({ led: { waylay }, url }) =>
    (
      await undiciFetch(
        url,
        dispatcherOf(new ProxyAgent({ uri: waylay.url, requestTls: { ca: waylay.ca.pem }, proxyTunnel: false })),
      )
    ).text(),
  'undici, with HTTP/2': async ({ url }) => (await undiciFetch(url, dispatcherOf(new Agent({ allowH2: true })))).text(),
  'node:http2': async ({ url }) => {
    const session = connectHttp2(url);
    onTestFinished(() => session.destroy());
    return over(session);
  },
  'node:http2, by the proxy': async ({ led }) => over(await sessionThrough(led.waylay[PROXY])),
};

/** When it is stopped. */
const moments: Record<string, (setup: Setup) => Promise<unknown>> = {
  'in the same turn': async () => {},
  ...Object.fromEntries(
    [1, 2, 3, 5, 8].map((turns) => [
      `${turns} turns later`,
      async () => {
        for (let turn = 0; turn < turns; turn += 1) await setImmediate();
      },
    ]),
  ),
  'when it has arrived': ({ asked }) => asked,
};

const plain = Object.keys(clients).filter((name) => !/http2|HTTP\/2/.test(name));

describe.each<[string, boolean, string[]]>([
  ['http', false, plain],
  ['https', true, Object.keys(clients)],
])('over %s', (_, secure, names) => {
  describe.each(names)('a request of %s', (name) => {
    test.each(Object.keys(moments))('is over when a Waylay is stopped %s', async (moment) => {
      for (const answers of [false, true]) {
        const setup = await setUp(secure, answers);
        const sent = (clients[name]?.(setup) ?? Promise.reject(new Error(name))).then(
          (text) => ({ text }),
          (error: Error) => ({ error }),
        );
        await moments[moment]?.(setup);
        await setup.led.waylay.stop();
        expect(setup.led.waylay.exchanges.filter(({ ended }) => !ended)).toEqual([]);
        // The answer may be faster or not; nobody is left waiting.
        await sent;
        await setup.led.stop();
      }
    });
  });
});

test('a stream of HTTP/2 in flight meets the stop as it meets the reset of its connection', async () => {
  const met: unknown[] = [];
  for (const direct of [true, false]) {
    let arrived = (): void => {};
    const asked = new Promise<void>((resolve) => (arrived = resolve));
    const origin = await httpsOrigin(() => arrived(), { name: 'shop.test' });
    const hosts = { 'shop.test': `127.0.0.1:${origin.port}` };
    // This process is routed nowhere.
    const waylay = await startWith(splitOptions({ trustedRoots: publicAuthority.pem, hosts }));
    onTestFinished(() => waylay.stop());
    const connections: Socket[] = [];
    const relay = await tcpServer((socket) => {
      connections.push(socket);
      const onward = connect(origin.port, '127.0.0.1').on('error', () => {});
      socket
        .on('error', () => {})
        .pipe(onward)
        .pipe(socket);
    });
    const session = direct
      ? connectHttp2('https://shop.test', {
          createConnection: () =>
            connectTls({ port: relay.port, servername: 'shop.test', ca: publicAuthority.pem, ALPNProtocols: ['h2'] }),
        })
      : await sessionThrough(waylay[PROXY]);
    const events: unknown[] = [];
    session.on('error', ({ code }: NodeJS.ErrnoException) => events.push(['session', code]));
    const stream = session.request({ ':path': '/' });
    for (const event of ['response', 'end', 'aborted']) stream.on(event, () => events.push(event));
    stream.on('error', ({ code }: NodeJS.ErrnoException) => events.push(['stream', code]));
    const closed = new Promise((resolve) => stream.once('close', resolve));
    stream.resume().end();
    await asked;
    if (direct) for (const socket of connections) socket.resetAndDestroy();
    else await waylay.stop();
    await closed;
    met.push({ events: events.sort(), rstCode: stream.rstCode });
  }
  expect(met[1]).toEqual(met[0]);
  expect(met[0]).toMatchObject({ events: expect.arrayContaining([['stream', 'ECONNRESET']]) });
});
