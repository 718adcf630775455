import { describe, expect, test } from 'vitest';
import { ClientError, UpstreamError } from '../../src/errors.js';
import { summarize } from '../../src/journal/summary.js';
import { makeExchange } from './exchanges.js';

const exchanges = [
  makeExchange({
    id: 1,
    httpVersion: '2.0',
    response: { body: 'x'.repeat(999) },
    captureLimit: 10,
    timing: { responseStart: 7, end: 8.4 },
  }),
  makeExchange({
    id: 2,
    method: 'POST',
    url: 'https://api.pay.test/v1/charges',
    source: 'stub',
    mutated: true,
    response: { status: 402, body: 'x'.repeat(1234) },
    timing: { start: 12.6, end: 14 },
  }),
  makeExchange({
    id: 10,
    url: 'http://gone.test/',
    source: 'failed',
    error: new UpstreamError('WAYLAY_UPSTREAM_DNS', 'It does not resolve.'),
    timing: { start: 20, end: 21 },
  }),
  makeExchange({
    id: 11,
    url: 'wss://shop.test/live',
    websocket: true,
    response: { status: 101 },
    timing: { start: 30 },
  }),
  makeExchange({
    id: 12,
    method: 'CONNECT',
    url: 'https://bank.test/',
    source: 'tunnel',
    timing: { start: 31, end: 40 },
  }),
  makeExchange({ id: 13, httpVersion: '1.0', timing: { start: 1500 } }),
];

test('the summary is a table with a line for each exchange and one of totals', () => {
  expect(`\n${summarize(exchanges)}\n`).toBe(`
id        at  method   status               source         protocol              size  duration  url
 1     +0 ms  GET      200                  upstream       HTTP/2               999 B      8 ms  https://shop.test/
 2    +13 ms  POST     402                  stub, mutated  HTTP/1.1            1.2 kB      1 ms  https://api.pay.test/v1/charges
10    +20 ms  GET      WAYLAY_UPSTREAM_DNS  failed         HTTP/1.1                 -      1 ms  http://gone.test/
11    +30 ms  GET      101 pending          upstream       HTTP/1.1 websocket     0 B         -  wss://shop.test/live
12    +31 ms  CONNECT  -                    tunnel         tunnel                   -      9 ms  https://bank.test/
13  +1500 ms  GET      pending              upstream       HTTP/1.0                 -         -  https://shop.test/
6 exchanges in 1500 ms, 2.2 kB of bodies: 3 upstream, 1 stub, 1 failed, 1 tunnel, 1 mutated, 1 with an error, 2 pending
`);
});

test('the summary says so where there are no exchanges', () => {
  expect(summarize([])).toBe('No exchanges.');
});

test('the summary shows status and failure where a response was not what it should have been', () => {
  const error = new ClientError('WAYLAY_CLIENT_ABORTED', 'It went away.');
  const text = summarize([makeExchange({ response: { status: 200 }, error, timing: { end: 2 } })]);
  expect(text).toContain('  200 WAYLAY_CLIENT_ABORTED  ');
  expect(text.split('\n').at(-1)).toBe('1 exchange in 2 ms, 0 B of bodies: 1 upstream, 1 with an error');
});

test('the summary cuts a long URL in the middle and keeps its ends', () => {
  const url = `https://shop.test/${'a'.repeat(300)}/file.js?version=1234567890`;
  const shown =
    summarize([makeExchange({ url })])
      .split('\n')[1]
      ?.split('  ')
      .at(-1) ?? '';
  expect(shown).toHaveLength(100);
  expect(shown).toMatch(/^https:\/\/shop\.test\/a+…a+\/file\.js\?version=1234567890$/);
  const short = url.slice(0, 100);
  expect(summarize([makeExchange({ url: short })])).toContain(`  ${short}\n`);
});

test.each([
  [999, '999 B'],
  [1000, '1.0 kB'],
  [999_949, '999.9 kB'],
  [999_950, '1.0 MB'],
  [12_345_678, '12.3 MB'],
])('the summary writes %i bytes as %s', (size, written) => {
  const exchange = makeExchange({ response: { body: Buffer.alloc(size) }, timing: { end: 1 } });
  expect(summarize([exchange]).split('\n')[1]).toContain(`  ${written}  `);
});

test('the summary lets nothing that a peer sent break a line or steer a terminal', () => {
  const url = 'https://shop.test/\u001b[31m\r\nfake\u0085\u2028\u202e';
  const lines = summarize([makeExchange({ url })]).split('\n');
  expect(lines).toHaveLength(3);
  expect(lines[1]).toMatch(/https:\/\/shop\.test\/\ufffd\[31m\ufffd\ufffdfake\ufffd\ufffd\ufffd$/);
});

describe('rules', () => {
  const stub = {
    described: { kind: 'stub', pattern: 'POST https://api.pay.test/**', place: 'pay.spec.ts:12' },
  } as const;
  const mutation = { described: { kind: 'mutation', pattern: 'https://\u001b[31m\n', place: undefined } } as const;

  test('are numbered where they took part, and follow below', () => {
    const [one, two, three] = [1, 2, 3].map((id) =>
      makeExchange({ id, response: {}, mutated: id === 2, timing: { end: 1 } }),
    );
    two?.intervene().add(mutation);
    two?.intervene().add(stub);
    three?.intervene().add(stub);
    const lines = summarize([one, two, three] as never).split('\n');
    expect(lines.map((line) => line.replace(/ {2,}/g, '  '))).toEqual([
      expect.stringContaining('source'),
      expect.stringContaining('  upstream  '),
      expect.stringContaining('  upstream, mutated [1] [2]  '),
      expect.stringContaining('  upstream [1]  '),
      expect.stringContaining('3 exchanges in'),
      '[1] stub POST https://api.pay.test/**, written at pay.spec.ts:12',
      '[2] mutation https://\ufffd[31m\ufffd',
    ]);
  });
});

describe('a request that a browser makes by itself', () => {
  const own = (url: string, id: number) =>
    makeExchange({
      id,
      url,
      headers: ['Sec-Fetch-Site', 'none', 'Sec-Fetch-Mode', 'no-cors', 'Sec-Fetch-Dest', 'empty'],
      response: {},
      timing: { end: 1 },
    });

  test('is one line, and counts among all', () => {
    const hosts = ['a.test', 'b.test', 'c.test', 'd.test'];
    const all = [
      makeExchange({ id: 1, response: {}, timing: { end: 1 } }),
      ...hosts.map((host, at) => own(`https://${host}/x?y`, at + 2)),
    ];
    const lines = summarize(all).split('\n');
    expect(lines).toHaveLength(4);
    expect(lines.slice(2)).toEqual([
      '… and 4 requests of the browser itself, to a.test, b.test, c.test and 1 more hosts',
      expect.stringMatching(/^5 exchanges in/),
    ]);
    expect(summarize([own('https://a.test/', 1)])).toBe(
      '… and 1 request of the browser itself, to a.test\n1 exchange in 1 ms, 0 B of bodies: 1 upstream',
    );
  });

  test('is listed as any other where a rule or an expectation is about it', () => {
    const [stubbed, expected] = [own('https://a.test/', 1), own('https://b.test/', 2)];
    stubbed?.intervene().add({ described: { kind: 'stub', pattern: '**', place: 'a.ts:1' } });
    if (expected) expected.intervene().expected = true;
    const text = summarize([stubbed, expected] as never);
    expect(text).not.toContain('itself');
    expect(text.split('\n')).toHaveLength(5);
  });
});
