import { describe, expect, test } from 'vitest';
import type { Change } from '../../../matchers/mutate/change.js';
import type { Pattern } from '../../../matchers/pattern/pattern.js';
import { Rules } from '../../../matchers/rules.js';
import type { ProxyOptions } from '../../../src/options.js';
import { ask, exchangeThrough, type SentRequest, VERSIONS } from '../../exchange-client.js';
import { ended } from '../../integration/traffic.js';
import { ManualClock } from '../../manual-clock.js';
import { httpsOrigin, testProxy } from '../../servers.js';

const SENT: SentRequest = {
  url: 'https://shop.test/api/cart',
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ n: 'x'.repeat(92) }),
};

async function ruled(options: ProxyOptions = {}) {
  const clock = new ManualClock();
  let rules: Rules | undefined;
  const proxy = await testProxy(
    options,
    (journal) => {
      rules = new Rules({ journal, startTimer: clock.startTimer });
      return rules.interceptor;
    },
    { clock },
  );
  const address = { port: proxy.port, ca: { pem: proxy.caPem } };
  return { clock, rules: rules as unknown as Rules, proxy, address };
}

async function stubbed(reply: Parameters<Rules['stubResponse']>[1] = 201) {
  const { rules, ...parts } = await ruled();
  const stub = rules.stubResponse('**', reply);
  return { ...parts, rules, stub, mutate: rules.mutate.bind(rules) };
}

/** Lets time pass in steps of 10 ms until it is over; returns how much it took. */
async function taken(clock: ManualClock, promise: Promise<unknown>): Promise<number> {
  const start = clock.now();
  let over = false;
  void promise.finally(() => {
    over = true;
  });
  while (!over) {
    await new Promise((resolve) => setImmediate(resolve));
    if (clock.running > 0) clock.advance(10);
  }
  return clock.now() - start;
}

describe.each(VERSIONS)('over %s: a request that a stub answers', (version) => {
  test.each<[string, Parameters<Rules['stubResponse']>[1]]>([
    ['at once', 201],
    ['when it has come', (request) => ({ status: 201, json: request.json() })],
  ])('takes the time that its bandwidth gives it, answered %s', async (_, reply) => {
    const { clock, mutate, rules, address, proxy } = await stubbed(reply);
    mutate('**', { request: { bandwidth: 200, delay: 70 } });
    const asking = await ask(address, version, SENT);
    // 100 bytes at 200 a second, after the delay.
    const milliseconds = await taken(clock, asking.received);
    expect(milliseconds).toBeGreaterThanOrEqual(570);
    expect(milliseconds).toBeLessThan(700);
    expect(await asking.received).toMatchObject({ status: 201, error: undefined });
    const exchange = await ended(proxy);
    expect(exchange).toMatchObject({ source: 'stub', error: undefined });
    expect(exchange.request.body).toHaveLength(100);
    expect([clock.running, rules.warnings]).toEqual([0, []]);
  });

  test.each(['reset', 'truncate'] as const)('breaks off within its body: %s', async (fault) => {
    const { mutate, rules, address, proxy, stub } = await stubbed();
    mutate('**', { request: { fault, after: 25 } });
    const received = await exchangeThrough(address, version, SENT);
    expect(received).toMatchObject({ status: undefined, error: expect.any(String) });
    expect(await ended(proxy)).toMatchObject({
      source: 'failed',
      response: undefined,
      error: { code: 'WAYLAY_FAULT' },
    });
    expect([stub.hits, rules.warnings]).toEqual([1, []]);
  });

  test('hangs within its body until the client leaves', async () => {
    const { mutate, address, proxy } = await stubbed();
    mutate('**', { request: { fault: 'hang', after: 25 } });
    const asking = await ask(address, version, SENT);
    await expect.poll(() => proxy.journal.exchanges[0]?.error?.code).toBe('WAYLAY_FAULT');
    asking.leave();
    expect(await ended(proxy)).toMatchObject({ source: 'failed', response: undefined });
  });

  test('whose client leaves meanwhile leaves no timer behind', async () => {
    const { clock, mutate, address, proxy } = await stubbed();
    mutate('**', { request: { bandwidth: 10 } });
    const asking = await ask(address, version, SENT);
    await clock.timer();
    asking.leave();
    expect((await ended(proxy)).error?.code).toBe('WAYLAY_CLIENT_ABORTED');
    expect(clock.running).toBe(0);
  });
});

describe.each(VERSIONS)(
  'over %s: a request that is forwarded takes the time that its bandwidth gives it',
  (version) => {
    test.each<[string, Change, Pattern]>([
      ['as it comes', { request: { bandwidth: 200 } }, '**'],
      ['when it has come in full', { request: { bandwidth: 200 } }, { json: { n: /x/ } }],
      ['with another body', { request: { bandwidth: 200, body: 'y'.repeat(100) } }, '**'],
      ['changed by a function', { request: { bandwidth: 200, text: (old) => old } }, '**'],
      ['changed as it passes by', { request: { bandwidth: 200, stream: (chunks) => chunks } }, '**'],
    ])('whether it goes on %s', async (_, change, pattern) => {
      const bodies: string[] = [];
      const origin = await httpsOrigin(
        (request, response) => {
          let body = '';
          request.on('data', (chunk) => {
            body += chunk;
          });
          request.on('end', () => {
            bodies.push(body);
            response.end();
          });
        },
        { name: 'shop.test', alpn: [version] },
      );
      const { clock, rules, address } = await ruled({ hosts: { 'shop.test': `127.0.0.1:${origin.port}` } });
      rules.mutate(pattern, change);
      const asking = await ask(address, version, SENT);
      const milliseconds = await taken(clock, asking.received);
      expect(milliseconds).toBeGreaterThanOrEqual(500);
      expect((await asking.received).status).toBe(200);
      expect([bodies.map(({ length }) => length), rules.warnings]).toEqual([[100], []]);
    });
  },
);
