/** Requests that are under way when their test ends: they go on, as they would without Waylay, and no other test sees them. */
import { once } from 'node:events';
import http, { type ServerResponse } from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import net from 'node:net';
import { setImmediate } from 'node:timers/promises';
import axios from 'axios';
import got from 'got';
import superagent from 'superagent';
import * as undici from 'undici';
import * as undici6 from 'undici-6';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocketServer, WebSocket as Ws } from 'ws';
import { closedPort, httpOrigin, httpsOrigin, listening, publicAuthority, tcpServer } from '../servers.js';
import { routeHere } from './route-here.js';

const ca = publicAuthority.pem;

/** A server that answers when it is told to. */
async function lateOrigin(secure = false) {
  const waiting: ServerResponse[] = [];
  let arrived = (): void => {};
  const answer = (_: unknown, response: ServerResponse): void => {
    waiting.push(response);
    arrived();
  };
  const origin = secure ? await httpsOrigin(answer as never, { name: 'localhost' }) : await httpOrigin(answer as never);
  return {
    url: `http${secure ? 's' : ''}://localhost:${origin.port}/late`,
    async asked(count = 1): Promise<void> {
      while (waiting.length < count) await new Promise<void>((resolve) => (arrived = resolve));
    },
    answer: () => waiting.map((response) => response.end('late')),
    begin: () => waiting.map((response) => response.write('la')),
    end: () => waiting.map((response) => response.end('te')),
  };
}

const { getName } = http.Agent.prototype;

/** Resolves when all of this process is as it was. */
async function ended(): Promise<void> {
  while (http.Agent.prototype.getName !== getName) await setImmediate();
}

function viaNode(url: string, agent?: http.Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const { get } = url.startsWith('https:') ? https : http;
    get(url, { agent, ca }, async (response) => {
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) text += chunk;
      resolve(text);
    }).on('error', reject);
  });
}

const h1: Record<string, (url: string) => Promise<string>> = {
  fetch: async (url) => (await fetch(url)).text(),
  'node:http': (url) => viaNode(url),
  'node:http with an agent of its own': (url) => viaNode(url, new http.Agent({ keepAlive: true })),
  axios: async (url) => (await axios.get(url, { responseType: 'text' })).data,
  got: (url) => got(url, { retry: { limit: 0 } }).text(),
  superagent: async (url) => (await superagent.get(url)).text,
  undici: async (url) => (await undici.request(url)).body.text(),
  'undici 6 with an agent of its own': async (url) =>
    (await undici6.request(url, { dispatcher: new undici6.Agent() })).body.text(),
};

const [PLAIN, SECURE] = ['http://nowhere.test/late', 'https://nowhere.test/late'] as const;

describe.each(Object.entries(h1))('%s', (name, ask) => {
  test('gets an answer that comes after the end of the test', async () => {
    const origin = await lateOrigin();
    const own = await routeHere();
    const answer = ask(origin.url);
    await origin.asked();
    await own.finish();
    const next = await routeHere();

    origin.answer();

    expect(await answer).toBe('late');
    expect(own.waylay.exchanges).toMatchObject([{ request: { url: origin.url } }]);
    await next.finish();
    expect(next.waylay.exchanges).toEqual([]);
    await ended();
  });

  test('gets the rest of an answer that has begun', async () => {
    const origin = await lateOrigin();
    const own = await routeHere();
    const answer = ask(origin.url);
    await origin.asked();
    origin.begin();
    await setImmediate();
    await own.finish();

    origin.end();

    expect(await answer).toBe('late');
    await ended();
  });

  test('gets an answer though the test ended before it was connected', async () => {
    const origin = await lateOrigin();
    const own = await routeHere();
    const answer = ask(origin.url);
    await own.finish();
    const next = await routeHere();

    await origin.asked();
    origin.answer();

    expect(await answer).toBe('late');
    await next.finish();
    expect(next.waylay.exchanges).toEqual([]);
    await ended();
  });

  test('meets its stub and its expectation though the test ends in the same turn', async () => {
    const own = await routeHere({ unusedStubs: 'fail' });
    const urls = name === 'node:http with an agent of its own' ? [PLAIN] : [PLAIN, SECURE];
    for (const url of urls) {
      own.waylay.stubResponse(url, 'late');
      own.waylay.expectRequest(url);
    }
    const answers = Promise.all(urls.map(ask));

    await own.finish();

    expect(await answers).toEqual(urls.map(() => 'late'));
    expect(own.waylay.warnings).toEqual([]);
    await ended();
  });

  test('fails afterwards as it would without a proxy', async () => {
    const url = `http://127.0.0.1:${await closedPort()}/`;
    const codes = async () => {
      const error = await ask(url).catch((thrown: { code?: string; cause?: { code?: string } }) => thrown);
      return typeof error === 'object' && (error.code ?? error.cause?.code);
    };
    const direct = await codes();
    const own = await routeHere();
    const routed = codes();
    await own.finish();

    expect(await routed).toBe(direct);
    await ended();
  });
});

test.each([
  ['no connection', async () => {}],
  [
    'a connection that never says a thing',
    async () => {
      const { port } = await tcpServer(() => {});
      const socket = net.connect(port, '127.0.0.1').on('error', () => {});
      onTestFinished(() => void socket.destroy());
    },
  ],
  [
    'a connection that is kept alive',
    async () => {
      const { port } = await httpOrigin((_, response) => response.end('real'));
      await (await fetch(`http://127.0.0.1:${port}/`)).text();
    },
  ],
])('beside %s, a stub that no request met fails the test', async (_, connect) => {
  const own = await routeHere({ unusedStubs: 'fail' });
  own.waylay.stubResponse('http://nowhere.test/', 'never');
  await connect();
  await expect(own.finish()).rejects.toThrow('No request met the stub http://nowhere.test/');
});

test('a request over TLS goes on', async () => {
  const origin = await lateOrigin(true);
  const own = await routeHere();
  const answers = [
    fetch(origin.url).then((response) => response.text()),
    viaNode(origin.url, new https.Agent({ keepAlive: true })),
  ];
  await own.finish();

  await origin.asked(2);
  origin.answer();

  expect(await Promise.all(answers)).toEqual(['late', 'late']);
  await ended();
});

test('a connection that carries a request which is over takes none of the next test', async () => {
  const origin = await lateOrigin();
  const dispatcher = new undici.Agent({ connections: 1 });
  onTestFinished(() => dispatcher.destroy());
  const ask = async () => (await undici.request(origin.url, { dispatcher })).body.text();
  const own = await routeHere();
  const first = ask();
  await origin.asked();
  await own.finish();

  const next = await routeHere();
  next.waylay.stubResponse(origin.url, 'stubbed');
  const second = ask();
  origin.answer();

  expect([await first, await second]).toEqual(['late', 'stubbed']);
  expect(next.waylay.exchanges).toHaveLength(1);
  await next.finish();
  await ended();
});

test('a connection that carries nothing is closed with the test', async () => {
  const origin = await lateOrigin();
  const dispatcher = new undici.Agent();
  onTestFinished(() => dispatcher.destroy());
  const own = await routeHere();
  own.waylay.stubResponse('**/stubbed', 'stubbed');
  const ask = async (url: string | URL) => (await undici.request(url, { dispatcher })).body.text();
  const late = ask(origin.url);
  expect(await ask(new URL('/stubbed', origin.url))).toBe('stubbed');
  await origin.asked();
  await own.finish();

  const next = await routeHere();
  next.waylay.stubResponse('**/stubbed', 'by the next');
  expect(await ask(new URL('/stubbed', origin.url))).toBe('by the next');
  await next.finish();
  origin.answer();
  expect(await late).toBe('late');
  await ended();
});

test('a stream of HTTP/2 goes on, and its session takes no other', async () => {
  const origin = await lateOrigin(true);
  const own = await routeHere();
  const session = http2.connect(origin.url, { ca });
  onTestFinished(() => session.destroy());
  const stream = session.request({ ':path': '/late' }).setEncoding('utf8');
  await origin.asked();
  const goaway = once(session, 'goaway');
  await own.finish();
  await goaway;
  // Node throws here or, from 24 on, tells of it later.
  await expect(async () => once(session.request({ ':path': '/other' }), 'response')).rejects.toThrow();

  origin.answer();

  let text = '';
  for await (const chunk of stream) text += chunk;
  expect(text).toBe('late');
  await ended();
});

test.each([
  ['undici', undici],
  ['undici 6', undici6 as unknown as typeof undici],
])('a stream of HTTP/2 of %s goes on', async (_, { Agent, request }) => {
  const origin = await lateOrigin(true);
  const dispatcher = new Agent({ allowH2: true, connect: { ca } });
  onTestFinished(() => dispatcher.destroy());
  const own = await routeHere();
  const answer = request(origin.url, { dispatcher }).then(({ body }) => body.text());
  await origin.asked();
  await own.finish();

  origin.answer();

  expect(await answer).toBe('late');
  await dispatcher.close();
  await ended();
});

test('a WebSocket goes on until it is closed', async () => {
  const server = http.createServer();
  const chat = new WebSocketServer({ server });
  chat.on('connection', (socket) => socket.on('message', (message) => socket.send(`echo ${message}`)));
  const { port } = await listening(server);
  const own = await routeHere();
  const socket = new Ws(`ws://localhost:${port}/`);
  await once(socket, 'open');
  await own.finish();
  const next = await routeHere();

  socket.send('hello');
  const [message] = await once(socket, 'message');
  expect(String(message)).toBe('echo hello');
  await next.finish();
  expect(next.waylay.exchanges).toEqual([]);

  socket.close(4000, 'bye');
  expect(await once(socket, 'close')).toMatchObject([4000, Buffer.from('bye')]);
  await ended();
});

test('bytes that nobody reads go on', async () => {
  const origin = await tcpServer((socket) => socket.pipe(socket));
  const own = await routeHere();
  const socket = net.connect(origin.port, 'localhost');
  socket.write('\0one');
  expect(String((await once(socket, 'data'))[0])).toBe('\0one');
  await own.finish();

  socket.write('two');
  expect(String((await once(socket, 'data'))[0])).toBe('two');
  socket.end();
  await once(socket, 'close');
  await ended();
});

test('an answer of a stub comes when it is due', async () => {
  const own = await routeHere();
  own.waylay.stubResponse('http://nowhere.test/', { text: 'stubbed', delay: 50 });
  const answer = fetch('http://nowhere.test/').then((response) => response.text());
  await own.finish();
  expect(await answer).toBe('stubbed');
  await ended();
});

test('a request that a rule has hang ends with its test', async () => {
  const own = await routeHere();
  own.waylay.stubResponse('http://nowhere.test/**', 'never');
  own.waylay.mutate('http://nowhere.test/**', { response: { fault: 'hang' } });
  const broken = expect(fetch('http://nowhere.test/one')).rejects.toThrow('fetch failed');
  const arrived = own.waylay.expectRequest('**/one');
  await arrived;
  await own.finish();
  await broken;
  await ended();
});

test('a request that is refused after the end of its test is warned of', async () => {
  const warnings: string[] = [];
  const warned = (warning: Error): void => void warnings.push(warning.message);
  process.on('warning', warned);
  onTestFinished(() => void process.off('warning', warned));
  const own = await routeHere({ unmatched: 'refuse' });
  const refused = fetch('http://nowhere.test/late');
  await own.finish('sends telemetry');
  expect((await refused).status).toBe(502);
  await ended();
  await setImmediate();
  expect(warnings).toEqual([
    expect.stringMatching(/^sends telemetry: GET http:\/\/nowhere\.test\/late came after the test had ended: /),
  ]);
});

test('nothing is left of a proxy when its last request has ended', async () => {
  const origin = await lateOrigin();
  const own = await routeHere();
  const { port } = own.waylay;
  const answer = fetch(origin.url).then((response) => response.text());
  await origin.asked();
  await own.finish();
  origin.answer();
  await answer;
  await ended();

  const socket = net.connect(port, '127.0.0.1');
  expect((await once(socket, 'error'))[0]).toMatchObject({ code: 'ECONNREFUSED' });
});
