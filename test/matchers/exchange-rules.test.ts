/** Which rules took part in an exchange, and what it was before them; over real connections. */
import { connect as tlsConnect } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { passthrough } from '../../fixtures/standalone.js';
import type { Change } from '../../matchers/mutate/change.js';
import { connectThrough } from '../client.js';
import { exchangeThrough, VERSIONS } from '../exchange-client.js';
import { harFaults } from '../journal/har/har-schema.js';
import { httpOrigin } from '../servers.js';
import { ANSWERERS, BODY, CART, HEADERS, shop, started, upstream } from './mutate/wire-setup.js';

/** The place of the line that calls it. */
function here(linesBelow = 0): string {
  const [, , frame = ''] = (new Error().stack ?? '').split('\n');
  const line = Number(/:(\d+):\d+\)?$/.exec(frame)?.[1]);
  return `test/matchers/exchange-rules.test.ts:${line + linesBelow}`;
}

describe('rules', () => {
  test('are the stub and then the mutations that took part, each with its pattern and its place', async () => {
    const waylay = await started();
    const first = here(1);
    waylay.mutate('https://shop.test/**', { response: { headers: { 'x-new': '1' } } });
    const stubbed = here(1);
    waylay.stubResponse({ url: CART, headers: { authorization: 'Bearer secret' } }, { json: {} });
    const second = here(1);
    waylay.mutate(`POST ${CART}`, { response: { delay: 1 } });
    waylay.mutate('https://other.test/**', { response: { status: 500 } });
    waylay.mutate(`GET ${CART}`, { response: { status: 500 } });
    const headers = { authorization: 'Bearer secret' };
    await exchangeThrough(waylay, 'http/1.1', { url: CART, method: 'POST', headers, body: '{}' });
    expect(waylay.exchanges[0]?.rules).toEqual([
      { kind: 'stub', pattern: `{ url: '${CART}', headers: { authorization: [masked] } }`, place: stubbed },
      { kind: 'mutation', pattern: 'https://shop.test/**', place: first },
      { kind: 'mutation', pattern: `POST ${CART}`, place: second },
    ]);
  });

  test('of an exchange that none concerns are none, and nothing is kept for them', async () => {
    const { origin } = await upstream('h2', (_, response) => response.end('ok'));
    const waylay = await started({ hosts: { 'shop.test': `127.0.0.1:${origin.port}` } });
    waylay.mutate(CART, ({ request }) => (request.method === 'PUT' ? { response: { status: 500 } } : undefined));
    waylay.mutate(CART, { response: { status: 500 } }, { probability: 0 });
    await exchangeThrough(waylay, 'h2', { url: CART });
    const [exchange] = waylay.exchanges;
    expect(exchange).toMatchObject({ rules: [], forwardedRequest: undefined, originalResponse: undefined });
    expect(exchange?.intervention).toBeUndefined();
    expect(JSON.stringify(exchange)).not.toContain('rules');
  });

  test('are those of a stub that lets through, or that answers a preflight', async () => {
    const { waylay } = await shop('an h1 upstream');
    const [through, allowing] = [here(1), here(2)];
    waylay.stubResponse(CART, passthrough());
    waylay.stubResponse('https://shop.test/charges', 200, { cors: true });
    await exchangeThrough(waylay, 'http/1.1', { url: CART });
    const headers = { origin: 'https://a.test', 'access-control-request-method': 'POST' };
    await exchangeThrough(waylay, 'http/1.1', { url: 'https://shop.test/charges', method: 'OPTIONS', headers });
    expect(waylay.exchanges.map(({ source, rules }) => [source, rules])).toEqual([
      ['upstream', [{ kind: 'stub', pattern: CART, place: through }]],
      ['stub', [{ kind: 'stub', pattern: 'https://shop.test/charges', place: allowing }]],
    ]);
  });

  test.each<[string, Change]>([
    ['a request that is reset', { request: { fault: 'reset' } }],
    ['a response that is reset', { response: { fault: 'reset' } }],
    ['a function that throws', { response: { json: () => expect.fail('no') } }],
  ])('are known of %s', async (_, change) => {
    const { waylay } = await shop('an h1 upstream');
    const place = here(1);
    waylay.mutate(CART, change);
    await exchangeThrough(waylay, 'http/1.1', { url: CART });
    expect(waylay.exchanges[0]).toMatchObject({
      source: 'failed',
      rules: [{ kind: 'mutation', pattern: CART, place }],
    });
  });

  test.each(['alert', 'leaf'] as const)('are known of a handshake that is failed by %s', async (kind) => {
    const waylay = await started();
    const place = here(1);
    waylay.mutate(
      { host: 'shop.test' },
      { tls: kind === 'alert' ? { alert: 'bad_certificate' } : { leaf: 'expired' } },
    );
    const socket = await connectThrough(waylay.port, 'shop.test:443');
    await new Promise((resolve) => {
      const secured = tlsConnect({ socket, servername: 'shop.test', ca: waylay.ca.pem }, () => secured.destroy());
      secured.on('error', () => {});
      secured.on('close', resolve);
    });
    await expect.poll(() => waylay.exchanges.length).toBe(1);
    expect(waylay.exchanges[0]).toMatchObject({
      source: 'failed',
      rules: [{ kind: 'mutation', pattern: "{ host: 'shop.test' }", place }],
    });
  });

  test('stay known when the rule is taken back, and are one object for all that it takes part in', async () => {
    const waylay = await started();
    const stub = waylay.stubResponse('https://shop.test/**', 200);
    await exchangeThrough(waylay, 'h2', { url: 'https://shop.test/a' });
    await exchangeThrough(waylay, 'h2', { url: 'https://shop.test/b' });
    stub.remove();
    const [a, b] = waylay.exchanges;
    expect(a?.rules).toHaveLength(1);
    expect(a?.rules[0]).toBe(b?.rules[0]);
  });
});

const POST = { url: CART, method: 'POST', headers: { 'content-type': 'application/json', 'x-old': 'old' }, body: BODY };

describe.each(VERSIONS)('a request over %s', (version) => {
  describe.each(['h2', 'http/1.1'] as const)('to an upstream of %s', (alpn) => {
    test.each<[string, Change]>([
      ['method', { request: { method: 'PUT' } }],
      ['url', { request: { url: 'https://shop.test/v2?a=1' } }],
      ['headers', { request: { headers: { 'x-old': null, 'x-new': 'new' } } }],
      ['json', { request: { json: { n: 2 } } }],
      ['body, by function', { request: { body: (old) => `${old} ` } }],
      [
        'stream',
        {
          request: {
            stream: async function* (old) {
              yield* old;
              yield 'more';
            },
          },
        },
      ],
      ['json, and slowly', { request: { json: { n: 2 }, slice: 1, delay: 1 } }],
    ])('is kept as it was forwarded where its %s was changed', async (_, change) => {
      const { origin, seen } = await upstream(alpn, (_request, response) => response.end('ok'));
      const waylay = await started({ hosts: { 'shop.test': `127.0.0.1:${origin.port}` } });
      waylay.stubResponse('https://shop.test/stubbed', 200); // so that either version meets either
      waylay.mutate('https://shop.test/**', change);
      await exchangeThrough(waylay, version, POST);
      const [{ request, forwardedRequest, originalResponse }] = waylay.exchanges as never as [
        (typeof waylay.exchanges)[0],
      ];
      const [got] = seen;
      expect([request.method, request.url, request.text(), request.header('x-old')]).toEqual([
        'POST',
        CART,
        BODY,
        'old',
      ]);
      expect(forwardedRequest?.method).toBe(got?.method);
      expect(new URL(forwardedRequest?.url ?? '').pathname).toBe(got?.url?.replace(/\?.*/, ''));
      expect(forwardedRequest?.text()).toBe(got?.body);
      for (const name of ['x-old', 'x-new', 'content-type']) {
        expect([name, forwardedRequest?.header(name)]).toEqual([name, got?.headers[name]]);
      }
      expect(originalResponse).toBeUndefined();
    });
  });

  test('that only takes its time is the one that the client sent', async () => {
    const { waylay } = await shop('an h2 upstream');
    waylay.mutate(CART, { request: { delay: 1, slice: 2 } });
    await exchangeThrough(waylay, version, POST);
    expect(waylay.exchanges[0]).toMatchObject({ mutated: true, forwardedRequest: undefined });
  });

  test('whose upstream cannot be reached is kept as it would have been', async () => {
    const waylay = await started({ hosts: { '*.gone.test': '127.0.0.1:1' } });
    waylay.mutate(CART, { request: { url: 'https://api.gone.test/cart' } });
    await exchangeThrough(waylay, version, POST);
    expect(waylay.exchanges[0]?.error).toBeDefined();
    expect(waylay.exchanges[0]?.forwardedRequest?.url).toBe('https://api.gone.test/cart');
  });
});

describe.each(ANSWERERS)('the response of %s', (answerer) => {
  describe.each(VERSIONS)('to a client of %s', (version) => {
    test.each<[string, Change, boolean]>([
      ['status', { response: { status: 503 } }, true],
      ['headers', { response: { headers: { 'x-old': null } } }, true],
      ['trailers', { response: { trailers: { 'x-sum': 'def' } } }, true],
      ['pace', { response: { delay: 1, slice: 2 } }, true],
      ['json', { response: { json: { m: 1 } } }, false],
      ['text, by function', { response: { text: (old) => old.toUpperCase() } }, false],
      [
        'stream',
        {
          response: {
            stream: async function* (old) {
              yield 'more';
              yield* old;
            },
          },
        },
        false,
      ],
      ['body, to none', { response: { status: 204 } }, false],
      ['end', { response: { fault: 'truncate', after: 2 } }, false],
    ])('is kept as it was where its %s was changed', async (_, change, sameBody) => {
      const { waylay } = await shop(answerer, 'gzip');
      // The client gets this where nothing is changed.
      const direct = await exchangeThrough(waylay, version, { url: CART });
      waylay.mutate(CART, change);
      await exchangeThrough(waylay, version, { url: CART });
      const [plain, changed] = waylay.exchanges;
      const original = changed?.originalResponse;
      expect(changed?.mutated).toBe(true);
      expect(original?.status).toBe(direct.status);
      await changed?.finished().catch(() => {});
      // A response that is broken off is kept as far as it came.
      if (changed?.error === undefined) expect(original?.text()).toBe(BODY);
      expect(direct.body.subarray(0, original?.captured.size)).toEqual(original?.body);
      expect(original?.rawHeaders.map((word) => word.toLowerCase())).toEqual(
        expect.arrayContaining(Object.entries(HEADERS).flat()),
      );
      if (changed?.error === undefined) expect(original?.trailers).toEqual(plain?.response?.trailers);
      expect(original?.captured === changed?.response?.captured).toBe(sameBody);
    });
  });
});

describe('the record of changed bodies', () => {
  const large = Buffer.alloc(3000, 'a');

  test('is cut as any body is', async () => {
    const waylay = await started({ captureLimit: 1000 });
    waylay.stubResponse('https://shop.test/**', { body: large });
    waylay.mutate('https://shop.test/**', { response: { body: 'small' } });
    await exchangeThrough(waylay, 'h2', { url: CART });
    expect(waylay.exchanges[0]?.originalResponse?.captured).toMatchObject({ size: 3000, kept: 1000, complete: true });
  });

  test('counts among the bytes of the journal, and is forgotten with the rest', async () => {
    const waylay = await started({ journalLimit: { bytes: 7000 } });
    waylay.stubResponse('https://shop.test/**', { body: large });
    waylay.mutate('https://shop.test/small', { response: { body: 'small' } });
    waylay.mutate('https://shop.test/as-it-is', { response: { status: 201 } });
    await exchangeThrough(waylay, 'h2', { url: 'https://shop.test/small' });
    await exchangeThrough(waylay, 'h2', { url: 'https://shop.test/as-it-is' });
    const kept = () =>
      waylay.exchanges.map(({ response, originalResponse }) => [
        response?.captured.kept,
        originalResponse?.captured.kept,
      ]);
    // A body that stays the same counts once.
    expect(kept()).toEqual([
      [5, 3000],
      [3000, 3000],
    ]);
    await exchangeThrough(waylay, 'h2', { url: CART });
    expect(kept()).toEqual([
      [0, 0],
      [3000, 3000],
      [3000, undefined],
    ]);
  });
});

describe('the HAR', () => {
  test('has the rules, and the messages on the other side of the changes, masked', async () => {
    const { waylay } = await shop('an h1 upstream');
    const place = here(1);
    waylay.mutate(CART, {
      request: { headers: { authorization: 'Bearer other' }, json: { n: 2 } },
      response: { headers: { 'set-cookie': 'b=secret' }, text: 'hello' },
    });
    await exchangeThrough(waylay, 'h2', { ...POST, headers: { ...POST.headers, authorization: 'Bearer mine' } });
    const har = JSON.parse(JSON.stringify(waylay.har()));
    expect(harFaults(har)).toEqual([]);
    const [entry] = har.log.entries;
    expect(entry).toMatchObject({
      _mutated: true,
      _rules: [{ kind: 'mutation', pattern: CART, place }],
      request: { postData: { text: BODY } },
      response: { content: { text: 'hello' } },
      _forwardedRequest: { method: 'POST', url: CART, postData: { text: '{"n":2}' } },
      _originalResponse: { status: 200, content: { text: BODY } },
    });
    expect(JSON.stringify(entry)).not.toMatch(/Bearer|secret/);
  });

  test('has the head of a WebSocket as its server gave it', async () => {
    const origin = await httpOrigin(() => {});
    const server = new WebSocketServer({ noServer: true });
    origin.server.on('upgrade', (request, socket, head) => server.handleUpgrade(request, socket, head, () => {}));
    const waylay = await started({ hosts: { 'shop.test': `127.0.0.1:${origin.port}` } });
    waylay.mutate({ websocket: true }, { response: { headers: { 'x-new': '1' } } });
    const socket = await connectThrough(waylay.port, 'shop.test:80');
    const client = new WebSocket('ws://shop.test/chat', { createConnection: () => socket });
    await new Promise((resolve) => client.on('open', resolve));
    client.terminate();
    await waylay.exchanges[0]?.finished().catch(() => {});
    const [entry] = JSON.parse(JSON.stringify(waylay.har())).log.entries;
    const names = (headers: { name: string }[]) => headers.map(({ name }) => name);
    expect(names(entry.response.headers)).toContain('x-new');
    expect(entry._rules).toHaveLength(1);
    expect(entry._originalResponse).toMatchObject({ status: 101, _sameBody: true });
    expect(names(entry._originalResponse.headers)).toEqual(
      names(entry.response.headers).filter((name) => name !== 'x-new'),
    );
  });

  test('has a body that nobody changed once', async () => {
    const { waylay } = await shop('a stub');
    waylay.mutate(CART, { request: { headers: { 'x-new': '1' } }, response: { status: 201 } });
    await exchangeThrough(waylay, 'h2', POST);
    const [entry] = JSON.parse(JSON.stringify(waylay.har())).log.entries;
    expect(entry._originalResponse).toMatchObject({
      status: 200,
      content: { comment: 'The client received the same body.' },
    });
    expect(entry._originalResponse.content).not.toHaveProperty('text');
    expect(entry).not.toHaveProperty('_forwardedRequest');
  });

  test('of an exchange that no rule concerns says nothing of them', async () => {
    const { waylay } = await shop('an h1 upstream');
    await exchangeThrough(waylay, 'http/1.1', { url: CART });
    const text = JSON.stringify(waylay.har());
    for (const name of ['_rules', '_forwardedRequest', '_originalResponse']) expect(text).not.toContain(name);
  });
});
