/** Every part of a change, in every kind of exchange: it is seen over the wire, or it is told that it was not. */
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { Change, RequestChanges, ResponseChanges } from '../../../matchers/mutate/change.js';
import { Rules } from '../../../matchers/rules.js';
import type { Interceptor } from '../../../src/interceptor.js';
import type { Exchange } from '../../../src/journal/exchange.js';
import type { ProxyOptions } from '../../../src/options.js';
import { connectThrough, RawClient, tlsThrough } from '../../client.js';
import { ask, exchangeThrough, type SentRequest, VERSIONS, type Version } from '../../exchange-client.js';
import { ManualClock } from '../../manual-clock.js';
import { closedPort, httpsOrigin, publicAuthority, testProxy } from '../../servers.js';

const BODY = '{"n":1}';
const URL = 'https://shop.test/api/cart';

/** A part's fate: seen, told of, or both. */
type Outcome = 'seen' | 'told' | 'both' | 'SILENT';

const RESPONSES: Record<string, ResponseChanges> = {
  status: { status: 503 },
  statusText: { statusText: 'Not Today' },
  headers: { headers: { 'x-new': '1' } },
  'json, a value': { json: { n: 22 } },
  'json, a function': { json: () => ({ n: 2 }) },
  'text, a value': { text: 'two' },
  'text, a function': { text: () => 'two' },
  'body, a value': { body: 'two' },
  'body, a function': { body: () => 'two' },
  stream: {
    async *stream() {
      yield 'two';
    },
  },
  trailers: { trailers: { 'x-sum': '2' } },
  delay: { delay: 50 },
  bandwidth: { bandwidth: 100 },
  slice: { slice: 2 },
  reset: { fault: 'reset' },
  'reset after 2': { fault: 'reset', after: 2 },
  'reset after 1000': { fault: 'reset', after: 1000 },
  truncate: { fault: 'truncate' },
  'truncate after 2': { fault: 'truncate', after: 2 },
  'truncate after 1000': { fault: 'truncate', after: 1000 },
  hang: { fault: 'hang' },
  'hang after 2': { fault: 'hang', after: 2 },
  'hang after 1000': { fault: 'hang', after: 1000 },
  empty: { fault: 'empty' },
  'malformed-chunk': { fault: 'malformed-chunk' },
  'malformed-chunk after 2': { fault: 'malformed-chunk', after: 2 },
};

const REQUESTS: Record<string, RequestChanges> = {
  method: { method: 'PUT' },
  url: { url: 'https://shop.test/other' },
  headers: { headers: { 'x-new': '1' } },
  'json, a value': { json: { n: 2 } },
  'json, a function': { json: () => ({ n: 2 }) },
  'text, a function': { text: () => 'two' },
  'body, a value': { body: 'two' },
  'body, a function': { body: () => 'two' },
  stream: {
    async *stream() {
      yield 'two';
    },
  },
  delay: { delay: 50 },
  bandwidth: { bandwidth: 100 },
  slice: { slice: 2 },
  reset: { fault: 'reset' },
  'reset after 2': { fault: 'reset', after: 2 },
  'reset after 1000': { fault: 'reset', after: 1000 },
  truncate: { fault: 'truncate' },
  'truncate after 2': { fault: 'truncate', after: 2 },
  'truncate after 1000': { fault: 'truncate', after: 1000 },
  hang: { fault: 'hang' },
  'hang after 2': { fault: 'hang', after: 2 },
  'hang after 1000': { fault: 'hang', after: 1000 },
};

/** A kind of exchange. */
interface Kind {
  readonly sent: Omit<SentRequest, 'url'>;
  /** By the upstream, or by a stub. */
  readonly answer: { status?: number; headers?: Record<string, string>; body?: string; chunked?: boolean };
  readonly by?: 'stub' | 'nobody';
}

const POST = { method: 'POST', headers: { 'content-type': 'application/json' }, body: BODY };
const WITH_BODY = { body: BODY };

const KINDS: Record<string, Kind> = {
  plain: { sent: POST, answer: WITH_BODY },
  chunked: { sent: POST, answer: { body: BODY, chunked: true } },
  'without a body': { sent: {}, answer: { body: '' } },
  HEAD: { sent: { method: 'HEAD' }, answer: WITH_BODY },
  204: { sent: POST, answer: { status: 204 } },
  205: { sent: POST, answer: { status: 205, headers: { 'content-length': '0' } } },
  304: { sent: {}, answer: { status: 304 } },
  stubbed: { sent: POST, answer: WITH_BODY, by: 'stub' },
  'stubbed 204': { sent: {}, answer: { status: 204 }, by: 'stub' },
  'without an upstream': { sent: POST, answer: {}, by: 'nobody' },
};

/** Everything that either end can see of an exchange. */
interface Observation {
  readonly client: unknown;
  readonly upstream: unknown;
  /** The code of the exchange's error. */
  readonly code: string | undefined;
  readonly milliseconds: number;
  readonly warnings: readonly string[];
}

/** Runs exchanges of one kind, with one rule or none. */
async function laboratory(version: Version, { sent, answer, by }: Kind) {
  const clock = new ManualClock();
  let seen: Record<string, unknown> = {};
  const origin = await httpsOrigin(
    (request, response) => {
      const { method, url, headers } = request;
      const pieces: number[] = [];
      const { 'content-length': _, 'transfer-encoding': __, ...fields } = headers;
      const one = { method, url, fields: { ...fields }, body: '', pieces, aborted: false };
      seen = one;
      request.on('data', (chunk) => {
        one.body += chunk;
        pieces.push(chunk.length);
      });
      request.on('aborted', () => {
        one.aborted = true;
      });
      request.on('error', () => {});
      request.on('end', () => {
        if (one.aborted) return;
        const { status = 200, headers = {}, body, chunked } = answer;
        const length = body === undefined || chunked ? {} : { 'content-length': String(body.length) };
        response.writeHead(status, { 'content-type': 'application/json', ...headers, ...length });
        if (method !== 'HEAD' && body) response.write(body);
        response.end();
      });
    },
    { name: 'shop.test', alpn: [version] },
  );
  const port = by === 'nobody' ? await closedPort() : origin.port;
  let rules: Rules | undefined;
  const asked = (): Interceptor => (rules as Rules).interceptor;
  const proxy = await testProxy(
    { hosts: { 'shop.test': `127.0.0.1:${port}` } },
    () => ({
      mayAnswer: () => true,
      onHandshake: () => undefined,
      onTunnel: () => undefined,
      onRequest: (...about) => asked().onRequest(...about),
      onResponse: (...about) => asked().onResponse(...about),
    }),
    { clock },
  );
  const address = { port: proxy.port, ca: { pem: proxy.caPem } };

  return async (change?: Change): Promise<Observation> => {
    seen = {};
    rules = new Rules({ journal: proxy.journal, startTimer: clock.startTimer });
    const { status = 200, headers = {}, body } = answer;
    const fields = { 'content-type': 'application/json', ...headers };
    const reply = body === undefined ? { status, headers: fields } : { status, headers: fields, body };
    if (by === 'stub') rules.stubResponse('**', reply);
    if (change !== undefined) rules.mutate('**', change);
    const start = clock.now();
    const asking = await ask(address, version, { url: URL, ...sent });
    let over = false;
    const received = asking.received.finally(() => {
      over = true;
    });
    const own = (): Exchange | undefined => proxy.journal.exchanges.at(-1);
    const before = proxy.journal.exchanges.length;
    let idle = 0;
    while (!over) {
      await new Promise((resolve) => setImmediate(resolve));
      if (clock.running > 0) clock.advance(10);
      // A hanging exchange has been told so, and nothing more comes of it.
      const hangs = own()?.error?.message.includes('left hanging') === true && proxy.journal.exchanges.length >= before;
      if (hangs && ++idle === 50) asking.leave();
    }
    const { error, ...got } = await received;
    await expect.poll(() => own()?.ended).toBe(true);
    const { headers: all, pieces, ...shown } = got;
    const { date: _, connection: __, 'keep-alive': ___, ...kept } = all;
    const statusText = version === 'h2' ? undefined : own()?.response?.statusText;
    return {
      client: {
        ...shown,
        body: String(shown.body),
        pieces: pieces.map(({ length }) => length),
        fields: kept,
        error: idle >= 50 ? 'hangs' : error,
        statusText,
      },
      upstream: seen,
      code: own()?.error?.code,
      milliseconds: clock.now() - start,
      warnings: rules.warnings.filter((warning) => warning.startsWith('The mutation')),
    };
  };
}

/** The outcome of each change in one kind of exchange. */
async function outcomes(
  version: Version,
  kind: Kind,
  changes: Record<string, Change>,
): Promise<Record<string, Outcome>> {
  const observe = await laboratory(version, kind);
  const { warnings, ...without } = await observe();
  expect(warnings).toEqual([]);
  const result: Record<string, Outcome> = {};
  for (const [name, change] of Object.entries(changes)) {
    const { warnings: told, ...withIt } = await observe(change);
    const isSeen = !isDeepStrictEqual(withIt, without);
    result[name] = isSeen ? (told.length > 0 ? 'both' : 'seen') : told.length > 0 ? 'told' : 'SILENT';
  }
  return result;
}

const VALUES = ['json, a value', 'text, a value', 'body, a value'];
const FUNCTIONS = ['json, a function', 'text, a function', 'body, a function', 'stream'];
const BODIES = [...VALUES, ...FUNCTIONS];
const PACE = ['bandwidth', 'slice'];
const WITHIN = [
  'reset after 2',
  'reset after 1000',
  'truncate',
  'truncate after 2',
  'truncate after 1000',
  'hang after 2',
  'hang after 1000',
  'malformed-chunk',
  'malformed-chunk after 2',
];
const BODYLESS = [...BODIES, 'trailers', ...PACE, ...WITHIN];
/** Parts that find no body in a request that is forwarded. */
const OF_NO_BODY = [...FUNCTIONS, ...PACE, 'truncate after 2', 'truncate after 1000'];
const OF_A_FORWARDED = ['method', 'url', 'headers', ...BODIES, 'slice'];

/** The parts that can have no effect, and are told of. All others are seen. */
const TOLD: Record<string, { response: readonly string[]; request: readonly string[] }> = {
  plain: { response: [], request: [] },
  chunked: { response: [], request: [] },
  'without a body': { response: PACE, request: OF_NO_BODY },
  HEAD: { response: BODYLESS, request: OF_NO_BODY },
  204: { response: BODYLESS, request: [] },
  205: { response: BODYLESS, request: [] },
  304: { response: BODYLESS, request: OF_NO_BODY },
  stubbed: { response: [], request: OF_A_FORWARDED },
  'stubbed 204': { response: BODYLESS, request: [...OF_A_FORWARDED, 'bandwidth'] },
  'without an upstream': {
    response: Object.keys(RESPONSES),
    request: Object.keys(REQUESTS).filter((part) => !['delay', 'reset', 'truncate', 'hang'].includes(part)),
  },
};

/** The fields of the response to a HEAD are those of a GET whose body was changed (RFC 9110, section 9.3.2). */
const both = (name: string, part: string) => name === 'HEAD' && BODIES.includes(part);

describe.each(VERSIONS)('over %s', (version) => {
  test.each(Object.keys(KINDS))(
    'every part of a change of the response is seen or told of: %s',
    async (name) => {
      const changes = Object.entries(RESPONSES).map(([part, response]) => [part, { response }] as const);
      const { response: told } = TOLD[name] as (typeof TOLD)[string];
      const expected = Object.keys(RESPONSES).map((part): [string, Outcome] => {
        const isTold = told.includes(part) || (part === 'statusText' && version === 'h2');
        return [part, both(name, part) ? 'both' : isTold ? 'told' : 'seen'];
      });
      expect(await outcomes(version, KINDS[name] as Kind, Object.fromEntries(changes))).toEqual(
        Object.fromEntries(expected),
      );
    },
    120_000,
  );

  test.each(Object.keys(KINDS))(
    'every part of a change of the request is seen or told of: %s',
    async (name) => {
      const changes = Object.entries(REQUESTS).map(([part, request]) => [part, { request }] as const);
      const { request: told } = TOLD[name] as (typeof TOLD)[string];
      const expected = Object.keys(REQUESTS).map((part) => [part, told.includes(part) ? 'told' : 'seen']);
      expect(await outcomes(version, KINDS[name] as Kind, Object.fromEntries(changes))).toEqual(
        Object.fromEntries(expected),
      );
    },
    120_000,
  );
});

describe('a part that only some clients cannot have is told of', () => {
  async function over(version: Version | 'http/1.0', rule: (rules: Rules) => void): Promise<readonly string[]> {
    let rules: Rules | undefined;
    const proxy = await testProxy({}, (journal) => {
      rules = new Rules({ journal });
      rule(rules);
      return rules.interceptor;
    });
    if (version === 'http/1.0') {
      const client = new RawClient(await connectThrough(proxy.port, 'shop.test:80'));
      client.write('GET /api/cart HTTP/1.0\r\nHost: shop.test\r\n\r\n');
      await client.end();
    } else await exchangeThrough({ port: proxy.port, ca: { pem: proxy.caPem } }, version, { url: URL });
    return (rules as unknown as Rules).warnings;
  }
  const place = 'test/matchers/mutate/effects\\.test\\.ts:\\d+';

  test.each<[string, (rules: Rules) => void, Version | 'http/1.0', string | undefined]>([
    [
      'trailers of a stub',
      (rules) => rules.stubResponse('**', { text: 'one', trailers: { 'x-sum': '1' } }),
      'http/1.0',
      `The stub \\*\\* \\(${place}\\): trailers had no effect on GET http://shop.test/api/cart: HTTP/1.0 has no trailers.`,
    ],
    [
      'interim responses of a stub',
      (rules) => rules.stubResponse('**', { text: 'one', informational: [{ status: 103 }] }),
      'http/1.0',
      'informational had no effect on GET .*: HTTP/1.0 has no interim responses',
    ],
    [
      'trailers of a mutation',
      (rules) => {
        rules.stubResponse('**', { text: 'one' });
        rules.mutate('**', { response: { trailers: { 'x-sum': '1' } } });
      },
      'http/1.0',
      'The mutation .*response.trailers had no effect on GET .*: HTTP/1.0 has no trailers.',
    ],
    [
      'the reason phrase of a stub',
      (rules) => rules.stubResponse('**', { text: 'one', statusText: 'Fine' }),
      'h2',
      'statusText had no effect on GET .*: HTTP/2 has no reason phrase',
    ],
    [
      'none of it where the client can have it',
      (rules) =>
        rules.stubResponse('**', {
          text: 'one',
          statusText: 'Fine',
          trailers: { 'x-sum': '1' },
          informational: [{ status: 103 }],
        }),
      'http/1.1',
      undefined,
    ],
    [
      'what a fault before the head leaves unsent',
      (rules) => {
        rules.stubResponse('**', { text: 'one' });
        rules.mutate('**', { response: { status: 500, fault: 'empty' } });
      },
      'http/1.1',
      "response.status had no effect on GET .*: the fault 'empty' comes before the head",
    ],
    [
      'what a fault before the head leaves unsent of a request',
      (rules) => rules.mutate('**', { request: { headers: { 'x-new': '1' }, fault: 'reset' } }),
      'http/1.1',
      "request.headers had no effect on GET .*: the fault 'reset' comes before the head",
    ],
    [
      'a fault that another one precedes',
      (rules) => {
        rules.stubResponse('**', { text: 'one' });
        rules.mutate('**', { response: { fault: 'truncate' } });
        rules.mutate('**', { response: { fault: 'reset' } });
      },
      'http/1.1',
      `response.fault had no effect on GET .*: the mutation written at ${place} has one that comes first`,
    ],
  ])('where it is %s', async (_, rule, version, warning) => {
    const warnings = await over(version, rule);
    expect(warnings).toEqual(warning === undefined ? [] : [expect.stringMatching(new RegExp(warning))]);
  });

  test('once, with how often it was so', async () => {
    let rules: Rules | undefined;
    const proxy = await testProxy({}, (journal) => {
      rules = new Rules({ journal });
      return rules.interceptor;
    });
    const { stubResponse, mutate } = rules as unknown as Rules;
    stubResponse.call(rules, '**', 204);
    const handle = mutate.call(rules, '**', { response: { json: { n: 1 } } });
    for (const path of ['/1', '/2', '/3']) {
      await exchangeThrough({ port: proxy.port, ca: { pem: proxy.caPem } }, 'http/1.1', {
        url: `https://shop.test${path}`,
      });
    }
    handle.remove();
    expect((rules as unknown as Rules).warnings).toEqual([
      expect.stringMatching(
        new RegExp(
          `^The mutation \\*\\* \\(${place}\\): response.json changed no body of GET https://shop.test/1 and 2 more: ` +
            'a 204 response has no body \\(RFC 9110, section 15\\.3\\.5\\)\\. Write \\{ status: 200, json: … \\}\\.$',
        ),
      ),
    ]);
  });
});

describe('a mutation of handshakes that had none to fail says why', () => {
  async function shop(options: ProxyOptions) {
    const origin = await httpsOrigin((_, response) => response.end('one'), { name: 'shop.test', alpn: ['http/1.1'] });
    let rules: Rules | undefined;
    const hosts = { 'shop.test': `127.0.0.1:${origin.port}` };
    const proxy = await testProxy({ hosts, ...options }, (journal) => {
      rules = new Rules({ journal });
      return rules.interceptor;
    });
    return { rules: rules as unknown as Rules, proxy };
  }

  test('since the connection was there already', async () => {
    const { rules, proxy } = await shop({});
    const ca = proxy.caPem;
    const client = new RawClient(await tlsThrough(proxy.port, 'shop.test:443', { ca, servername: 'shop.test' }));
    const get = async (count: number) => {
      client.write('GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n');
      await client.until(new RegExp(`^(?:HTTP/1\\.1 200.*?one.*?){${count}}`, 's'));
      await expect.poll(() => proxy.journal.exchanges.at(-1)?.ended).toBe(true);
    };
    await get(1);
    const handle = rules.mutate('https://shop.test/**', { tls: { leaf: 'expired' } });
    await get(2);
    expect(handle.hits).toBe(0);
    expect(rules.warnings).toEqual([
      expect.stringMatching(/^No request met the mutation .*; nearest: .* had its TLS handshake before the mutation/),
    ]);
  });

  test('since the connection is passed through', async () => {
    const { rules, proxy } = await shop({ tlsPassthrough: ['shop.test'] });
    rules.mutate('https://shop.test/**', { tls: { leaf: 'expired' } });
    const ca = publicAuthority.pem;
    (await tlsThrough(proxy.port, 'shop.test:443', { ca, servername: 'shop.test' })).destroy();
    await expect.poll(() => proxy.journal.exchanges.at(-1)?.ended).toBe(true);
    expect(rules.warnings).toEqual([expect.stringContaining('(tlsPassthrough)')]);
  });
});

describe('a mutation that took no part in what it matches says why', () => {
  test.each<[string, Change | (() => undefined), { probability?: number }, string]>([
    ['by chance', { response: { status: 503 } }, { probability: 0 }, 'chance left it out (probability: 0)'],
    ['since its function changed nothing', () => undefined, {}, 'its function changed nothing'],
  ])('%s, where a stub answered too', async (_, change, options, why) => {
    let rules: Rules | undefined;
    const proxy = await testProxy({}, (journal) => {
      rules = new Rules({ journal });
      return rules.interceptor;
    });
    const told = rules as unknown as Rules;
    told.stubResponse(URL, 204);
    const mutation = told.mutate(URL, change, options);
    const client = new RawClient(
      await tlsThrough(proxy.port, 'shop.test:443', { ca: proxy.caPem, servername: 'shop.test' }),
    );
    client.write('GET /api/cart HTTP/1.1\r\nHost: shop.test\r\n\r\n');
    await client.until(/^HTTP\/1\.1 204 .*\r\n\r\n/s);
    expect(mutation.hits).toBe(0);
    expect(told.warnings).toEqual([
      expect.stringMatching(/^No request met the mutation .*; nearest: #1 GET .* matches, but /),
    ]);
    expect(told.warnings[0]).toContain(`matches, but ${why}.`);
  });
});
