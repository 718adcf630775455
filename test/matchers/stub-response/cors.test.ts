/** `cors: true` opens a stub to pages of other origins, as their browser asks for it (Fetch standard, section 3.3). */
import { describe, expect, test } from 'vitest';
import type { Pattern, Reply } from '../../../matchers/index.js';
import { exchangeThrough, type SentRequest, VERSIONS } from '../../exchange-client.js';
import { httpsOrigin } from '../../servers.js';
import { Wire } from '../wire.js';
import { stubbed } from './stubbed.js';

const url = 'https://api.test/charges';
const origin = 'https://shop.test';

const preflight = (method: string, headers: Record<string, string> = {}): SentRequest => ({
  url,
  method: 'OPTIONS',
  headers: { origin, 'access-control-request-method': method, ...headers },
});

describe.each(VERSIONS)('over %s', (version) => {
  test('a preflight is permitted, which is no hit; times: 1 answers the request itself', async () => {
    const proxy = await stubbed();
    const stub = proxy.rules.stubResponse(`POST ${url}`, { status: 201, json: {} }, { times: 1, cors: true });
    const asked = preflight('POST', { 'access-control-request-headers': 'content-type,x-trace' });
    const permitted = await exchangeThrough(proxy, version, asked);
    const { connection, 'keep-alive': keepAlive, ...headers } = permitted.headers;
    expect({ ...permitted, headers, pieces: [] }).toEqual({
      status: 204,
      headers: {
        'access-control-allow-origin': origin,
        'access-control-allow-methods': 'POST',
        'access-control-allow-headers': 'content-type,x-trace',
        'access-control-allow-credentials': 'true',
        vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
      },
      body: Buffer.alloc(0),
      pieces: [],
      trailers: {},
      informational: [],
      error: undefined,
    });
    expect(stub.hits).toBe(0);
    expect(proxy.journal.exchanges[0]?.source).toBe('stub');

    const answered = await exchangeThrough(proxy, version, { url, method: 'POST', headers: { origin }, body: '{}' });
    expect(answered).toMatchObject({
      status: 201,
      headers: {
        'content-type': 'application/json',
        'access-control-allow-origin': origin,
        'access-control-allow-credentials': 'true',
        vary: 'Origin',
      },
    });
    expect(answered.headers).not.toHaveProperty('access-control-expose-headers');
    expect(stub.hits).toBe(1);
  });

  test('a preflight for another request goes to the upstream', async () => {
    const upstream = await httpsOrigin((_, response) => response.end('real'), { name: 'api.test' });
    const proxy = await stubbed({}, { hosts: { 'api.test': `127.0.0.1:${upstream.port}` } });
    proxy.rules.stubResponse(`POST ${url}`, 200, { cors: true });
    expect(String((await exchangeThrough(proxy, version, preflight('PUT'))).body)).toBe('real');
  });

  test.each<[string, Reply, string?]>([
    ['a stream', { stream: ['a'], headers: { 'x-a': 'b' } }],
    ['a file', { file: 'package.json', headers: { 'x-a': 'b' } }, 'x-a, accept-ranges, etag'],
    ['a Response', new Response('a', { headers: { 'x-a': 'b' } })],
    ['a function', async () => ({ headers: { 'x-a': 'b' } })],
  ])('the answer from %s can be read too', async (_, reply, exposed = 'x-a') => {
    const proxy = await stubbed();
    proxy.rules.stubResponse(url, reply, { cors: true });
    expect((await exchangeThrough(proxy, version, { url, headers: { origin } })).headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-expose-headers': exposed,
    });
  });
});

/** The stub's answer to a request, head only. */
async function answered(pattern: Pattern, reply: Reply, sent: { method?: string; url?: string; headers?: string[] }) {
  const wire = new Wire();
  const stub = wire.rules.stubResponse(pattern, reply, { cors: true });
  const answer = await wire.send({ url, ...sent }).answer();
  return { answer, hits: stub.hits };
}

describe('a preflight', () => {
  test.each<[Pattern, string, boolean]>([
    ['**', 'DELETE', true],
    [`POST ${url}`, 'POST', true],
    [`POST ${url}`, 'PUT', false],
    [`OPTIONS ${url}`, 'POST', false],
    ['https://other.test/**', 'GET', false],
    [{ host: 'api.test', port: 443, path: '/charges', method: ['PUT', 'POST'] }, 'PUT', true],
    [{ path: '/other' }, 'PUT', false],
    [{ method: 'POST', json: { amount: 1 }, headers: { 'x-a': 'b' }, cookies: { a: 'b' } }, 'POST', true],
    [(request) => request.header('x-a') === 'b', 'POST', true],
  ])('is for the stub of %j, asked for %s: %s', async (pattern, method, permitted) => {
    const headers = ['origin', origin, 'access-control-request-method', method];
    const { answer, hits } = await answered(pattern, 418, { method: 'OPTIONS', headers });
    expect(answer?.status === 204).toBe(permitted);
    if (permitted) expect(hits).toBe(0);
  });

  test.each([
    ['without an origin', ['access-control-request-method', 'POST']],
    ['without a method that it asks for', ['origin', origin]],
  ])('is no OPTIONS request %s', async (_, headers) => {
    const { answer, hits } = await answered('**', 418, { method: 'OPTIONS', headers });
    expect([answer?.status, hits]).toEqual([418, 1]);
  });

  test('is answered only with cors: true', async () => {
    const wire = new Wire();
    const stub = wire.rules.stubResponse('**', 418);
    const headers = ['origin', origin, 'access-control-request-method', 'POST'];
    expect(await wire.send({ url, method: 'OPTIONS', headers }).status()).toBe(418);
    expect(stub.hits).toBe(1);
  });

  test('is permitted a private network where that is asked for', async () => {
    const asked = ['origin', origin, 'access-control-request-method', 'GET'];
    const head = async (headers: string[]) =>
      (await answered('**', 200, { method: 'OPTIONS', headers })).answer?.headers;
    expect(await head(asked)).not.toContain('access-control-allow-private-network');
    expect(await head([...asked, 'access-control-request-private-network', 'true'])).toEqual(
      expect.arrayContaining(['access-control-allow-private-network', 'true']),
    );
  });
});

describe('an answer gets what a page needs to read it', () => {
  const allowed = ['access-control-allow-origin', origin, 'access-control-allow-credentials', 'true'];

  test.each<[string, Record<string, string | string[]>, string[]]>([
    ['nothing of its own', {}, [...allowed, 'vary', 'Origin']],
    [
      'fields that a page may not read unasked',
      { 'X-A': '1', 'x-b': ['2', '3'], 'cache-control': 'no-store', 'set-cookie': 'a=1', expires: '0' },
      [
        ...['X-A', '1', 'x-b', '2', 'x-b', '3', 'cache-control', 'no-store', 'set-cookie', 'a=1', 'expires', '0'],
        ...[...allowed, 'access-control-expose-headers', 'x-a, x-b', 'vary', 'Origin'],
      ],
    ],
    [
      'an origin of its own',
      { 'Access-Control-Allow-Origin': '*' },
      ['Access-Control-Allow-Origin', '*', 'access-control-allow-credentials', 'true', 'vary', 'Origin'],
    ],
    [
      'exposed fields of its own',
      { 'access-control-expose-headers': 'x-b', 'x-a': '1' },
      ['access-control-expose-headers', 'x-b', 'x-a', '1', ...allowed, 'vary', 'Origin'],
    ],
    ['vary', { Vary: 'accept' }, ['Vary', 'accept, Origin', ...allowed, 'access-control-expose-headers', 'vary']],
    [
      'vary for the origin',
      { vary: 'a, ORIGIN' },
      ['vary', 'a, ORIGIN', ...allowed, 'access-control-expose-headers', 'vary'],
    ],
    ['vary for all', { vary: '*' }, ['vary', '*', ...allowed, 'access-control-expose-headers', 'vary']],
  ])('where it has %s', async (_, headers, expected) => {
    const { answer } = await answered('**', { headers }, { headers: ['origin', origin] });
    expect(answer?.headers).toEqual(expected);
  });

  test('and nothing where no page of another origin asks', async () => {
    const { answer } = await answered('**', { headers: { 'x-a': '1' } }, {});
    expect(answer?.headers).toEqual(['x-a', '1']);
  });
});
