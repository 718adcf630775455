/** Clients that go to the proxy that the environment names: Waylay takes its place, and what is let out goes through it. */
import { once } from 'node:events';
import { Agent as HttpAgent, get as httpGet } from 'node:http';
import axios from 'axios';
import { SocksClient } from 'socks';
import * as undici from 'undici';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { httpProxy, socksProxy } from '../integration/proxies.js';
import { closedPort, httpOrigin, httpsOrigin } from '../servers.js';
import { routeHere } from './route-here.js';

const VARIABLES = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY', 'NO_PROXY'].flatMap((it) => [it, it.toLowerCase()]);
let before: Record<string, string | undefined>;

beforeEach(() => {
  before = Object.fromEntries(VARIABLES.map((name) => [name, process.env[name]]));
  for (const name of VARIABLES) delete process.env[name];
});

afterEach(() => {
  for (const name of VARIABLES) delete process.env[name];
  for (const [name, value] of Object.entries(before)) if (value !== undefined) process.env[name] = value;
});

function proxiedBy(url: string): void {
  process.env.HTTP_PROXY = url;
  process.env.HTTPS_PROXY = url;
}

const clients: Record<string, (url: string) => Promise<string>> = {
  axios: async (url) => (await axios.get(url, { responseType: 'text' })).data,
  "undici's EnvHttpProxyAgent": async (url) => {
    const dispatcher = new undici.EnvHttpProxyAgent();
    onTestFinished(() => dispatcher.destroy());
    return (await undici.request(url, { dispatcher })).body.text();
  },
  'fetch of undici over EnvHttpProxyAgent': async (url) => {
    const dispatcher = new undici.EnvHttpProxyAgent();
    onTestFinished(() => dispatcher.destroy());
    return (await undici.fetch(url, { dispatcher })).text();
  },
};

/** The code of an error, or of what caused it. */
async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  const error = await promise.then(
    (value) => ({ code: `no error, but ${value}` }),
    (thrown: { code?: string; cause?: { code?: string } }) => thrown,
  );
  return ('cause' in error ? error.cause?.code : undefined) ?? error.code;
}

describe.each(Object.entries(clients))('%s', (_, ask) => {
  test.each(['http', 'https'])('reaches a stub over %s though the proxy is dead', async (scheme) => {
    proxiedBy(`http://127.0.0.1:${await closedPort()}`);
    const { waylay } = await routeHere();
    waylay.stubResponse(`${scheme}://nowhere.test/a`, 'stubbed');
    expect(await ask(`${scheme}://nowhere.test/a`)).toBe('stubbed');
    expect(waylay.exchanges).toMatchObject([{ source: 'stub', request: { url: `${scheme}://nowhere.test/a` } }]);
  });

  test.each(['http', 'https'])('fails over %s as it does without, where no stub answers', async (scheme) => {
    proxiedBy(`http://127.0.0.1:${await closedPort()}`);
    const direct = await codeOf(ask(`${scheme}://shop.test/a`));
    expect(direct).toBe('ECONNREFUSED');
    const { waylay } = await routeHere();
    expect(await codeOf(ask(`${scheme}://shop.test/a`))).toBe(direct);
    expect(waylay.exchanges.at(-1)).toMatchObject({ source: 'failed', error: { code: 'WAYLAY_UPSTREAM_PROXY' } });
  });

  test('goes on through the proxy, with its credentials', async () => {
    const origin = await httpOrigin((_, response) => response.end('real'));
    const secure = await httpsOrigin((_, response) => response.end('real'), { name: 'shop.test' });
    const names = { 'plain.test': origin.port, 'shop.test': secure.port };
    const proxy = await httpProxy({ names, credentials: 'user:secret' });
    proxiedBy(`http://user:secret@127.0.0.1:${proxy.port}`);
    const { waylay } = await routeHere();
    expect([await ask('http://plain.test/a'), await ask('https://shop.test/b')]).toEqual(['real', 'real']);
    expect(proxy.seen).toHaveLength(2);
    expect(waylay.exchanges).toMatchObject([
      { request: { url: 'http://plain.test/a' }, upstream: { proxy: `127.0.0.1:${proxy.port}` } },
      { request: { url: 'https://shop.test/b' }, upstream: { proxy: `127.0.0.1:${proxy.port}` } },
    ]);
  });

  test('goes through the upstreamProxy that the test names', async () => {
    const origin = await httpOrigin((_, response) => response.end('real'));
    const proxy = await httpProxy({ names: { 'plain.test': origin.port } });
    proxiedBy(`http://127.0.0.1:${await closedPort()}`);
    await routeHere({ upstreamProxy: { server: `http://127.0.0.1:${proxy.port}` } });
    expect(await ask('http://plain.test/a')).toBe('real');
    expect(proxy.seen).toHaveLength(1);
  });
});

test('a proxy that the environment names may have something of its own to say', async () => {
  const origin = await httpOrigin((_, response) => response.end('status'));
  proxiedBy(`http://127.0.0.1:${origin.port}`);
  const { waylay } = await routeHere();
  const [response] = await once(
    httpGet(`http://127.0.0.1:${origin.port}/status`, { agent: new HttpAgent() }),
    'response',
  );
  expect(await new Response(response).text()).toBe('status');
  expect(waylay.exchanges).toMatchObject([{ request: { url: `http://127.0.0.1:${origin.port}/status` } }]);
});

describe('over SOCKS', () => {
  const ask = async (proxy: string, host: string): Promise<string> => {
    const { port } = new URL(proxy);
    const { socket } = await SocksClient.createConnection({
      proxy: { host: '127.0.0.1', port: Number(port), type: 5 },
      command: 'connect',
      destination: { host, port: 80 },
    });
    const asked = httpGet({ host, path: '/', createConnection: () => socket, headers: { connection: 'close' } });
    const [response] = await once(asked, 'response');
    return new Response(response).text();
  };

  test('a stub is reached though the proxy is dead', async () => {
    process.env.ALL_PROXY = `socks5://127.0.0.1:${await closedPort()}`;
    const { waylay } = await routeHere();
    waylay.stubResponse('http://nowhere.test/', 'stubbed');
    expect(await ask(process.env.ALL_PROXY, 'nowhere.test')).toBe('stubbed');
  });

  test('a request that is let out goes through it', async () => {
    const origin = await httpOrigin((_, response) => response.end('real'));
    const proxy = await socksProxy({ names: { 'plain.test': origin.port } });
    process.env.ALL_PROXY = `socks5://127.0.0.1:${proxy.port}`;
    const { waylay } = await routeHere();
    expect(await ask(process.env.ALL_PROXY, 'plain.test')).toBe('real');
    expect(proxy.seen).toEqual(['SOCKS5 plain.test:80']);
    expect(waylay.exchanges).toMatchObject([{ upstream: { proxy: `127.0.0.1:${proxy.port}` } }]);
  });
});
