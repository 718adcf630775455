/** The parts of the page's script that need no page. */
import { describe, expect, test } from 'vitest';
import { makeChanges } from '../../traffic-view/client/changes.js';
import { makeCurl } from '../../traffic-view/client/curl.js';
import { makeFigures } from '../../traffic-view/client/figures.js';
import { makeFilter } from '../../traffic-view/client/filter.js';
import { makeJson } from '../../traffic-view/client/json.js';
import { fitInto } from '../../traffic-view/fit.js';
import { shortType } from '../../traffic-view/media-type.js';
import type { Field, ViewEntry, ViewMessage } from '../../traffic-view/view.js';
import { archive, checkout, entry } from './archives.js';

const figures = makeFigures();
const { entries } = fitInto(checkout(), 1_000_000);

describe('the filter', () => {
  const { apply } = makeFilter(figures);

  test.each<[string, number[]]>([
    ['', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]],
    ['charges', [9, 10]],
    ['CHARGES post', [10]],
    ['method:post', [10, 11]],
    ['status:4xx', [10]],
    ['status:20', [1, 2, 3, 4, 5, 8, 9, 13]],
    ['status:none', [7, 12, 14]],
    ['status:pending', [14]],
    ['status:error', [7, 12]],
    ['source:stub', [9, 10, 11]],
    ['source:stubbed', [9, 10, 11]],
    ['source:mutated', [5, 11]],
    ['source:refused source:failed', [7, 12]],
    ['source:stub -method:options', [10, 11]],
    ['type:json', [5, 10]],
    ['type:fetch', [5, 10, 12]],
    ['host:pay', [9, 10]],
    ['path:/v1', [5, 9, 10, 14]],
    ['step:pay -charges', [11, 12, 14]],
    ['rule:checkout.spec.ts:8', [10]],
    ['rule:mutation', [5]],
    ['checkout.spec.ts:6', [5]],
    ['"click the button" subscribe', [11]],
    ['"open the', [1, 2, 3, 4, 5, 6, 7, 8]],
    ['pinned.test:443', [13]],
    ['https://fonts', [8]],
    ['#12', [12]],
    ['constructor:x', []],
    ['-', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]],
  ])('finds by "%s"', (query, ids) => {
    expect(apply(entries, query).map(({ id }) => id)).toEqual(ids);
  });

  test.each(['(', '[', 'status:(', 'status:*', '\\', ':', 'status:', '"'])('takes %s without an error', (query) => {
    expect(() => apply(entries, query)).not.toThrow();
  });
});

describe('changes', () => {
  const { ofRequest, ofResponse } = makeChanges(figures);
  const message = (headers: Field[], text?: string) => ({
    headers,
    ...(text !== undefined && { body: { mimeType: 'text/plain', size: text.length, text, notes: [] } }),
  });
  const shown = {
    ...(entries[0] as ViewEntry),
    method: 'GET',
    url: 'https://shop.test/',
    status: 200,
    statusText: 'OK',
  };

  test('are none where nothing was changed', () => {
    expect(ofRequest(shown)).toEqual([]);
    expect(ofResponse(shown)).toEqual([]);
    const request = message([['Accept', '*/*']], 'a');
    expect(ofRequest({ ...shown, request, forwarded: { ...request, method: 'GET', url: shown.url } })).toMatchObject([
      { name: 'body', before: '1 B', after: '1 B' },
    ]);
    const same = { ...request, body: undefined, sameBody: true } as unknown as ViewMessage;
    expect(ofRequest({ ...shown, request, forwarded: { ...same, method: 'GET', url: shown.url } })).toEqual([]);
  });

  test('are told field by field, whatever the case of their names, but for those of the connection', () => {
    const request = message([
      ['X-A', '1'],
      ['x-a', '2'],
      ['Connection', 'keep-alive'],
      ['TE', 'trailers'],
      ['b', ''],
    ]);
    const forwarded = {
      ...message([
        ['x-a', '1'],
        ['X-A', '3'],
        ['c', 'd'],
      ]),
      method: 'PUT',
      url: 'https://a.test/',
    };
    expect(ofRequest({ ...shown, request, forwarded })).toEqual([
      { name: 'method', before: 'GET', after: 'PUT' },
      { name: 'URL', before: 'https://shop.test/', after: 'https://a.test/' },
      { name: 'x-a', before: '1\n2', after: '1\n3' },
      { name: 'b', before: '', after: undefined },
      { name: 'c', before: undefined, after: 'd' },
    ]);
  });

  test.each([
    ['abc', 'abd', 'abc', 'abd'],
    ['', 'abc', '', 'abc'],
    ['{ "a": 1,\n "b": 2 }', '{"a":1,"b":3}', '{"a":1,"b":2}', '{"a":1,"b":3}'],
    [
      `${'x'.repeat(100)}1${'y'.repeat(100)}`,
      `${'x'.repeat(100)}${'y'.repeat(100)}`,
      `…${'x'.repeat(24)}1${'y'.repeat(24)}…`,
      `…${'x'.repeat(24)}${'y'.repeat(24)}…`,
    ],
    ['a'.repeat(1000), 'b'.repeat(1000), `${'a'.repeat(240)}…`, `${'b'.repeat(240)}…`],
    ['aaaa', 'aa', 'aaaa', 'aa'],
  ])('of bodies are told where they differ, row %#', (before, after, first, second) => {
    const original = { ...message([], before), status: 200, statusText: 'OK' };
    expect(ofResponse({ ...shown, original, response: message([], after) })).toEqual([
      { name: 'body', before: first, after: second },
    ]);
  });

  test('of status and trailers are told', () => {
    const original = { ...message([]), status: 500, statusText: '', trailers: [['X-Sum', 'a']] as const };
    expect(ofResponse({ ...shown, original, response: message([]) })).toEqual([
      { name: 'status', before: '500', after: '200 OK' },
      { name: 'x-sum (trailer)', before: 'a', after: undefined },
    ]);
  });
});

describe('JSON', () => {
  const { layOut } = makeJson();
  const text = (json: string, cut = false) =>
    layOut(json, cut)
      ?.map(([, piece]) => piece)
      .join('');

  test.each([{ a: [1, { b: [] }], 'c"d': 'e: [x], {y}', f: {} }, [], {}, 'x', 1.5, null, [[[]]], { a: 'ä\n\\' }])(
    'is set out as JSON.stringify does it: %j',
    (value) => {
      expect(text(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2));
    },
  );

  test('keeps digits and double keys', () => {
    expect(text('{"a":12345678901234567890,"a":1.0}')).toBe('{\n  "a": 12345678901234567890,\n  "a": 1.0\n}');
  });

  test('is told by its kinds', () => {
    expect(layOut('{"a":["b",1,null]}', false)?.filter(([kind]) => kind !== '')).toEqual([
      ['key', '"a"'],
      ['string', '"b"'],
      ['number', '1'],
      ['word', 'null'],
    ]);
  });

  test('may have been cut', () => {
    expect(text('{"a":[1,2,{"b":"unfinish', true)).toBe('{\n  "a": [\n    1,\n    2,\n    {\n      "b": "unfinish');
  });

  test('is nothing else', () => {
    expect(layOut('{ nonsense }', false)).toBeUndefined();
    expect(layOut('', false)).toBeUndefined();
  });

  test('may be long and deep', () => {
    const long = JSON.stringify({ text: '\\"'.repeat(400_000) });
    expect(text(long)?.length).toBe(long.length + 5);
    expect(text('['.repeat(5000), true)?.startsWith('[\n  [\n')).toBe(true);
  });
});

describe('in figures', () => {
  test.each([
    [0, '0 ms'],
    [0.42, '0.4 ms'],
    [9.96, '10 ms'],
    [999.6, '1.00 s'],
    [59_994, '59.99 s'],
    [59_995, '1 min 00 s'],
    [125_400, '2 min 05 s'],
  ])('%d milliseconds are written in their unit', (time, text) => {
    expect(figures.duration(time)).toBe(text);
  });

  test.each([
    [-1, '–'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [999_950, '1.0 MB'],
    [12_345_678, '12.3 MB'],
  ])('%d bytes are written in their unit', (size, text) => {
    expect(figures.bytes(size)).toBe(text);
  });

  test('URLs are split into their parts', () => {
    expect(figures.splitUrl('http://u@a.test:80/b/c?d=/e#f')).toEqual({
      scheme: 'http://',
      host: 'u@a.test:80',
      path: '/b/c',
      query: '?d=/e#f',
    });
    expect(figures.splitUrl('pinned.test:443')).toEqual({ scheme: '', host: 'pinned.test:443', path: '', query: '' });
  });

  test.each([
    ['application/problem+json; charset=utf-8', '', 'json'],
    ['application/x-ndjson', '', 'json'],
    ['application/jsonl', '', 'json'],
    ['image/svg+xml', '', 'svg'],
    ['image/webp', 'image', 'webp'],
    ['x-unknown', 'fetch', 'fetch'],
    ['', 'script', 'script'],
    ['text/plain', 'websocket', 'socket'],
  ])('%s %s is %s', (mimeType, resourceType, word) => {
    expect(shortType(mimeType, resourceType)).toBe(word);
  });
});

describe('cURL', () => {
  const { command } = makeCurl();
  const of = (id: number) => command(entries[id - 1] as (typeof entries)[number]);

  test('has method, header fields and body, quoted', () => {
    expect(of(10)).toBe(
      [
        "curl --globoff --compressed 'https://api.pay.test/v1/charges'",
        "--header 'content-type: application/json'",
        "--header 'authorization: [masked]'",
        "--header 'idempotency-key: 5f0e6c1e-6d0e-4b8e-9d7e-2f6a1c0b7a11'",
        "--header 'user-agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36'",
        `--data-raw '{"amount":4100,"currency":"EUR","source":"tok_visa","meta":{"it'\\''s":"quoted"}}'`,
      ].join(' \\\n  '),
    );
    expect(of(11)).toContain("--data-raw 'email=ann%40shop.test&news='");
    expect(of(9)).toContain("--request 'OPTIONS'");
  });

  test('is not there for what it cannot send: a tunnel, a body that is not here', () => {
    expect(of(13)).toBeUndefined();
    const har = archive([
      entry({
        method: 'POST',
        postData: { mimeType: 'image/gif', params: [], text: 'AAAA', encoding: 'base64', comment: 'cut' },
      }),
    ]);
    const [binary] = fitInto(har, 100_000).entries;
    expect(binary && command(binary)).toBeUndefined();
  });
});
