import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { URLPattern } from 'urlpattern-polyfill/urlpattern';
import { beforeAll, describe, expect, test } from 'vitest';
import { startWaylay } from '../../../fixtures/standalone.js';
import type { Pattern } from '../../../matchers/pattern/pattern.js';
import { exactly } from '../../../matchers/values/exactly.js';
import { RawClient, tlsThrough } from '../../client.js';
import { exchangeThrough, type SentRequest, VERSIONS } from '../../exchange-client.js';
import { httpsOrigin, publicAuthority } from '../../servers.js';

type Row = [name: string, pattern: Pattern, matches: Partial<SentRequest>, almost: Partial<SentRequest>];

const json = (value: unknown, headers: Record<string, string> = {}): Partial<SentRequest> => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: typeof value === 'string' ? value : JSON.stringify(value),
});

const coded = (coding: string, body: Buffer): Partial<SentRequest> => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', 'content-encoding': coding },
  body,
});

const urlencoded = (body: string): Partial<SentRequest> => ({
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body,
});

// One raw block in a single segment (RFC 8878, section 3.1.1): node:zlib has zstd only from 22.15.
function zstdOf(text: string): Buffer {
  const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x20, text.length, 0, 0, 0]);
  frame.writeUIntLE((text.length << 3) | 1, 6, 3);
  return Buffer.concat([frame, Buffer.from(text)]);
}

async function multipart(fields: Record<string, string | File>): Promise<Partial<SentRequest>> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  const encoded = new Response(form);
  return {
    method: 'POST',
    headers: { 'content-type': encoded.headers.get('content-type') ?? '' },
    body: Buffer.from(await encoded.arrayBuffer()),
  };
}

const AMOUNT = '{"amount":4200}';
const OTHER = '{"amount":4100}';
const QUERY = 'query Cart($id: ID!) { cart(id: $id) { total } }';

const rows: Row[] = [
  [
    'a method and a glob',
    'PUT https://shop.test/v1/*',
    { method: 'PUT', url: '/v1/a' },
    { method: 'PUT', url: '/v1/a/b' },
  ],
  ['a RegExp', /\/v1\/\d+$/, { url: '/v1/42' }, { url: '/v1/x' }],
  [
    'a URLPattern',
    new URLPattern({ hostname: '*.test', pathname: '/v1/:id' }),
    { url: '/v1/42' },
    { url: '/v1/42/items' },
  ],
  ['a predicate', (request) => request.header('x-trace') === '1', { headers: { 'x-trace': '1' } }, {}],
  ['method', { method: ['PATCH', 'DELETE'] }, { method: 'DELETE' }, { method: 'GET' }],
  ['url', { url: '**/a?b=*' }, { url: '/a?b=1' }, { url: '/a?c=1' }],
  ['host', { host: 'SHOP.*' }, { url: 'https://shop.test/' }, { url: 'https://other.test/' }],
  ['port', { port: 8443 }, { url: 'https://shop.test:8443/' }, { url: 'https://shop.test/' }],
  ['path', { path: '/{a,b}/*' }, { url: '/b/1?c=d' }, { url: '/c/1' }],
  ['query', { query: { tag: ['a', ''], page: null } }, { url: '/?tag=a&x=1&tag=' }, { url: '/?tag=a&tag=&page=1' }],
  ['query, exactly', { query: exactly({ page: '2' }) }, { url: '/?page=2' }, { url: '/?page=2&size=10' }],
  [
    'headers',
    { headers: { 'X-Mode': /^dark$/, authorization: null } },
    { headers: { 'x-mode': 'dark' } },
    { headers: { 'x-mode': 'dark', authorization: 'a' } },
  ],
  [
    'headers: a repeated one',
    { headers: { 'x-many': ['one', 'two'] } },
    { headers: { 'x-many': ['one', 'two'] } },
    { headers: { 'x-many': ['two', 'one'] } },
  ],
  [
    'headers: any of a repeated one',
    { headers: { 'x-many': 'two' } },
    { headers: { 'x-many': ['one', 'two'] } },
    { headers: { 'x-many': 'one' } },
  ],
  ['headers: an empty one', { headers: { 'x-empty': '' } }, { headers: { 'x-empty': '' } }, {}],
  [
    'cookies with =',
    { cookies: { session: 'YWJj=', theme: '' } },
    { headers: { cookie: 'theme=; session=YWJj=' } },
    { headers: { cookie: 'theme=; session=YWJj' } },
  ],
  [
    'cookies in quotes',
    { cookies: { a: '"b c"' } },
    { headers: { cookie: 'x=1; a="b c"' } },
    { headers: { cookie: 'a=b c' } },
  ],
  [
    'cookies, exactly',
    { cookies: exactly({ a: '1' }) },
    { headers: { cookie: 'a=1' } },
    { headers: { cookie: 'a=1; b=2' } },
  ],
  ['sni', { sni: '*.test' }, {}, { url: 'https://127.0.0.1/' }],
  ['sni: none', { sni: null }, { url: 'https://127.0.0.1/' }, {}],
  [
    'json',
    { json: { amount: (n: number) => n > 4000, items: [{ sku: /^c/ }] } },
    json({ amount: 4200, items: [{ sku: 'cup', n: 1 }] }),
    json({ amount: 4200, items: [{ sku: 'pot' }] }),
  ],
  [
    'json, exactly',
    { json: exactly({ amount: 4200 }) },
    json({ amount: 4200 }),
    json({ amount: 4200, currency: 'EUR' }),
  ],
  [
    'json, exactly inside',
    { json: { card: exactly({ number: '4' }) } },
    json({ card: { number: '4' }, x: 1 }),
    json({ card: { number: '4', cvc: '1' } }),
  ],
  ['json: gzip', { json: { amount: 4200 } }, coded('gzip', gzipSync(AMOUNT)), coded('gzip', gzipSync(OTHER))],
  [
    'json: br',
    { json: { amount: 4200 } },
    coded('br', brotliCompressSync(AMOUNT)),
    coded('br', brotliCompressSync(OTHER)),
  ],
  [
    'json: deflate',
    { json: { amount: 4200 } },
    coded('deflate', deflateSync(AMOUNT)),
    coded('deflate', deflateSync(OTHER)),
  ],
  ['json: zstd', { json: { amount: 4200 } }, coded('zstd', zstdOf(AMOUNT)), coded('zstd', zstdOf(OTHER))],
  [
    'json: chained',
    { json: { amount: 4200 } },
    coded('deflate, gzip, br', brotliCompressSync(gzipSync(deflateSync(AMOUNT)))),
    coded('deflate, gzip', gzipSync(deflateSync(OTHER))),
  ],
  [
    'json: not of its coding',
    { json: { amount: 4200 } },
    coded('gzip', gzipSync(AMOUNT)),
    coded('gzip', Buffer.from(AMOUNT)),
  ],
  [
    'form',
    { form: { user: 'ada', pin: '1=2', role: ['a', 'b'] } },
    urlencoded('user=ada&pin=1%3D2&role=a&role=b'),
    urlencoded('user=ada&pin=1%3D2&role=a'),
  ],
  ['text', { text: /^hello$/ }, { method: 'POST', body: 'hello' }, { method: 'POST', body: 'hello!' }],
  [
    'body',
    { body: Buffer.from([0, 255]) },
    { method: 'PUT', body: Buffer.from([0, 255]) },
    { method: 'PUT', body: Buffer.from([0, 254]) },
  ],
  ['graphql: a name', { graphql: 'Cart' }, json({ query: QUERY }), json({ query: QUERY.replace('Cart', 'Carts') })],
  [
    'graphql: type and variables',
    { graphql: { operationType: 'query', variables: { id: '7' } } },
    json({ query: QUERY, variables: { id: '7', x: 1 } }),
    json({ query: QUERY, variables: { id: '8' } }),
  ],
  [
    'graphql: in a batch',
    { graphql: /^Add/ },
    json([{ query: '{ a }' }, { query: 'mutation AddItem { a }' }]),
    json([{ query: '{ a }' }]),
  ],
  [
    'graphql: by GET',
    { graphql: { operationName: 'Cart', variables: { id: '7' } } },
    { url: `/graphql?query=${encodeURIComponent(QUERY)}&variables=${encodeURIComponent('{"id":"7"}')}` },
    { url: `/graphql?query=${encodeURIComponent(QUERY)}&variables=${encodeURIComponent('{"id":"8"}')}` },
  ],
  [
    'graphql: persisted',
    { graphql: 'Cart' },
    json({ operationName: 'Cart', extensions: { persistedQuery: { version: 1, sha256Hash: 'ab' } } }),
    json({ operationName: 'Other', extensions: {} }),
  ],
];

describe.each(VERSIONS)('over %s', (version) => {
  const other = version === 'h2' ? 'http/1.1' : 'h2';
  let multiparts: Row[];

  beforeAll(async () => {
    const photo = (type: string, size = 3) => new File([Buffer.alloc(size, 255)], 'a ☃.png', { type });
    multiparts = [
      [
        'multipart: a field',
        { multipart: { title: 'Käse', draft: null } },
        await multipart({ title: 'Käse' }),
        await multipart({ title: 'Käse', draft: '1' }),
      ],
      [
        'multipart: a file',
        { multipart: { photo: { filename: /☃/, contentType: 'image/png', body: Buffer.alloc(3, 255), size: 3 } } },
        await multipart({ title: 'x', photo: photo('image/png') }),
        await multipart({ photo: photo('image/png', 4) }),
      ],
      [
        'multipart: not urlencoded',
        { multipart: { title: 'x' } },
        await multipart({ title: 'x' }),
        urlencoded('title=x'),
      ],
      ['form: not multipart', { form: { title: 'x' } }, urlencoded('title=x'), await multipart({ title: 'x' })],
    ];
    const operations = JSON.stringify({ query: 'mutation Upload($f: Upload!) { up(f: $f) }', variables: { f: null } });
    multiparts.push([
      'graphql: an upload',
      { graphql: 'Upload' },
      await multipart({ operations, map: '{"0":["variables.f"]}', 0: photo('image/png') }),
      await multipart({ map: '{}' }),
    ]);
  });

  async function answers(pattern: Pattern, ...sent: Partial<SentRequest>[]): Promise<(number | undefined)[]> {
    const origin = await httpsOrigin((_, response) => response.writeHead(204).end(), { name: 'shop.test' });
    const target = `127.0.0.1:${origin.port}`;
    await using waylay = await startWaylay({
      hosts: { 'shop.test': target, 'other.test': target, '127.0.0.1': target },
      trustedRoots: publicAuthority.pem,
      ignoreHTTPSErrors: true,
    });
    waylay.stubResponse(pattern, 299);
    const statuses: (number | undefined)[] = [];
    for (const request of sent) {
      const url = new URL(request.url ?? '/', 'https://shop.test/').href;
      statuses.push((await exchangeThrough(waylay, version, { ...request, url })).status);
    }
    return statuses;
  }

  test.each(rows)('a request matches by %s', async (_, pattern, matches, almost) => {
    expect(await answers(pattern, matches, almost)).toEqual([299, 204]);
  });

  test('a request matches by forms with files', async () => {
    for (const [name, pattern, matches, almost] of multiparts) {
      expect(await answers(pattern, matches, almost), name).toEqual([299, 204]);
    }
  });

  test('a request matches by its protocol', async () => {
    expect(await answers({ protocol: version }, {}, {})).toEqual([299, 299]);
    expect(await answers({ protocol: [other, 'http', 'wss'] }, {}, {})).toEqual([204, 204]);
    expect(await answers({ protocol: 'https' }, {}, {})).toEqual([299, 299]);
  });
});

// Over HTTP/2 a browser opens none behind a proxy: that takes extended CONNECT (RFC 8441), which is not offered.
test.each<[string, Pattern]>([
  ['websocket', { websocket: true }],
  ['a glob of ws URLs', 'wss://shop.test/**'],
  ['protocol', { protocol: 'wss' }],
])('an opening handshake matches by %s, and no other request does', async (_, pattern) => {
  const origin = await httpsOrigin((_, response) => response.writeHead(204).end(), { name: 'shop.test' });
  await using waylay = await startWaylay({
    hosts: { 'shop.test': `127.0.0.1:${origin.port}` },
    trustedRoots: publicAuthority.pem,
  });
  waylay.stubResponse(pattern, 299);
  const status = async (fields: string): Promise<string | undefined> => {
    const tls = { ca: waylay.ca.pem, servername: 'shop.test', ALPNProtocols: ['http/1.1'] };
    const client = new RawClient(await tlsThrough(waylay.port, 'shop.test:443', tls));
    client.write(`GET /chat HTTP/1.1\r\nHost: shop.test\r\n${fields}\r\n`);
    return /^HTTP\/1.1 (\d+)/.exec(await client.until(/\r\n\r\n/))?.[1];
  };
  const handshake =
    'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n';
  expect([await status(handshake), await status('')]).toEqual(['299', '204']);
});
