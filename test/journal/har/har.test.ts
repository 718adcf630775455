import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ClientError, TestError, UpstreamError, type WaylayError } from '../../../src/errors.js';
import type { Timing, UpstreamInfo } from '../../../src/journal/exchange.js';
import { toHar } from '../../../src/journal/har/har.js';
import { DEFAULT_MASK } from '../../../src/journal/mask/mask.js';
import { type ExchangeInit, makeExchange } from '../exchanges.js';
import { seeded } from '../seeded.js';
import { entriesOf, entryOf } from './har-entries.js';
import { harFaults } from './har-schema.js';

const upstream: UpstreamInfo = {
  address: '192.0.2.7',
  port: 8443,
  proxy: 'proxy.corp:3128',
  tls: { version: 'TLSv1.3', alpn: 'http/1.1', serverName: 'shop.test' },
  certificate: {
    subject: 'CN=shop.test',
    issuer: 'CN=Some CA',
    subjectAltName: 'DNS:shop.test',
    validFrom: new Date('2026-01-01T00:00:00Z'),
    validTo: new Date('2026-04-01T00:00:00.900Z'),
    defect: undefined,
  },
  reused: false,
};

const refused = new UpstreamError('WAYLAY_UPSTREAM_REFUSED', 'Nothing listens on shop.test:443. Start the server.');

const complete: ExchangeInit = {
  id: 7,
  method: 'POST',
  url: 'https://shop.test/api/cart?item=a+b&item=%C3%A9&empty#part',
  headers: ['Host', 'shop.test', 'X-One', '1', 'x-one', '2', 'Content-Type', 'application/json'],
  request: { body: '{"amount":1}' },
  response: {
    status: 201,
    statusText: 'Created',
    headers: ['Content-Type', 'application/json; charset=utf-8', 'Via', 'a', 'Set-Cookie', 'a=1', 'VIA', 'b'],
    body: '{"ok":"é"}',
    trailers: ['X-Sum', 'abc'],
  },
  upstream,
  timing: { connectStart: 2, connected: 5, secureStart: 5, secured: 12, sent: 13, responseStart: 20, end: 25.5 },
};

describe('the checker of the specification', () => {
  const good = () => JSON.parse(JSON.stringify(toHar([makeExchange(complete)], { version: '1' })));

  test.each<[string, (har: ReturnType<typeof good>) => void, string]>([
    ['a missing field', (har) => delete har.log.entries[0].request.headers, 'is missing'],
    ['a field of no specification', (har) => (har.log.entries[0].surprise = 1), 'is unknown'],
    [
      'a date without milliseconds',
      (har) => (har.log.entries[0].startedDateTime = '2026-01-01T00:00:00Z'),
      'is no ISO',
    ],
    ['a time that is not the sum', (har) => (har.log.entries[0].time += 1), 'add up'],
    [
      'a WebSocket message of neither side',
      (har) => (har.log.entries[0]._webSocketMessages = [{ type: 'error', time: 1, opcode: 1, data: '' }]),
      'is none of send, receive',
    ],
    ['a negative wait', (har) => (har.log.entries[0].timings.wait = -1), 'is no number from 0'],
  ])('finds %s', (_, spoil, fault) => {
    const har = good();
    expect(harFaults(har)).toEqual([]);
    spoil(har);
    expect(harFaults(har).join('\n')).toContain(fault);
  });
});

describe('the log', () => {
  test('has the version of the format and of its creator, and keeps the order', () => {
    const exchanges = [3, 1, 2].map((id) => makeExchange({ id }));
    const { log } = toHar(exchanges, { version: '1.2.3' });
    expect(log.version).toBe('1.2');
    expect(log.creator).toEqual({ name: 'Waylay', version: '1.2.3' });
    expect(log.entries.map((entry) => entry._id)).toEqual([3, 1, 2]);
    expect(log.pages).toBeUndefined();
  });

  test('groups by the page that started last before the exchange', () => {
    const page = (id: string, startedDateTime: string) => ({ id, title: id, startedDateTime, pageTimings: {} });
    const pages = [page('one', '2026-01-02T03:04:05.006Z'), page('two', '2026-01-02T03:04:05.106Z')];
    const exchanges = [-1, 0, 99, 100].map((start) => makeExchange({ timing: { start } }));
    expect(entriesOf(exchanges, { pages }).map(({ pageref }) => pageref)).toEqual([undefined, 'one', 'one', 'two']);
    expect(toHar([], { version: '1', pages }).log.pages).toEqual(pages);
  });
});

describe('a complete exchange', () => {
  const entry = entryOf(complete, { mask: [] });

  test('says when, where and through what', () => {
    expect(entry).toMatchObject({
      startedDateTime: '2026-01-02T03:04:05.006Z',
      cache: {},
      serverIPAddress: '192.0.2.7',
      connection: '50001',
      _id: 7,
      _source: 'upstream',
      _mutated: false,
      _serverPort: 8443,
      _proxy: 'proxy.corp:3128',
      _securityDetails: {
        protocol: 'TLS 1.3',
        subjectName: 'CN=shop.test',
        issuer: 'CN=Some CA',
        validFrom: Date.UTC(2026, 0, 1) / 1000,
        validTo: Date.UTC(2026, 3, 1) / 1000,
        subjectAltName: 'DNS:shop.test',
      },
    });
    expect(entry.comment).toBeUndefined();
    expect(entry._resourceType).toBeUndefined();
  });

  test('has its request', () => {
    expect(entry.request).toEqual({
      method: 'POST',
      url: 'https://shop.test/api/cart?item=a+b&item=%C3%A9&empty',
      httpVersion: 'HTTP/1.1',
      cookies: [],
      headers: [
        { name: 'Host', value: 'shop.test' },
        { name: 'X-One', value: '1' },
        { name: 'x-one', value: '2' },
        { name: 'Content-Type', value: 'application/json' },
      ],
      queryString: [
        { name: 'item', value: 'a b' },
        { name: 'item', value: 'é' },
        { name: 'empty', value: '' },
      ],
      postData: { mimeType: 'application/json', params: [], text: '{"amount":1}' },
      headersSize: Buffer.byteLength(
        'POST /api/cart?item=a+b&item=%C3%A9&empty HTTP/1.1\r\n' +
          'Host: shop.test\r\nX-One: 1\r\nx-one: 2\r\nContent-Type: application/json\r\n\r\n',
      ),
      bodySize: 12,
    });
  });

  test('has its response', () => {
    const headersSize = Buffer.byteLength(
      'HTTP/1.1 201 Created\r\n' +
        'Content-Type: application/json; charset=utf-8\r\nVia: a\r\nSet-Cookie: a=1\r\nVIA: b\r\n\r\n',
    );
    expect(entry.response).toEqual({
      status: 201,
      statusText: 'Created',
      httpVersion: 'HTTP/1.1',
      cookies: [{ name: 'a', value: '1', httpOnly: false, secure: false }],
      headers: [
        { name: 'Content-Type', value: 'application/json; charset=utf-8' },
        { name: 'Via', value: 'a' },
        { name: 'Set-Cookie', value: 'a=1' },
        { name: 'VIA', value: 'b' },
      ],
      content: { size: 11, mimeType: 'application/json; charset=utf-8', text: '{"ok":"é"}' },
      redirectURL: '',
      headersSize,
      bodySize: 11,
      _transferSize: headersSize + 11,
      _trailers: [{ name: 'X-Sum', value: 'abc' }],
    });
  });

  test('counts the head of a request without a path', () => {
    const size = Buffer.byteLength('GET /?a=1 HTTP/1.1\r\n\r\n');
    expect(entryOf({ url: 'https://shop.test?a=1' }).request.headersSize).toBe(size);
  });

  test('of HTTP/2 has no size of heads, since they were compressed', () => {
    const { request, response } = entryOf({ ...complete, httpVersion: '2.0' });
    expect([request.httpVersion, response.httpVersion]).toEqual(['HTTP/2.0', 'HTTP/2.0']);
    expect([request.headersSize, response.headersSize]).toEqual([-1, -1]);
    expect(response._transferSize).toBe(11);
  });

  test('says where it was redirected to', () => {
    const response = { status: 302, headers: ['location', '/login?next=%2F'] };
    expect(entryOf({ response }).response.redirectURL).toBe('/login?next=%2F');
  });

  test('is marked where it was mutated, a stub, a WebSocket', () => {
    expect(entryOf({ mutated: true, source: 'stub' })).toMatchObject({ _mutated: true, _source: 'stub' });
    expect(entryOf({ url: 'wss://shop.test/live', websocket: true })._resourceType).toBe('websocket');
  });

  test.each([
    ['TLSv1.2', 'TLS 1.2'],
    ['TLSv1', 'TLS 1.0'],
  ])('names %s as browsers do', (version, protocol) => {
    const tls = { version, alpn: undefined, serverName: undefined };
    const entry = entryOf({ upstream: { ...upstream, tls, certificate: undefined } });
    expect(entry._securityDetails).toEqual({ protocol });
  });
});

describe('timings', () => {
  const timingsOf = (timing: Partial<Timing>) => {
    const { timings, time } = entryOf({ timing });
    return { ...timings, time };
  };

  test.each<[string, Partial<Timing>, object]>([
    [
      'a new connection',
      { connectStart: 2, connected: 5, secureStart: 5, secured: 12, sent: 13, responseStart: 20, end: 25.5 },
      { blocked: 2, dns: -1, connect: 10, ssl: 7, send: 1, wait: 7, receive: 5.5, time: 25.5 },
    ],
    [
      'a connection without TLS',
      { connectStart: 0, connected: 5, sent: 5, responseStart: 6, end: 7 },
      { blocked: 0, dns: -1, connect: 5, ssl: -1, send: 0, wait: 1, receive: 1, time: 7 },
    ],
    [
      'a connection that was there',
      { sent: 1, responseStart: 3, end: 7 },
      { blocked: -1, dns: -1, connect: -1, ssl: -1, send: 1, wait: 2, receive: 4, time: 7 },
    ],
    [
      'a connection made for it before it came',
      { connectStart: -30, connected: -28, secureStart: -28, secured: -20, sent: 1, responseStart: 3, end: 7 },
      { blocked: -1, dns: -1, connect: 10, ssl: 8, send: 1, wait: 2, receive: 4, time: 17 },
    ],
    [
      'a stub',
      { responseStart: 500, end: 501 },
      { blocked: -1, dns: -1, connect: -1, ssl: -1, send: 0, wait: 500, receive: 1, time: 501 },
    ],
    [
      'an answer before the request was sent in full',
      { responseStart: 3, sent: 5, end: 7 },
      { blocked: -1, dns: -1, connect: -1, ssl: -1, send: 3, wait: 0, receive: 4, time: 7 },
    ],
    [
      'a failure while connecting',
      { connectStart: 1, end: 9 },
      { blocked: 1, dns: -1, connect: 8, ssl: -1, send: 0, wait: 0, receive: 0, time: 9 },
    ],
    [
      'a failure in the TLS handshake',
      { connectStart: 1, connected: 3, secureStart: 3, end: 9 },
      { blocked: 1, dns: -1, connect: 8, ssl: 6, send: 0, wait: 0, receive: 0, time: 9 },
    ],
    [
      'a failure while waiting',
      { sent: 1, end: 9 },
      { blocked: -1, dns: -1, connect: -1, ssl: -1, send: 1, wait: 8, receive: 0, time: 9 },
    ],
    [
      'a pending one',
      { connectStart: 1, connected: 3, sent: 4 },
      { blocked: 1, connect: 2, send: 1, wait: 0, time: 4 },
    ],
    ['one that has just come', {}, { blocked: -1, connect: -1, send: 0, wait: 0, receive: 0, time: 0 }],
  ])('of %s are told apart', (_, timing, expected) => {
    expect(timingsOf(timing)).toMatchObject(expected);
  });

  test('add up to the time from start to end, wherever the exchange stopped', () => {
    const random = seeded(1);
    const marks = ['connectStart', 'connected', 'secureStart', 'secured', 'sent', 'responseStart'] as const;
    for (let round = 0; round < 300; round++) {
      const reached = Math.floor(random() * (marks.length + 1));
      const skipped = random() < 0.5 ? marks.slice(0, 4) : random() < 0.5 ? marks.slice(2, 4) : [];
      const timing: Partial<Timing> = {};
      let now = 0;
      for (const mark of marks.slice(0, reached)) {
        now += random() * 10;
        if (!(skipped as readonly string[]).includes(mark)) timing[mark] = now;
      }
      timing.end = now + random() * 10;
      expect(entryOf({ timing }).time, JSON.stringify(timing)).toBeCloseTo(timing.end, 1);
    }
  });
});

describe('masking', () => {
  const init: ExchangeInit = {
    headers: ['Authorization', 'Bearer s3cret', 'Cookie', 'sid=s3cret', 'X-API-Key', 's3cret', 'x-team', 'blue'],
    response: {
      headers: ['Set-Cookie', 'sid=s3cret; Path=/', 'Location', '/next'],
      trailers: ['X-Api-Key', 's3cret'],
    },
  };

  test('hides the values of the default names, in headers, trailers and cookies', () => {
    const entry = entryOf(init);
    expect(JSON.stringify(entry)).not.toContain('s3cret');
    expect(entry.request.headers).toEqual([
      { name: 'Authorization', value: '[masked]' },
      { name: 'Cookie', value: '[masked]' },
      { name: 'X-API-Key', value: '[masked]' },
      { name: 'x-team', value: 'blue' },
    ]);
    expect(entry.request.cookies).toEqual([{ name: 'sid', value: '[masked]' }]);
    expect(entry.response.cookies).toMatchObject([{ name: 'sid', value: '[masked]', path: '/' }]);
    expect(entry.response.redirectURL).toBe('/next');
  });

  test('has the names that the documentation lists', () => {
    const headers = DEFAULT_MASK.filter((rule) => typeof rule === 'string');
    const documented =
      readFileSync('docs/troubleshooting.md', 'utf8').split('## `[masked]`')[1]?.split('\n## ')[0] ?? '';
    for (const name of headers) expect(documented).toContain(`\`${name}\``);
    expect(headers.slice(0, 4)).toEqual(['authorization', 'cookie', 'set-cookie', 'proxy-authorization']);
    expect(headers).toContain('x-api-key');
  });

  const fieldsOf: ExchangeInit = {
    method: 'POST',
    url: 'https://shop.test/login?access_token=s3cret&b=2',
    headers: ['Content-Type', 'application/json', 'Referer', 'https://shop.test/?id_token=s3cret'],
    request: { body: JSON.stringify({ user: 'ada', password: 's3cret' }) },
    response: {
      headers: ['Content-Type', 'application/json', 'Location', 'https://shop.test/#access_token=s3cret'],
      body: JSON.stringify({ session: { refreshToken: 's3cret' }, n: 1 }),
    },
  };

  test('hides fields of queries, forms and JSON, in requests and responses alike', () => {
    const entry = entryOf(fieldsOf);
    expect(JSON.stringify(entry)).not.toContain('s3cret');
    expect(entry.request.url).toBe('https://shop.test/login?access_token=[masked]&b=2');
    expect(entry.request.queryString).toEqual([
      { name: 'access_token', value: '[masked]' },
      { name: 'b', value: '2' },
    ]);
    expect(entry.request.postData?.text).toBe('{"user":"ada","password":"[masked]"}');
    expect(entry.response.content.text).toBe('{"session":{"refreshToken":"[masked]"},"n":1}');
    expect(entry.response.redirectURL).toBe('https://shop.test/#access_token=[masked]');
    const form = entryOf({
      method: 'POST',
      headers: ['Content-Type', 'application/x-www-form-urlencoded'],
      request: { body: 'user=ada&password=s3cret' },
    });
    expect(form.request.postData).toMatchObject({
      text: 'user=ada&password=[masked]',
      params: [
        { name: 'user', value: 'ada' },
        { name: 'password', value: '[masked]' },
      ],
    });
  });

  test('shows all of that where nothing is to be masked', () => {
    expect(JSON.stringify(entryOf(fieldsOf, { mask: [] })).match(/s3cret/g)?.length).toBeGreaterThan(6);
  });

  test('takes other names instead, in any case', () => {
    const entry = entryOf(init, { mask: ['X-Team', 'LOCATION'] });
    expect(entry.request.headers.at(-1)).toEqual({ name: 'x-team', value: '[masked]' });
    expect(entry.request.headers[0]).toEqual({ name: 'Authorization', value: 'Bearer s3cret' });
    expect(entry.request.cookies).toEqual([{ name: 'sid', value: 's3cret' }]);
    expect(entry.response.redirectURL).toBe('[masked]');
  });
});

describe('an exchange that is not complete', () => {
  test('has status 0 and the reason where it failed, under the names of Playwright and Chrome', () => {
    const { response, time } = entryOf({ source: 'failed', error: refused, timing: { connectStart: 1, end: 3 } });
    const reason = 'WAYLAY_UPSTREAM_REFUSED: Nothing listens on shop.test:443. Start the server.';
    expect(response).toEqual({
      status: 0,
      statusText: '',
      httpVersion: 'HTTP/1.1',
      cookies: [],
      headers: [],
      content: { size: 0, mimeType: 'x-unknown' },
      redirectURL: '',
      headersSize: -1,
      bodySize: -1,
      _transferSize: -1,
      _failureText: reason,
      _error: reason,
    });
    expect(time).toBe(3);
  });

  test('has what came, and the reason, where it failed inside its response', () => {
    const { response } = entryOf({
      response: { status: 200, headers: ['Content-Type', 'text/plain'], body: 'abc', complete: false },
      error: new UpstreamError('WAYLAY_UPSTREAM_TRUNCATED', 'It ended early.'),
      timing: { responseStart: 1, end: 2 },
    });
    expect(response).toMatchObject({ status: 200, bodySize: 3, _error: 'WAYLAY_UPSTREAM_TRUNCATED: It ended early.' });
    expect(response.content).toMatchObject({ text: 'abc', comment: 'The body did not arrive in full: 3 bytes came.' });
  });

  test('has no response and no failure where it is pending', () => {
    const entry = entryOf({ request: { complete: false } });
    expect(entry.comment).toBe('Pending: no response yet.');
    expect(entry.request.bodySize).toBe(-1);
    expect(entry.response).toMatchObject({ status: 0, bodySize: -1 });
    expect(entry.response).not.toHaveProperty('_failureText');
  });

  test('has what came where it is pending in its response', () => {
    const entry = entryOf({ response: { body: 'ab', complete: false }, timing: { responseStart: 1 } });
    expect(entry.comment).toBe('Pending: the response had not ended.');
    expect(entry.response).toMatchObject({ status: 200, bodySize: -1 });
    expect(entry.response.content).toMatchObject({ text: 'ab', comment: expect.stringContaining('2 bytes came') });
  });

  test('is said to be unread where it is a tunnel', () => {
    const entry = entryOf({ method: 'CONNECT', source: 'tunnel', timing: { end: 9 } });
    expect(entry).toMatchObject({ _source: 'tunnel', comment: expect.stringContaining('Relayed unread') });
    expect(entry.response.status).toBe(0);
    expect(entry.request.headersSize).toBe(-1);
  });

  test('never makes it throw, whatever the state', () => {
    const random = seeded(2);
    const pick = <T>(...choices: T[]): T => choices[Math.floor(random() * choices.length)] as T;
    const bytes = () =>
      Buffer.from(Array.from({ length: Math.floor(random() * 40) }, () => Math.floor(random() * 256)));
    for (let round = 0; round < 500; round++) {
      const headers = () =>
        pick(
          [],
          ['Content-Type'],
          ['Content-Type', pick('', ';', 'text/plain; charset=nonsense', 'application/x-www-form-urlencoded')],
          ['Content-Encoding', pick('', ',', 'gzip', 'deflate', 'br', 'zstd', '__proto__'), 'Content-Type', 'text/css'],
          ['Set-Cookie', pick('', '=', ';;', 'a; Expires=; Max-Age=-1', 'a=b; Max-Age=99999999999999')],
          ['Cookie', pick('', ';', '=;=', 'a')],
        );
      const message = () => ({ headers: headers(), body: bytes(), complete: random() < 0.5 });
      const { headers: requestHeaders, ...request } = message();
      const exchange = makeExchange({
        url: pick('https://shop.test/?%', 'http://[::1]/%ff?a=%ff&=&&', 'wss://shop.test/?#?'),
        method: pick('GET', 'CONNECT', 'PROPFIND'),
        headers: requestHeaders,
        httpVersion: pick('1.0', '1.1', '2.0'),
        request,
        response: random() < 0.7 ? { status: pick(101, 200, 304, 999), ...message() } : undefined,
        captureLimit: pick(0, 10, 100),
        source: pick('upstream', 'stub', 'refused', 'failed', 'tunnel'),
        error: pick<WaylayError | undefined>(
          undefined,
          refused,
          new ClientError('WAYLAY_CLIENT_ABORTED', ''),
          new TestError('WAYLAY_HANDLER', 'x'),
        ),
        upstream: pick(undefined, upstream),
        timing: pick({}, { end: 1 }, { responseStart: 5, end: 1 }, { secured: 3 }, { secureStart: 1, sent: 3, end: 4 }),
      });
      entriesOf([exchange]);
    }
  });

  test.each(['', '*', 'shop.test:443', '/path?x=1', 'https://'])('may have %j for a URL', (url) => {
    const har = toHar([makeExchange({ url })], { version: '1' });
    expect(har.log.entries[0]?.request.url).toBe(url);
  });

  test('may have dates that are none', () => {
    const certificate = { ...(upstream.certificate as object), validFrom: new Date(Number.NaN) } as never;
    const exchange = makeExchange({ upstream: { ...upstream, certificate }, timing: { start: Number.NaN } });
    const entry = JSON.parse(JSON.stringify(toHar([exchange], { version: '1' }))).log.entries[0];
    expect(entry.startedDateTime).toBe('1970-01-01T00:00:00.000Z');
    expect(entry._securityDetails).not.toHaveProperty('validFrom');
  });
});
