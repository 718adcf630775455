import { describe, expect, test, vi } from 'vitest';
import { CompiledPattern, compilePattern, type Pattern } from '../../matchers/pattern/pattern.js';
import { RuleIndex } from '../../matchers/rule-index.js';
import type { StubHandle } from '../../matchers/stub-response/stub-response.js';
import { seeded } from '../journal/seeded.js';
import { Wire } from './wire.js';

/** Every kind of pattern, and of glob. */
const patterns: readonly Pattern[] = [
  '**',
  'https://a.test/x',
  'https://A.test:443/x',
  'https://a.test/../x',
  'POST https://a.test/x',
  'https://a.test/',
  'https://a.test/x/',
  'https://a.test/**',
  'https://*.test/x/y',
  'https://*:*/y',
  '**/y',
  '**y',
  '**/x?q=1',
  'https://a.test/x?q=*',
  'https://a.test/x?next=/y',
  'https://a.test/{x,x/y}',
  'https://a.test/{x,y}/y',
  'https://a.test/caf\u00e9',
  'https://a.test/%7Ex',
  'wss://a.test/x',
  /\/x$/,
  /\/Y$/i,
  (request) => request.url.endsWith('y'),
  (request) => request.text() === 'hello',
  { url: 'https://a.test/y', method: ['POST', 'PUT'] },
  { method: /P/, url: '**/x' },
  { method: 'POST', url: '**/y', text: 'hello' },
  { url: (url) => url.pathname === '/x' },
  { url: expect.stringContaining('y') },
  { host: 'a.test', path: '/x' },
  { path: '/**/y' },
  { path: '/x', query: { q: '1' } },
  { port: 8443 },
  { headers: { 'x-debug': '1' }, url: '**/x' },
  { websocket: true },
];

const urls = [
  'https://a.test/',
  'https://a.test/x',
  'https://a.test/x/',
  'https://a.test/X',
  'https://a.test/x/y',
  'https://a.test/y/y',
  'https://a.test/y',
  'https://a.test/x?q=1',
  'https://a.test/x?',
  'https://a.test/x?next=/y',
  'https://a.test/x?/x',
  'https://a.test/caf%C3%A9',
  'https://a.test/%7Ex',
  'https://a.test/~x',
  'https://a.test:8443/x',
  'https://b.test:8443/x/y',
  'http://a.test/y',
];

describe('a rule among many others', () => {
  // Against a list that is looked through from its start to its end.
  test.each([1, 2, 3])('takes what it takes alone: run %i', async (seed) => {
    const next = seeded(seed);
    const pick = <T>(list: readonly T[]) => list[Math.floor(next() * list.length)] as T;
    const compiled = new Map(patterns.map((pattern) => [pattern, compilePattern(pattern)]));
    const wire = new Wire();
    let stubs: { status: number; pattern: Pattern; left: number; handle: StubHandle }[] = [];
    let mutations: { pattern: Pattern; hits: number; handle: StubHandle }[] = [];
    const answered = new Set<Pattern>();
    for (let round = 0; round < 1_000; round += 1) {
      const what = next();
      if (what < 0.1 && stubs.length < 100) {
        const pattern = pick(patterns);
        const times = pick([1, 3, Number.POSITIVE_INFINITY]);
        const status = 200 + (round % 300);
        const handle = wire.rules.stubResponse(pattern, status, { times });
        stubs = [{ status, pattern, left: times, handle }, ...stubs];
      } else if (what < 0.15) {
        const pattern = pick(patterns);
        mutations.push({ pattern, hits: 0, handle: wire.rules.mutate(pattern, { response: { delay: 1 } }) });
      } else if (what < 0.25) {
        const stub = pick([...stubs, undefined]);
        stub?.handle.remove();
        stubs = stubs.filter((one) => one !== stub);
        const mutation = pick([...mutations, undefined]);
        mutation?.handle.remove();
        mutations = mutations.filter((one) => one !== mutation);
      } else {
        const sent = {
          method: pick(['GET', 'POST']),
          url: pick(urls),
          headers: pick([[], ['X-Debug', '1']]),
          body: pick(['hello', '']),
          websocket: next() < 0.1,
        };
        const passage = wire.send(sent);
        const { exchange } = passage;
        const winner = stubs.find(({ pattern, left }) => left > 0 && compiled.get(pattern)?.matches(exchange));
        expect(await passage.status(), `${sent.method} ${sent.url}`).toBe(winner?.status);
        if (winner !== undefined) {
          winner.left -= 1;
          answered.add(winner.pattern);
        }
        for (const mutation of mutations) if (compiled.get(mutation.pattern)?.matches(exchange)) mutation.hits += 1;
        expect(mutations.map(({ handle }) => handle.hits)).toEqual(mutations.map(({ hits }) => hits));
      }
    }
    expect(answered.size).toBeGreaterThan(patterns.length / 2);
  });

  test('is held against a request only where its URL leaves that open', async () => {
    const wire = new Wire();
    wire.rules.stubResponse('**/x', 201);
    for (let other = 0; other < 64; other += 1) wire.rules.stubResponse(`**/other-${other}`, 202);
    const judge = vi.spyOn(CompiledPattern.prototype, 'test');
    expect(await wire.send('GET https://a.test/x').status()).toBe(201);
    expect(judge).toHaveBeenCalledTimes(1);
    judge.mockRestore();
  });

  test('waits for the body where the older of two has to, and the newer does not match', async () => {
    const wire = new Wire();
    wire.rules.stubResponse({ method: 'POST', url: '**/x', text: 'hello' }, 201);
    for (let other = 0; other < 64; other += 1) wire.rules.stubResponse(`**/other-${other}`, 202);
    const passage = wire.send({ method: 'POST', url: 'https://a.test/x', body: 'hel', complete: false });
    expect(passage.waits).toBe(true);
    passage.completeBody('lo');
    expect(await passage.status()).toBe(201);
  });

  test('is asked in the order in which it is written, whatever the URL', async () => {
    const asked: string[] = [];
    const wire = new Wire();
    const method = (value: string) => asked.push(value) === 0;
    wire.rules.stubResponse({ method, url: '**/x' }, 200);
    wire.send('GET https://a.test/y');
    wire.send('POST https://a.test/x');
    expect(asked).toEqual(['GET', 'POST']);
  });

  test('answers preflights', async () => {
    const wire = new Wire();
    wire.rules.stubResponse('POST **/x', 200, { cors: true });
    wire.rules.stubResponse('POST **/y', 200, { cors: true });
    const headers = ['origin', 'https://shop.test', 'access-control-request-method', 'POST'];
    for (const [end, status] of Object.entries({ x: 204, y: 204, z: undefined })) {
      const passage = wire.send({ method: 'OPTIONS', url: `https://a.test/${end}`, headers });
      expect(await passage.status(), end).toBe(status);
    }
  });
});

describe('the index', () => {
  const rule = (pattern: Pattern) => ({ pattern: compilePattern(pattern) });
  const [x, open, y, another] = [rule('**/x'), rule('**'), rule('GET **/y'), rule('https://a.test/x')];

  test('leaves out what a URL rules out, and keeps the order', () => {
    const index = new RuleIndex();
    const rules = [x, open, y, another];
    for (const [url, selected] of [
      ['https://a.test/x', [x, open, another]],
      ['https://a.test/y', [open, y]],
      ['https://a.test/z', [open]],
      ['https://a.test/x', [x, open, another]],
    ] as const) {
      expect(index.select(rules, url)).toEqual(selected);
    }
  });

  test('follows what is registered', () => {
    const index = new RuleIndex();
    expect(index.select([x], 'https://a.test/x')).toEqual([x]);
    expect(index.select([another, x], 'https://a.test/x')).toEqual([another, x]);
    expect(index.select([], 'https://a.test/x')).toEqual([]);
  });

  test('keeps no more lists than there are ends in its patterns', () => {
    const index = new RuleIndex();
    const rules = [x, open];
    const others = ['1', '2'].map((end) => index.select(rules, `https://a.test/${end}`));
    expect(others[0]).toBe(others[1]);
  });
});
