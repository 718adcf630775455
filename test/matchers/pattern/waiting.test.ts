/** A pattern that needs the body waits for it; one that does not delays nothing. */
import { expect, test } from 'vitest';
import { startWaylay } from '../../../fixtures/standalone.js';
import type { Pattern } from '../../../matchers/pattern/pattern.js';
import type { Request } from '../../../src/journal/message.js';
import { RawClient, tlsThrough } from '../../client.js';
import { httpsOrigin, publicAuthority } from '../../servers.js';

const JSON_HEAD = 'Content-Type: application/json\r\nContent-Length: 9';
const MULTIPART_HEAD = 'Content-Type: multipart/form-data; boundary=X\r\nContent-Length: 9';

/**
 * Sends a head with one byte of the body and holds the rest back: the status that comes. Where the pattern waits, none comes
 * before the body.
 */
async function held(pattern: Pattern, request: string, head: string, waits: boolean): Promise<number> {
  const reached: (string | undefined)[] = [];
  const origin = await httpsOrigin(
    (incoming, response) => {
      reached.push(incoming.url);
      response.writeHead(204).end();
    },
    { name: 'shop.test', alpn: ['http/1.1'] },
  );
  await using waylay = await startWaylay({
    hosts: { 'shop.test': `127.0.0.1:${origin.port}` },
    trustedRoots: publicAuthority.pem,
  });
  waylay.stubResponse(pattern, 299);
  const client = await connect(waylay.port, waylay.ca.pem);
  client.write(`${request} HTTP/1.1\r\nHost: shop.test\r\n${head}\r\n\r\n{`);
  if (waits) {
    // Others come and go meanwhile: first until its head was read, then once more.
    do await probe(waylay.port, waylay.ca.pem);
    while (!waylay.exchanges.some(({ request: { url } }) => !url.endsWith('/probe')));
    await probe(waylay.port, waylay.ca.pem);
    expect([client.received, reached.filter((url) => url !== '/probe')]).toEqual(['', []]);
    client.write('"a":"b"}');
  }
  // Where it does not wait, the answer comes though the body never does.
  const [, status] = /HTTP\/1.1 (\d+)/.exec(await client.until(/HTTP\/1.1 \d+/)) ?? [];
  return Number(status);
}

async function connect(port: number, ca: string): Promise<RawClient> {
  return new RawClient(
    await tlsThrough(port, 'shop.test:443', { ca, servername: 'shop.test', ALPNProtocols: ['http/1.1'] }),
  );
}

/** A whole exchange of another client. */
async function probe(port: number, ca: string): Promise<void> {
  const client = await connect(port, ca);
  client.write('GET /probe HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n');
  await client.end();
}

/** Catches as people do who know that not every body is JSON. */
function catching(request: Request): boolean {
  try {
    return request.json<{ a: string }>().a === 'b';
  } catch {
    return false;
  }
}

test.each<[string, Pattern, string, string, boolean, number]>([
  ['the head matches', 'POST https://shop.test/a', 'POST /a', JSON_HEAD, false, 299],
  ['json', { path: '/a', json: { a: 'b' } }, 'POST /a', JSON_HEAD, true, 299],
  ['json that does not match', { path: '/a', json: { a: 'c' } }, 'POST /a', JSON_HEAD, true, 204],
  ['json, on another path', { path: '/b', json: { a: 'b' } }, 'POST /a', JSON_HEAD, false, 204],
  ['a predicate over the head', (request) => request.method === 'POST', 'POST /a', JSON_HEAD, false, 299],
  [
    'a predicate over the body',
    (request) => request.method === 'POST' && request.text() !== '',
    'POST /a',
    JSON_HEAD,
    true,
    299,
  ],
  ['a predicate over the bytes', (request) => request.body.includes('"b"'), 'POST /a', JSON_HEAD, true, 299],
  [
    'a predicate over the bytes that they do not fit',
    (request) => request.body.length > 9,
    'POST /a',
    JSON_HEAD,
    true,
    204,
  ],
  [
    'a predicate that is content with a part of the body, and not with all of it',
    (request) => request.body.length < 9,
    'POST /a',
    JSON_HEAD,
    true,
    204,
  ],
  [
    'a predicate that reads the bytes itself, and fails on a part of them',
    (request) => JSON.parse(request.body.toString()).a === 'b',
    'POST /a',
    JSON_HEAD,
    true,
    299,
  ],
  ['a predicate that catches what is thrown', catching, 'POST /a', JSON_HEAD, true, 299],
  ['graphql', { path: '/a', graphql: 'A' }, 'POST /a', JSON_HEAD, true, 204],
  ['graphql in the URL', { path: '/a', graphql: 'A' }, 'GET /a?query=query+A{a}', JSON_HEAD, false, 299],
  ['graphql, of another type', { path: '/a', graphql: 'A' }, 'POST /a', JSON_HEAD.replace('json', 'pdf'), false, 204],
  ['multipart', { path: '/a', multipart: { a: 'b' } }, 'POST /a', MULTIPART_HEAD, true, 204],
  ['multipart, of another type', { path: '/a', multipart: { a: 'b' } }, 'POST /a', JSON_HEAD, false, 204],
  ['form', { path: '/a', form: { '{"a":"b"}': '' } }, 'POST /a', 'Content-Length: 9', true, 299],
  ['form, of another type', { path: '/a', form: { a: null } }, 'POST /a', JSON_HEAD, false, 204],
  ['form, of a multipart body', { path: '/a', form: { a: 'b' } }, 'POST /a', MULTIPART_HEAD, false, 204],
])('the body is waited for only where it decides: %s', async (_, pattern, request, head, waits, status) => {
  expect(await held(pattern, request, head, waits)).toBe(status);
});
