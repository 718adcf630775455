import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { compilePattern, type Pattern, type RequestPattern } from '../../../matchers/pattern/pattern.js';
import { exchange, type Sent } from '../wire.js';

const json = ['Content-Type', 'application/json'];
const charge: Sent = {
  method: 'POST',
  url: 'https://api.pay.test/v1/charges?expand=card&tag=a&tag=b',
  headers: [...json, 'Cookie', 'session=abc=def; theme=dark', 'X-Many', 'one', 'x-many', 'two', 'Accept', 'text/html'],
  body: { amount: 4200, currency: 'EUR', items: [{ sku: 'cup' }] },
};
const upload: Sent = { method: 'PUT', url: 'http://127.0.0.1:8080/files/a%20b.txt', body: Buffer.from([0, 1, 255]) };
const form: Sent = { method: 'POST', url: 'https://shop.test/login', body: 'user=ada&pin=1%3D2&role=a&role=b' };
const v6: Sent = { url: 'http://[::1]:3000/' };
const idna: Sent = { url: 'https://xn--bcher-kva.test/k%C3%A4se' };
const live: Sent = { url: 'https://live.shop.test/stock', websocket: true };

const cases: [name: string, pattern: Pattern, sent: Sent, matches: boolean][] = [
  ['a glob', 'https://api.pay.test/v1/**', charge, true],
  ['a glob without the query', 'https://api.pay.test/v1/charges', charge, false],
  ['a method and a glob', 'POST https://api.pay.test/**', charge, true],
  ['more space than needed', '  POST   https://api.pay.test/** ', charge, true],
  ['another method', 'GET https://api.pay.test/**', charge, false],
  ['an unusual method', 'M-SEARCH **', { method: 'M-SEARCH' }, true],
  ['any URL', '**', charge, true],
  ['a RegExp', /charges\?expand/, charge, true],
  ['another RegExp', /^http:/, charge, false],
  ['a predicate', (request) => request.url.includes('tag=b'), charge, true],
  ['a predicate over the body', (request) => request.json<{ amount: number }>().amount === 4200, charge, true],
  [
    'a predicate that finds no JSON',
    (request) => request.json<{ a: number }>().a === 1,
    { url: 'https://a.test/' },
    false,
  ],

  ['method: a list', { method: ['PUT', 'POST'] }, charge, true],
  ['method: a list without it', { method: ['PUT', 'PATCH'] }, charge, false],
  ['method: a RegExp', { method: /^P/ }, charge, true],
  ['url: a glob', { url: '**/charges?**' }, charge, true],
  ['url: a predicate over the URL', { url: (url) => url.searchParams.get('expand') === 'card' }, charge, true],
  ['url: an asymmetric matcher', { url: expect.stringContaining('/v1/') }, charge, true],
  ['host', { host: 'API.pay.test' }, charge, true],
  ['host: another', { host: 'pay.test' }, charge, false],
  ['host: with a star', { host: '*.pay.test' }, charge, true],
  ['host: a list', { host: ['shop.test', 'api.pay.test'] }, charge, true],
  ['host: an IPv6 address', { host: '::1' }, v6, true],
  ['host: an IPv6 address in brackets', { host: '[::1]' }, v6, true],
  ['host: beyond ASCII', { host: 'bücher.test' }, idna, true],
  ['port: implied', { port: 443 }, charge, true],
  ['port: given', { port: 8080 }, upload, true],
  ['port: another', { port: [80, 8443] }, upload, false],
  ['port: a predicate', { port: (port) => port > 8000 }, upload, true],
  ['path', { path: '/v1/charges' }, charge, true],
  ['path: a glob', { path: '/v1/*' }, charge, true],
  ['path: a part', { path: '/v1' }, charge, false],
  ['path: with a space', { path: '/files/a b.txt' }, upload, true],
  ['path: beyond ASCII', { path: '/käse' }, idna, true],
  ['path: from anywhere', { path: '**/charges' }, charge, true],
  ['query', { query: { expand: 'card' } }, charge, true],
  ['query: any of a repeated one', { query: { tag: 'b' } }, charge, true],
  ['query: all of a repeated one', { query: { tag: ['a', 'b'] } }, charge, true],
  ['query: some of a repeated one', { query: { tag: ['a'] } }, charge, false],
  ['query: absent', { query: { page: null } }, charge, true],
  ['query: present, to be absent', { query: { expand: null } }, charge, false],
  ['query: a predicate over all', { query: ({ tag }) => tag?.length === 2 }, charge, true],
  ['headers: names in any case', { headers: { ACCEPT: /html/ } }, charge, true],
  ['headers: another value', { headers: { accept: 'html' } }, charge, false],
  ['headers: missing', { headers: { 'x-none': /^/ } }, charge, false],
  ['headers: absent', { headers: { authorization: null } }, charge, true],
  ['headers: one line of a repeated one', { headers: { 'x-many': 'two' } }, charge, true],
  ['headers: a repeated one, joined', { headers: { 'x-many': 'one, two' } }, charge, true],
  ['headers: a repeated one, listed', { headers: { 'x-many': ['one', /two/] } }, charge, true],
  ['headers: an asymmetric matcher', { headers: expect.objectContaining({ accept: 'text/html' }) }, charge, true],
  ['cookies: a value with =', { cookies: { session: 'abc=def' } }, charge, true],
  ['cookies: another', { cookies: { theme: 'light' } }, charge, false],
  ['websocket', { websocket: true }, live, true],
  ['websocket: none', { websocket: true }, charge, false],
  ['wss: for a WebSocket', 'wss://live.shop.test/**', live, true],
  ['https: for a WebSocket’s handshake', 'https://live.shop.test/**', live, true],
  ['wss: for no WebSocket', 'wss://api.pay.test/**', charge, false],
  ['protocol: a scheme', { protocol: 'https' }, charge, true],
  ['protocol: another scheme', { protocol: ['http', 'wss'] }, charge, false],
  ['protocol: a version', { protocol: 'http/1.1' }, charge, true],
  ['protocol: another version', { protocol: 'h2' }, charge, false],
  ['protocol: a WebSocket', { protocol: 'wss' }, live, true],
  ['protocol: a WebSocket’s handshake', { protocol: 'https' }, live, true],
  ['protocol: a RegExp', { protocol: /^http\/1/ }, charge, true],
  ['protocol: a predicate', { protocol: (scheme, version) => scheme === 'https' && version !== 'h2' }, charge, true],
  ['protocol: a predicate over a WebSocket', { protocol: (scheme) => scheme === 'wss' }, live, true],
  ['sni: none', { sni: null }, charge, true],
  ['sni: none, to be one', { sni: '*' }, charge, false],
  ['sni: a list', { sni: ['a.test', null] }, charge, true],
  ['sni: a predicate', { sni: (name) => name === null }, charge, true],
  ['json: a subset', { json: { amount: 4200 } }, charge, true],
  ['json: another value', { json: { amount: 4100 } }, charge, false],
  ['json: matchers inside', { json: { amount: expect.any(Number), items: [{ sku: /^c/ }] } }, charge, true],
  ['json: a predicate', { json: (body) => body.currency === 'EUR' }, charge, true],
  ['json: no body', { json: {} }, {}, false],
  ['json: something else', { json: { a: 1 } }, { body: '<html>' }, false],
  ['json: null', { json: null }, { body: 'null' }, true],
  ['json: gzip', { json: { a: 1 } }, { headers: ['Content-Encoding', 'gzip'], body: gzipSync('{"a":1}') }, true],
  [
    'json: no gzip though it says so',
    { json: { a: 1 } },
    { headers: ['Content-Encoding', 'gzip'], body: '{"a":1}' },
    false,
  ],
  ['form', { form: { user: 'ada', pin: '1=2' } }, form, true],
  ['form: repeated', { form: { role: ['a', 'b'], token: null } }, form, true],
  ['form: another value', { form: { user: 'bob' } }, form, false],
  ['text: the whole', { text: 'user=ada&pin=1%3D2&role=a&role=b' }, form, true],
  ['text: a part', { text: 'user=ada' }, form, false],
  ['text: a RegExp', { text: /pin=/ }, form, true],
  ['body: the bytes', { body: new Uint8Array([0, 1, 255]) }, upload, true],
  ['body: other bytes', { body: Buffer.from([0, 1, 254]) }, upload, false],
  ['body: a predicate', { body: (bytes) => bytes.length === 3 }, upload, true],
  [
    'several keys',
    { method: 'POST', host: 'api.pay.test', json: { amount: 4200 }, query: { expand: 'card' } },
    charge,
    true,
  ],
  ['several keys, one of which fails', { method: 'POST', host: 'api.pay.test', json: { amount: 1 } }, charge, false],
];

describe('by every form and key', () => {
  test.each(cases)('a pattern matches, or does not: %s', (_, pattern, sent, matches) => {
    const subject = exchange(sent);
    const compiled = compilePattern(pattern);
    expect(compiled.matches(subject)).toBe(matches);
    expect(compiled.verdict(subject).pass).toBe(matches);
  });

  test('a second argument narrows the first', () => {
    const pattern = compilePattern('POST https://api.pay.test/**', {
      json: { amount: 4200 },
      headers: { accept: /html/ },
    });
    expect(pattern.matches(exchange(charge))).toBe(true);
    expect(pattern.matches(exchange({ ...charge, body: { amount: 1 } }))).toBe(false);
    expect(pattern.matches(exchange({ ...charge, method: 'PUT' }))).toBe(false);
    expect(String(pattern)).toBe(
      'POST https://api.pay.test/** { json: { amount: 4200 }, headers: { accept: /html/ } }',
    );
  });

  test('relative globs need a base URL and take it', () => {
    const pattern = compilePattern('POST /v1/*', undefined, { baseURL: 'https://api.pay.test/app' });
    expect(pattern.matches(exchange({ method: 'POST', url: 'https://api.pay.test/v1/charges' }))).toBe(true);
  });
});

describe('for connections whose requests were not seen', () => {
  const tunnel = exchange({ method: 'CONNECT', url: 'https://shop.test/' });

  test.each<Pattern>(['https://shop.test/', '**', /shop/, () => true, { host: 'shop.test' }])(
    '%s does not match',
    (pattern) => {
      expect(compilePattern(pattern).matches(tunnel)).toBe(false);
      expect(compilePattern(pattern).verdict(tunnel).pass).toBe(false);
    },
  );

  test('a pattern that names CONNECT matches', () => {
    expect(compilePattern('CONNECT https://shop.test/').matches(tunnel)).toBe(true);
  });
});

describe('where a body has not come', () => {
  const pending = exchange({ ...charge, complete: false });

  test.each<[Pattern, string]>([
    ['POST https://api.pay.test/**', 'match'],
    [{ json: { amount: 4200 } }, 'body'],
    [{ method: 'GET', json: { amount: 4200 } }, 'mismatch'],
    [(request) => request.json<{ amount: number }>().amount === 4200, 'body'],
    [(request) => request.method === 'POST', 'match'],
    [{ text: /amount/ }, 'body'],
    // JSON is no form, whatever comes.
    [{ form: { a: null } }, 'mismatch'],
    [{ body: () => true }, 'body'],
  ])('%s says %s', (pattern, outcome) => {
    expect(compilePattern(pattern).test(pending)).toBe(outcome);
    expect(compilePattern(pattern).matches(pending)).toBe(outcome === 'match');
    expect(compilePattern(pattern).verdict(pending).pass).toBe(outcome === 'match');
  });

  test('only patterns that look at the body need it', () => {
    expect(compilePattern('**').needsBody).toBe(false);
    expect(compilePattern('**', { headers: { a: 'b' } }).needsBody).toBe(false);
    expect(compilePattern('**', { json: {} }).needsBody).toBe(true);
  });

  test('a body beyond the capture limit matches nothing that looks at it', () => {
    const cut = exchange({ ...charge, captureLimit: 5 });
    expect(compilePattern({ json: { amount: 4200 } }).test(cut)).toBe('mismatch');
    expect(compilePattern((request) => request.text() !== '').test(cut)).toBe('mismatch');
    expect(compilePattern('POST https://api.pay.test/**').test(cut)).toBe('match');
  });
});

test('a failure of the predicate itself is passed on, and told in the verdict', () => {
  const pattern = compilePattern(() => {
    throw new ReferenceError('amont is not defined');
  });
  const subject = exchange(charge);
  expect(() => pattern.test(subject)).toThrow('amont is not defined');
  expect(pattern.matches(subject)).toBe(false);
  expect(pattern.verdict(subject).fields.at(-1)?.differences[0]?.reason).toBe(
    'threw ReferenceError: amont is not defined',
  );
});

describe('a request to an authority', () => {
  test.each<[Pattern, string, boolean]>([
    ['https://api.pay.test/**', 'api.pay.test:443', true],
    ['https://api.pay.test/**', 'shop.test:443', false],
    ['POST https://api.pay.test/**', 'api.pay.test:8443', false],
    ['**/v1/charges', 'shop.test:443', true],
    [/api/, 'shop.test:443', true],
    [() => false, 'shop.test:443', true],
    [{ host: 'api.pay.test' }, 'api.pay.test:8443', true],
    [{ host: 'api.pay.test' }, 'shop.test:443', false],
    [{ host: '*.pay.test', port: 8443 }, 'api.pay.test:8443', true],
    [{ host: '*.pay.test', port: 8443 }, 'api.pay.test:443', false],
    [{ host: () => false }, 'shop.test:443', true],
    [{ host: /pay/ }, 'shop.test:443', false],
    [{ json: { a: 1 } }, 'shop.test:443', true],
  ])('could match %s at %s: %s', (pattern, authority, may) => {
    const [host = '', port] = authority.split(':');
    expect(compilePattern(pattern).mayMatch({ host, port: Number(port) })).toBe(may);
  });

  test.each<[Pattern, string, boolean]>([
    ['https://api.pay.test:8443/**', 'api.pay.test', true],
    ['https://api.pay.test:8443/**', 'shop.test', false],
    ['https://api.pay.test:*/**', 'api.pay.test', true],
    ['https://{api,www}.pay.test:{8443,8444}/**', 'www.pay.test', true],
    ['https://{api.pay.test:1,www.pay.test:2}/**', 'www.pay.test', true],
    ['https://{api.pay.test:1,www.pay.test:2}/**', 'shop.test', false],
    ['**/v1/charges', 'shop.test', true],
    [{ host: '*.pay.test', port: 8443 }, 'api.pay.test', true],
    [{ host: '*.pay.test', port: 8443 }, 'shop.test', false],
    [{ port: 8443 }, 'shop.test', true],
  ])('could match %s at %s, whatever the port: %s', (pattern, host, may) => {
    expect(compilePattern(pattern).mayMatch({ host })).toBe(may);
  });
});

test('every field is judged, whatever the first one said', () => {
  const pattern = compilePattern('GET https://api.pay.test/v1/charge', {
    json: { amount: 1, currency: 'EUR' },
    headers: { a: 'b' },
  });
  const verdict = pattern.verdict(exchange(charge));
  expect(verdict.pass).toBe(false);
  expect(verdict.fields.map(({ field, pass }) => [field, pass])).toEqual([
    ['method', false],
    ['url', false],
    ['headers', false],
    ['json', false],
  ]);
});

test('nearer requests have smaller distances', () => {
  const pattern = compilePattern('POST https://api.pay.test/v1/charges', { json: { amount: 4200 } });
  const url = 'https://api.pay.test/v1/charges';
  const distances = [
    { method: 'POST', url, body: { amount: 4200 } },
    { method: 'POST', url, body: { amount: 4100 } },
    { method: 'POST', url, body: 'amount=4200' },
    { method: 'GET', url },
    { method: 'GET', url: 'https://api.pay.test/v1/customers' },
    { method: 'GET', url: 'https://shop.test/style.css' },
  ].map((sent) => pattern.verdict(exchange(sent)).distance);
  expect(distances[0]).toBe(0);
  expect(distances).toEqual([...distances].sort((a, b) => a - b));
  expect(new Set(distances).size).toBe(distances.length);
});

describe('by the server name', () => {
  test.each<[RequestPattern['sni'], string, boolean]>([
    ['shop.test', 'shop.test', true],
    ['SHOP.test', 'Shop.TEST', true],
    ['*.test', 'shop.test', true],
    ['bücher.test', 'xn--bcher-kva.test', true],
    [['a.test', 'shop.test'], 'shop.test', true],
    [/^shop/, 'shop.test', true],
    [null, 'shop.test', false],
  ])('%s matches %s: %s', (sni, serverName, matches) => {
    const request = exchange({});
    const client = { ...request.client, tls: { version: 'TLSv1.3', alpn: undefined, serverName } };
    const pattern = compilePattern({ sni });
    expect(pattern.matches({ request: request.request, client })).toBe(matches);
    expect(pattern.verdict({ request: request.request, client }).pass).toBe(matches);
    expect(pattern.matchesAuthority({ host: '127.0.0.1', port: 443, serverName })).toBe(matches);
  });

  test('nothing matches a request alone, of which it is not known', () => {
    const { request } = exchange({});
    for (const sni of [null, '*', () => true]) {
      expect(compilePattern({ sni }).matches({ request })).toBe(false);
      expect(compilePattern({ sni }).verdict({ request }).pass).toBe(false);
    }
  });
});
