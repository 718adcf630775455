/** Every client of this process goes through the proxy, without being told of it. */
import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import axios from 'axios';
import got from 'got';
import ky from 'ky';
import nodeFetch from 'node-fetch';
import superagent from 'superagent';
import * as undici from 'undici';
import * as undici5 from 'undici-5';
import * as undici6 from 'undici-6';
import { describe, expect, test } from 'vitest';
import { closedPort, httpOrigin, httpsOrigin } from '../servers.js';
import { routeHere } from './route-here.js';

/** Sends a GET and resolves to the status and the body. */
type Client = (url: string) => Promise<string>;

async function textOf(response: { status: number; text(): Promise<string> }): Promise<string> {
  return `${response.status} ${await response.text()}`;
}

function viaNode(agent?: http.Agent): Client {
  return (url) =>
    new Promise((resolve, reject) => {
      const { get } = url.startsWith('https:') ? https : http;
      get(url, { agent }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk) => (text += chunk));
        response.on('end', () => resolve(`${response.statusCode} ${text}`));
      }).on('error', reject);
    });
}

const viaUndici =
  (request: (url: string) => Promise<{ statusCode: number; body: { text(): Promise<string> } }>): Client =>
  async (url) => {
    const { statusCode, body } = await request(url);
    return `${statusCode} ${await body.text()}`;
  };

const clients: Record<string, Client> = {
  fetch: async (url) => textOf(await fetch(url)),
  'node:http(s)': viaNode(),
  axios: async (url) => {
    const { status, data } = await axios.get(url, { responseType: 'text' });
    return `${status} ${data}`;
  },
  'axios over fetch': async (url) => {
    const { status, data } = await axios.get(url, { responseType: 'text', adapter: 'fetch' });
    return `${status} ${data}`;
  },
  got: async (url) => {
    const { statusCode, body } = await got(url, { retry: { limit: 0 } });
    return `${statusCode} ${body}`;
  },
  'node-fetch': async (url) => textOf(await nodeFetch(url)),
  superagent: async (url) => {
    const { status, text } = await superagent.get(url);
    return `${status} ${text}`;
  },
  ky: async (url) => textOf(await ky(url, { retry: 0 })),
  'undici 5 request': viaUndici(undici5.request),
  'undici 5 fetch': async (url) => textOf(await undici5.fetch(url)),
  'undici 6 request': viaUndici(undici6.request),
  'undici 6 fetch': async (url) => textOf(await undici6.fetch(url)),
  'undici 7 request': viaUndici(undici.request),
  'undici 7 fetch': async (url) => textOf(await undici.fetch(url)),
  'undici 7 over HTTP/2': async (url) => {
    const dispatcher = new undici.Agent({ allowH2: true });
    return textOf(await undici.fetch(url, { dispatcher }));
  },
};

// It needs a newer Node than the others.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major > 22 || (major === 22 && minor >= 19)) {
  const undici8 = await import('undici-8');
  clients['undici 8 request'] = viaUndici(undici8.request);
  clients['undici 8 fetch'] = async (url) => textOf(await undici8.fetch(url));
}

const overHttp2: Client = async (url) => {
  const { origin, pathname } = new URL(url);
  const session = http2.connect(origin);
  session.on('error', () => {}); // the stream says the same
  try {
    const stream = session.request({ ':path': pathname });
    const [headers] = await once(stream, 'response');
    let text = '';
    for await (const chunk of stream.setEncoding('utf8')) text += chunk;
    return `${headers[':status']} ${text}`;
  } finally {
    session.close();
  }
};

/** By scheme, since a server of HTTP/1 is none for a client that speaks nothing else. */
const secureClients: Record<string, Client> = { ...clients, 'node:http2': overHttp2, 'got over HTTP/2': gotHttp2 };

async function gotHttp2(url: string): Promise<string> {
  const { statusCode, body } = await got(url, { retry: { limit: 0 }, http2: true });
  return `${statusCode} ${body}`;
}

describe.each(Object.entries(clients))('%s over http', (_, client) => {
  test('is seen on its way to a real server', async () => {
    const origin = await httpOrigin((request, response) => response.end(`real ${request.url}`));
    const { waylay } = await routeHere();
    expect(await client(`http://127.0.0.1:${origin.port}/a`)).toBe('200 real /a');
    expect(waylay.exchanges).toMatchObject([
      { request: { url: `http://127.0.0.1:${origin.port}/a` }, source: 'upstream', destination: { source: 'process' } },
    ]);
  });

  test('is answered for a host that exists nowhere', async () => {
    const { waylay } = await routeHere();
    waylay.stubResponse('http://nowhere.test/a', 'stubbed');
    expect(await client('http://nowhere.test/a')).toBe('200 stubbed');
  });
});

describe.each(Object.entries(secureClients))('%s over https', (_, client) => {
  test('is seen on its way to a real server', async () => {
    const origin = await httpsOrigin((request, response) => response.end(`real ${request.url}`), { name: 'shop.test' });
    const { waylay } = await routeHere({ hosts: { 'shop.test': `127.0.0.1:${origin.port}` } });
    expect(await client('https://shop.test/a')).toBe('200 real /a');
    expect(waylay.exchanges).toMatchObject([{ request: { url: 'https://shop.test/a' }, source: 'upstream' }]);
  });

  test('is answered for a host that exists nowhere', async () => {
    const { waylay } = await routeHere();
    waylay.stubResponse('https://nowhere.test/a', 'stubbed');
    expect(await client('https://nowhere.test/a')).toBe('200 stubbed');
  });

  test('meets the failure of its connection as without a proxy', async () => {
    const port = await closedPort();
    await routeHere();
    const error = await client(`https://127.0.0.1:${port}/`).then(String, (thrown: unknown) => thrown);
    expect(codes(error)).toContain('ECONNREFUSED');
  });

  test('does not trust the proxy afterwards', async () => {
    const { waylay, stop } = await routeHere();
    waylay.stubResponse('https://nowhere.test/a', 'stubbed');
    expect(await client('https://nowhere.test/a')).toBe('200 stubbed');
    await stop();
    const origin = await httpsOrigin((_, response) => response.end('real'), { name: 'localhost' });
    const error = await client(`https://localhost:${origin.port}/`).then(String, (thrown: unknown) => thrown);
    expect(codes(error).join()).toMatch(/UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED|UNABLE_TO_GET_ISSUER/);
  });
});

/** The codes of an error and of what caused it. */
function codes(error: unknown): string[] {
  if (typeof error !== 'object' || error === null) return [];
  const { code, cause, errors } = error as { code?: string; cause?: unknown; errors?: unknown[] };
  return [code, ...codes(cause), ...(errors ?? []).flatMap(codes)].filter((it) => it !== undefined);
}
