import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Change } from '../../../matchers/mutate/change.js';
import { ask, exchangeThrough, type SentRequest, VERSIONS } from '../../exchange-client.js';
import { httpOrigin } from '../../servers.js';
import { CART, type Seen, started, upstream } from './wire-setup.js';

const ALPN = ['http/1.1', 'h2'] as const;
const PAIRS = VERSIONS.flatMap((version) => ALPN.map((alpn) => ({ version, alpn })));

const SENT = { url: CART, method: 'POST', headers: { 'x-old': 'old', 'content-digest': 'x' }, body: '{"n":1}' };

/** An upstream that answers with what it got, dialled when a request needs it. */
async function shop(alpn: (typeof ALPN)[number]) {
  const { origin, seen } = await upstream(alpn, (_, response, { body }) => response.end(`got ${body}`));
  const waylay = await started({ hosts: { 'shop.test': `127.0.0.1:${origin.port}` } });
  waylay.stubResponse('https://shop.test/stubbed', 201);
  return { waylay, seen };
}

const namedHost = ({ headers }: Seen) => headers.host ?? headers[':authority'];

const ROWS: readonly [string, Change, Partial<Seen>][] = [
  ['method', { request: { method: 'PUT' } }, { method: 'PUT' }],
  [
    'method, by function',
    { request: { method: async (old, { id }) => (old === 'POST' && id === 1 ? 'PATCH' : old) } },
    { method: 'PATCH' },
  ],
  ['url: another path', { request: { url: (old) => `${old}?page=2` } }, { url: '/api/cart?page=2' }],
  [
    'headers',
    { request: { headers: { 'x-new': '1', 'x-old': null } } },
    { headers: expect.not.objectContaining({ 'x-old': 'old' }) },
  ],
  [
    'headers, by function',
    { request: { headers: { 'x-old': async (old, { request }) => `${old} ${request.method}` } } },
    { headers: expect.objectContaining({ 'x-old': 'old POST', 'content-digest': 'x' }) },
  ],
  [
    'json',
    { request: { json: { m: 22 } } },
    { body: '{"m":22}', headers: expect.not.objectContaining({ 'content-digest': 'x' }) },
  ],
  ['json, by function', { request: { json: async (old: object) => ({ ...old, m: 2 }) } }, { body: '{"n":1,"m":2}' }],
  ['text', { request: { text: (old) => old.replace('n', 'nn') } }, { body: '{"nn":1}' }],
  ['body', { request: { body: (old) => old.subarray(1) } }, { body: '"n":1}' }],
  [
    'stream',
    {
      request: {
        stream: async function* (chunks) {
          for await (const chunk of chunks) yield String(chunk).toUpperCase();
          yield '!';
        },
      },
    },
    { body: '{"N":1}!' },
  ],
  ['how it travels', { request: { delay: 1, jitter: 1, bandwidth: 10_000, slice: 2 } }, {}],
];

describe.each(PAIRS)('a request over $version to $alpn', ({ version, alpn }) => {
  test.each(ROWS)('is sent with what was changed: %s', async (_, change, expected) => {
    const { waylay, seen } = await shop(alpn);
    const mutation = waylay.mutate(CART, change);
    const received = await exchangeThrough(waylay, version, SENT);
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ method: 'POST', url: '/api/cart', body: '{"n":1}', ...expected });
    expect([received.status, String(received.body)]).toEqual([200, `got ${expected.body ?? '{"n":1}'}`]);
    expect(mutation.hits).toBe(1);
    expect(waylay.exchanges[0]?.request.text()).toBe('{"n":1}');
    expect(waylay.verify()).toBeUndefined();
  });

  test('has several changes apply in their order, streams among them', async () => {
    const { waylay, seen } = await shop(alpn);
    const append = (text: string): Change => ({
      request: {
        stream: async function* (chunks) {
          yield* chunks;
          yield text;
        },
      },
    });
    waylay.mutate('**', append('a'));
    waylay.mutate('**', append('b'));
    waylay.mutate('https://shop.test/whole', { request: { text: (old) => `<${old}>` } });
    waylay.mutate('https://shop.test/replaced', { request: { text: 'new' } });
    waylay.mutate('https://shop.test/replaced', append('c'));
    for (const name of ['', 'whole', 'replaced']) {
      await exchangeThrough(waylay, version, { ...SENT, url: `https://shop.test/${name}` });
    }
    // A body can be put where there is none.
    await exchangeThrough(waylay, version, { url: 'https://shop.test/replaced', method: 'DELETE' });
    expect(seen.map(({ body }) => body)).toEqual(['{"n":1}ab', '<{"n":1}ab>', 'newc', 'newc']);
  });

  test('goes to another upstream', async () => {
    const { waylay, seen } = await shop(alpn);
    waylay.mutate('https://nowhere.test/**', { request: { url: (old) => old.replace('nowhere.test', 'shop.test') } });
    const { status } = await exchangeThrough(waylay, version, { ...SENT, url: 'https://nowhere.test/api/cart' });
    expect(status).toBe(200);
    expect(seen[0]).toMatchObject({ method: 'POST', url: '/api/cart', body: '{"n":1}' });
    expect(namedHost(seen[0] as Seen)).toBe('shop.test');
  });

  test.each(['shop.test:443', 'SHOP.test'])('goes to another upstream, named %s by the client', async (host) => {
    const { waylay, seen } = await shop(alpn);
    const other = await upstream(alpn, (_, response) => response.end('other'), 'localhost');
    waylay.mutate(CART, { request: { url: `https://localhost:${other.origin.port}/x` } });
    const headers = { [version === 'h2' ? ':authority' : 'host']: host };
    const { error } = await exchangeThrough(waylay, version, { url: CART, headers });
    expect([error, seen, other.seen.map(namedHost)]).toEqual([undefined, [], [`localhost:${other.origin.port}`]]);
  });

  test.each<[string, Change]>([
    ['where it was going', { request: { headers: { host: 'third.test' } } }],
    ['where it is sent instead', { request: { url: 'https://shop.test/x', headers: { Host: 'third.test' } } }],
  ])('names the host that the test says, %s', async (_, change) => {
    const { waylay, seen } = await shop(alpn);
    waylay.mutate('**', change);
    await exchangeThrough(waylay, version, { url: 'https://shop.test/api/cart' });
    expect(seen.map(namedHost)).toEqual(['third.test']);
  });

  test('that becomes a HEAD has a response without a body, and its connection goes on', async () => {
    const { origin, seen } = await upstream(alpn, (_, response) => {
      response.writeHead(200, { 'content-length': 5, 'content-encoding': 'gzip', 'x-a': '1' });
      response.end();
    });
    const waylay = await started({ hosts: { 'shop.test': `127.0.0.1:${origin.port}` } });
    waylay.stubResponse('https://shop.test/stubbed', 201);
    waylay.mutate(CART, { request: { method: 'HEAD' } });
    const { status, headers, body, error } = await exchangeThrough(waylay, version, { url: CART });
    expect([seen[0]?.method, status, headers['x-a'], String(body), error]).toEqual(['HEAD', 200, '1', '', undefined]);
    expect(headers).not.toHaveProperty('content-encoding');
  });

  test('that becomes a GET has its response without a body', async () => {
    const { waylay, seen } = await shop(alpn);
    waylay.mutate(CART, { request: { method: 'GET' } });
    const { status, body, error } = await exchangeThrough(waylay, version, { url: CART, method: 'HEAD' });
    expect([seen[0]?.method, status, String(body), error]).toEqual(['GET', 200, '', undefined]);
  });

  test('says so where the test encodes its body', async () => {
    const { waylay, seen } = await shop(alpn);
    waylay.mutate(CART, { request: { headers: { 'content-encoding': 'gzip' }, body: (old) => gzipSync(old) } });
    await exchangeThrough(waylay, version, SENT);
    const { headers } = seen[0] as Seen;
    expect([headers['content-encoding'], headers['content-length']]).toEqual([
      'gzip',
      String(gzipSync(SENT.body).length),
    ]);
  });

  test('goes to another scheme', async () => {
    const hosts: (string | undefined)[] = [];
    const plain = await httpOrigin((request, response) => {
      hosts.push(request.headers.host);
      response.end('plain');
    });
    const { waylay } = await shop(alpn);
    const url = `http://127.0.0.1:${plain.port}/x`;
    waylay.mutate(CART, { request: { url } });
    const { status, body } = await exchangeThrough(waylay, version, { url: CART });
    expect([status, String(body), hosts]).toEqual([200, 'plain', [`127.0.0.1:${plain.port}`]]);
  });

  test.each<[string, Change]>([
    ['reset', { request: { fault: 'reset' } }],
    ['truncate', { request: { fault: 'truncate' } }],
  ])('that ends in a %s never reaches the upstream, or a stub', async (_, change) => {
    const { waylay, seen } = await shop(alpn);
    const stub = waylay.stubResponse('https://shop.test/other', 200);
    waylay.mutate('**', change);
    for (const url of [CART, 'https://shop.test/other']) {
      const { status, error } = await exchangeThrough(waylay, version, { ...SENT, url });
      expect([status, error]).toEqual([undefined, expect.any(String)]);
    }
    await expect.poll(() => waylay.exchanges.every(({ ended }) => ended)).toBe(true);
    for (const exchange of waylay.exchanges) {
      expect(exchange).toMatchObject({ source: 'failed', error: { code: 'WAYLAY_FAULT', fault: 'test' } });
    }
    expect([seen, stub.hits, waylay.verify()]).toEqual([[], 0, undefined]);
  });

  test.each<[string, Change, SentRequest]>([
    ['that hangs', { request: { fault: 'hang' } }, SENT],
    ['that hangs after its head, without a body,', { request: { fault: 'hang', after: 2 } }, { url: CART }],
  ])('%s ends with its client', async (_, change, sent) => {
    const { waylay, seen } = await shop(alpn);
    waylay.mutate(CART, change);
    const asking = await ask(waylay, version, sent);
    await expect.poll(() => waylay.exchanges[0]?.error?.code).toBe('WAYLAY_FAULT');
    asking.leave();
    await asking.received;
    await expect.poll(() => waylay.exchanges[0]?.ended).toBe(true);
    expect(seen).toEqual([]);
  });

  test.each(['reset', 'truncate'] as const)('%s beyond the end of its body breaks it off there', async (fault) => {
    const { waylay, seen } = await shop(alpn);
    waylay.mutate(CART, { request: { fault, after: 200 } });
    const { status, error } = await exchangeThrough(waylay, version, SENT);
    expect(status === undefined ? error : status).not.toBe(200);
    await expect.poll(() => seen.every(({ aborted }) => aborted)).toBe(true);
    await expect.poll(() => waylay.exchanges[0]?.ended).toBe(true);
    expect(waylay.exchanges[0]?.error?.code).toBe('WAYLAY_FAULT');
  });

  test.each(['GET', 'HEAD', 'POST'])(
    'with a %s and no body is sent as it is where it was to be truncated, and told of',
    async (method) => {
      const { waylay, seen } = await shop(alpn);
      const mutation = waylay.mutate(CART, { request: { fault: 'truncate', after: 2 } });
      const headers: Record<string, string> =
        method === 'POST' && version === 'http/1.1' ? { 'content-length': '0' } : {};
      const { status, error } = await exchangeThrough(waylay, version, { url: CART, method, headers });
      expect([status, error, seen.map(({ aborted }) => aborted)]).toEqual([200, undefined, [false]]);
      await expect.poll(() => waylay.exchanges[0]?.ended).toBe(true);
      expect([waylay.exchanges[0]?.error, mutation.hits]).toEqual([undefined, 1]);
      expect(waylay.warnings.filter((warning) => warning.startsWith('The mutation'))).toEqual([
        expect.stringMatching(
          /request\.fault had no effect on .*: it has no body that could be cut short\. Write \{ fault: 'truncate' \}, without after\.$/,
        ),
      ]);
    },
  );

  test.each(['reset', 'truncate'] as const)('breaks off by a %s within its body', async (fault) => {
    const { waylay, seen } = await shop(alpn);
    waylay.mutate(CART, { request: { fault, after: 3 } });
    const { status, error } = await exchangeThrough(waylay, version, SENT);
    expect(status === undefined ? error : status).not.toBe(200);
    // A reset throws bytes away: the upstream cannot tell.
    await expect.poll(() => seen.every(({ aborted }) => aborted)).toBe(true);
    for (const { body } of seen) expect('{"n').toContain(body);
    await expect.poll(() => waylay.exchanges[0]?.ended).toBe(true);
    expect(waylay.exchanges[0]?.error?.code).toBe('WAYLAY_FAULT');
    expect(waylay.verify()).toBeUndefined();
  });

  test.each<[string, Change]>([
    [
      'head',
      {
        request: {
          method: () => {
            throw new RangeError('no such cart');
          },
        },
      },
    ],
    [
      'body',
      {
        request: {
          json: () => {
            throw new RangeError('no such cart');
          },
        },
      },
    ],
    [
      'stream',
      {
        request: {
          // biome-ignore lint/correctness/useYield: it throws before it could
          stream: async function* () {
            throw new RangeError('no such cart');
          },
        },
      },
    ],
  ])('is a 500 where a function of its %s throws, and the test fails with its stack', async (_, change) => {
    const { waylay } = await shop(alpn);
    waylay.mutate(CART, change);
    expect((await exchangeThrough(waylay, version, SENT)).status).toBe(500);
    const problem = waylay.verify();
    expect(problem?.code).toBe('WAYLAY_HANDLER');
  });

  test('is decided on by a function of the exchange on both sides', async () => {
    const { waylay, seen } = await shop(alpn);
    const mutation = waylay.mutate(CART, async ({ request }) =>
      request.json<{ n: number }>().n === 1
        ? { request: { headers: { 'x-seen': '1' } }, response: { status: 402 } }
        : undefined,
    );
    expect((await exchangeThrough(waylay, version, SENT)).status).toBe(402);
    expect((await exchangeThrough(waylay, version, { ...SENT, body: '{"n":2}' })).status).toBe(200);
    expect(seen.map(({ headers }) => headers['x-seen'])).toEqual(['1', undefined]);
    expect(mutation.hits).toBe(1);
  });
});

describe.each(VERSIONS)('a handshake of a client of %s', (version) => {
  test.each<[string, Change, RegExp]>([
    ['an alert', { tls: { alert: 'handshake_failure' } }, /handshake failure|EPROTO|SSL/i],
    ['an expired leaf', { tls: { leaf: 'expired' } }, /CERT_HAS_EXPIRED|expired/i],
    ['a leaf for another host', { tls: { leaf: 'wrong-host' } }, /altname|ERR_TLS_CERT_ALTNAME_INVALID/i],
    ['a self-signed leaf', { tls: { leaf: 'self-signed' } }, /self.signed/i],
  ])('fails by %s, once, with no upstream', async (_, change, why) => {
    const waylay = await started();
    waylay.stubResponse('https://api.test/**', 200);
    const mutation = waylay.mutate('https://api.test/**', change, { times: 1 });
    const failure = await exchangeThrough(waylay, version, { url: 'https://api.test/' }).catch((error: Error) => error);
    const told = failure instanceof Error ? `${(failure as { code?: string }).code} ${failure.message}` : failure.error;
    expect(told).toMatch(why);
    expect((await exchangeThrough(waylay, version, { url: 'https://api.test/' })).status).toBe(200);
    expect(mutation.hits).toBe(1);
    await expect.poll(() => waylay.exchanges.find(({ error }) => error?.code === 'WAYLAY_FAULT')).toBeDefined();
    expect(waylay.verify()).toBeUndefined();
  });
});
