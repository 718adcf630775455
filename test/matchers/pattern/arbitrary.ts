/** Arbitrary patterns of every key, and requests with every kind of body. */
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { expect as jestExpect } from 'expect';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { Pattern, RequestPattern } from '../../../matchers/pattern/pattern.js';
import { exactly } from '../../../matchers/values/exactly.js';
import { makeExchange } from '../../journal/exchanges.js';

const { constantFrom: of, oneof } = fc;

// Few words, so that patterns often match.
const word = of('a', 'b', 'ab', 'x y', '', '1', 'ä');
const name = of('a', 'b', 'c');

/** Matchers of a text. */
const matcher = of<unknown>(
  /a/,
  /^b$/g,
  /./y,
  (text: string) => text.length > 1,
  (text: string) => text.toUpperCase() === 'A', // Throws where it gets no text.
  () => Promise.resolve(true),
  expect.anything(),
  expect.stringContaining('a'),
  expect.not.stringContaining('a'),
  jestExpect.any(String),
  jestExpect.stringMatching(/b/),
  {
    asymmetricMatch: () => {
      throw new Error('no');
    },
  },
  { asymmetricMatch: async () => true },
);
const text = oneof({ weight: 3, arbitrary: word }, matcher);

const leaf = of<unknown>('a', 'b', '', 0, 1, 4200, true, null);
const json = fc.letrec((tie) => ({
  value: oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('value'), { maxLength: 2 }),
    fc.dictionary(name, tie('value'), { maxKeys: 2 }),
  ),
})).value;
const jsonPattern = fc.letrec((tie) => ({
  value: oneof(
    { depthSize: 'small' },
    leaf,
    matcher,
    fc.array(tie('value'), { maxLength: 2 }),
    fc.dictionary(name, tie('value'), { maxKeys: 2 }),
    fc.dictionary(name, tie('value'), { maxKeys: 2 }).map((value) => exactly(value)),
    fc.dictionary(name, tie('value'), { maxKeys: 2 }).map((value) => expect.objectContaining(value)),
  ),
})).value;

const named = fc.dictionary(name, oneof(text, fc.constant(null), fc.array(text, { maxLength: 2 })), { maxKeys: 2 });
const names = oneof(
  { weight: 3, arbitrary: named },
  named.map((value) => exactly(value)),
  of<unknown>(
    () => true,
    (all: { a: string }) => all.a.length > 0,
    expect.objectContaining({ a: 'a' }),
  ),
);

const part = fc
  .record(
    {
      filename: oneof(text, fc.constant(null)),
      contentType: oneof(of<unknown>('text/plain', 'image/png'), matcher),
      text,
      json: jsonPattern,
      body: of<unknown>(Buffer.from('a'), () => true, expect.anything()),
      size: of<unknown>(1, 2, (size: number) => size > 0, expect.any(Number)),
    },
    { requiredKeys: [] },
  )
  .filter((value) => Object.keys(value).length > 0);
const parts = fc.dictionary(name, oneof(text, part, fc.array(oneof(text, part), { maxLength: 2 }), fc.constant(null)), {
  maxKeys: 2,
});

const operation = fc
  .record(
    {
      operationName: oneof(of<unknown>('A', 'B', null), matcher),
      operationType: oneof(of<unknown>('query', 'mutation'), matcher),
      variables: jsonPattern,
      query: oneof(of<unknown>('{ a }', 'query A { a }'), matcher),
    },
    { requiredKeys: [] },
  )
  .filter((value) => Object.keys(value).length > 0);

/** An arbitrary value for every key of a pattern. */
export const keys: Record<keyof RequestPattern, fc.Arbitrary<unknown>> = {
  method: oneof(of<unknown>('GET', 'POST', ['GET', 'PUT']), matcher),
  url: oneof(
    of<unknown>('**', 'https://a.test/**', '*://a.test/a*', 'wss://**', (url: URL) => url.port !== ''),
    of<unknown>('https://a.test/a', '**/a', '*://**/{a,b}/b', '**/b', '**/a?', '**/?a=/b', 'wss://*/a'),
    matcher,
  ),
  host: oneof(of<unknown>('a.test', '*.test', ['b.test', '::1']), matcher),
  port: of<unknown>(443, [443, 8443], (port: number) => port > 443, expect.any(Number)),
  path: oneof(of<unknown>('/a', '/*', '**'), matcher),
  query: names,
  headers: names,
  cookies: names,
  protocol: oneof(
    of<unknown>(
      'https',
      'h2',
      ['ws', 'http/1.1'],
      (scheme: string, version: string) => scheme === 'wss' || version === 'h2',
    ),
    matcher,
  ),
  sni: oneof(of<unknown>('a.test', '*', null, ['b.test', null]), matcher),
  websocket: fc.boolean(),
  json: jsonPattern,
  graphql: oneof(of<unknown>('A', 'B'), matcher, operation),
  form: names,
  multipart: oneof(
    { weight: 3, arbitrary: parts },
    parts.map((value) => exactly(value)),
    of<unknown>(() => true, expect.any(Array)),
  ),
  text,
  body: of<unknown>(
    Buffer.from('a'),
    Buffer.alloc(0),
    () => true,
    (bytes: Buffer) => bytes.length > 2,
    expect.anything(),
  ),
};

/** A URL that has a query says all of it: a `query` beside it is refused. */
export function saysQueryTwice(...patterns: readonly unknown[]): boolean {
  const written = patterns.map((one) => (typeof one === 'object' ? (one as RequestPattern) : {}));
  return written.some(({ query }) => query !== undefined) && written.some(({ url }) => String(url).includes('?'));
}

/** Patterns in any of their forms. */
export const pattern: fc.Arbitrary<Pattern> = oneof(
  {
    weight: 12,
    arbitrary: fc
      .record(keys, { requiredKeys: [] })
      .filter((value) => Object.keys(value).length > 0 && !saysQueryTwice(value)) as fc.Arbitrary<RequestPattern>,
  },
  // One key alone matches more often than many together.
  {
    weight: 24,
    arbitrary: oneof(
      ...Object.entries(keys).map(([key, value]) => value.map((one) => ({ [key]: one }))),
    ) as fc.Arbitrary<RequestPattern>,
  },
  {
    weight: 2,
    arbitrary: of<Pattern>(
      '**',
      'GET https://a.test/**',
      'GET https://a.test/a',
      'POST **/b',
      /a/,
      () => true,
      (request) => request.json<{ a: string }>().a === 'a',
      (request) => request.multipart().length > 0,
      (request) => request.body.length > 1,
      (request) => request.body.length < 9,
      (request) => JSON.parse(request.body.toString()) !== null,
      () => {
        throw new Error('no');
      },
    ),
  },
);

const pairs = fc.array(fc.tuple(name, word), { maxLength: 3 });
const multipart = pairs.chain((fields) =>
  of('', '; filename="a"', '; filename=""\r\nContent-Type: image/png').map((file) => {
    const pieces = fields.map(
      ([key, value]) => `--XX\r\nContent-Disposition: form-data; name="${key}"${file}\r\n\r\n${value}\r\n`,
    );
    return `${pieces.join('')}--XX--\r\n`;
  }),
);
const graphql = fc
  .record(
    {
      query: of('{ a }', 'query A { a }', 'query A { a } mutation B { b }', 'not {'),
      operationName: of('A', 'B'),
      variables: json,
      extensions: fc.constant({}),
    },
    { requiredKeys: [] },
  )
  .chain((one) => of(one, [one], [one, { query: 'mutation B { b }' }]))
  .map((value) => JSON.stringify(value));
const body = oneof(
  fc.record({
    type: of('application/json', 'text/plain', 'application/octet-stream'),
    body: json.map((value) => JSON.stringify(value)),
  }),
  fc.record({ type: of('application/json', 'application/graphql'), body: graphql }),
  fc.record({
    type: fc.constant('application/x-www-form-urlencoded'),
    body: pairs.map((list) => new URLSearchParams(list).toString()),
  }),
  fc.record({
    type: of('multipart/form-data; boundary=XX', 'multipart/form-data'),
    body: oneof(
      multipart,
      multipart.map((whole) => whole.slice(0, -9)),
    ),
  }),
  fc.record({
    type: of('application/json', 'multipart/form-data; boundary=XX', ''),
    body: of('', '{', '--XX', 'a=1&b'),
  }),
);

const codings: Record<string, (bytes: Buffer) => Buffer> = {
  '': (bytes) => bytes,
  gzip: gzipSync,
  br: brotliCompressSync,
  'deflate, gzip': (bytes) => gzipSync(deflateSync(bytes)),
  deflate: () => Buffer.from('no deflate'),
  unknown: (bytes) => bytes,
};

/** Requests that these patterns are for. */
export const exchange = fc
  .record({
    method: of('GET', 'POST', 'PUT', 'CONNECT'),
    host: of('a.test', 'b.test:8443', '[::1]'),
    path: of('', 'a', 'a/b', 'b/a'),
    query: oneof(
      pairs.map((list) => `?${new URLSearchParams(list)}`),
      of('', '?', '?a=/b', '?/a'),
    ),
    headers: pairs,
    cookies: pairs,
    content: body,
    coding: of('', '', '', ...Object.keys(codings)),
    complete: of(true, true, true, false),
    captureLimit: of(1000, 1000, 3),
    websocket: of(false, false, true),
    httpVersion: of('1.0' as const, '1.1' as const, '2.0' as const),
    serverName: of('a.test', 'B.test', undefined),
  })
  .map(({ content, coding, host, path, query, headers, cookies, complete, serverName, ...init }) => {
    const made = makeExchange({
      ...init,
      url: `https://${host}/${path}${query}`,
      headers: [
        ...headers.flat(),
        ...cookies.flatMap(([key, value]) => ['Cookie', `${key}=${value}`]),
        ...(content.type === '' ? [] : ['Content-Type', content.type]),
        ...(coding === '' ? [] : ['Content-Encoding', coding]),
      ],
      request: { body: codings[coding]?.(Buffer.from(content.body)) ?? '', complete },
    });
    Object.assign(made, { client: { ...made.client, tls: { version: 'TLSv1.3', alpn: undefined, serverName } } });
    return made;
  });
