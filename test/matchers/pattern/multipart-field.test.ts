import { describe, expect, test } from 'vitest';
import { compilePattern, type RequestPattern } from '../../../matchers/pattern/pattern.js';
import { exactly } from '../../../matchers/values/exactly.js';
import { exchange, type Sent } from '../wire.js';

const part = (head: string, body: string) => `--X\r\nContent-Disposition: form-data; ${head}\r\n\r\n${body}\r\n`;
const sent: Sent = {
  method: 'POST',
  url: 'https://shop.test/',
  headers: ['Content-Type', 'multipart/form-data; boundary=X'],
  body: `${part('name="title"', 'Sunset')}${part('name="tag"', 'a')}${part('name="tag"', '')}${part('name="photo"; filename="a.png"\r\nContent-Type: image/PNG; x=y', '\u0001\u0002')}${part('name="meta"; filename="m.json"\r\nContent-Type: application/json', '{"a":1,"b":2}')}--X--\r\n`,
};

test.each<[string, RequestPattern['multipart'], boolean]>([
  ['a field', { title: 'Sunset' }, true],
  ['another value', { title: 'Sunrise' }, false],
  ['absent', { draft: null }, true],
  ['present, to be absent', { title: null }, false],
  ['a predicate over the text', { title: (text) => text.length === 6 }, true],
  ['any of a repeated one', { tag: '' }, true],
  ['all of a repeated one', { tag: ['a', ''] }, true],
  ['all of a repeated one, in another order', { tag: ['', 'a'] }, false],
  ['some of a repeated one', { tag: ['a'] }, false],
  ['a file', { photo: { filename: 'a.png', contentType: 'image/png', size: 2, body: Buffer.from([1, 2]) } }, true],
  ['another type', { photo: { contentType: 'image/jpeg' } }, false],
  ['other bytes', { photo: { body: Buffer.from([1, 3]) } }, false],
  ['another size', { photo: { size: (bytes) => bytes > 2 } }, false],
  ['no file', { title: { filename: null, contentType: 'text/plain', text: /^Sun/ } }, true],
  ['a file, to be a field', { photo: { filename: null } }, false],
  ['JSON in a part', { meta: { json: { a: 1 } } }, true],
  ['exact JSON in a part', { meta: { json: exactly({ a: 1 }) } }, false],
  ['JSON that is none', { title: { json: expect.anything() } }, false],
  ['a predicate over all', (parts) => parts.length === 5 && parts[3]?.filename === 'a.png', true],
])('a pattern of parts says %s', (_, multipart, matches) => {
  const pattern = compilePattern({ multipart } as RequestPattern);
  expect(pattern.matches(exchange(sent))).toBe(matches);
  expect(pattern.verdict(exchange(sent)).pass).toBe(matches);
});

test('a pattern may say exactly these parts', () => {
  const all = { title: 'Sunset', tag: ['a', ''], photo: { size: 2 }, meta: { json: {} } };
  expect(compilePattern({ multipart: exactly(all) }).matches(exchange(sent))).toBe(true);
  const { meta: _, ...some } = all;
  const verdict = compilePattern({ multipart: exactly(some) }).verdict(exchange(sent));
  expect(verdict.fields.at(-1)?.differences.map(({ path }) => path)).toEqual([['meta']]);
});

describe('a verdict tells', () => {
  const told = (pattern: RequestPattern, over: Partial<Sent>) =>
    compilePattern(pattern)
      .verdict(exchange({ ...sent, ...over }))
      .fields.at(-1)?.differences[0]?.actual;

  test('each condition by its place', () => {
    const verdict = compilePattern({ multipart: { photo: { filename: 'b.png', size: 3 }, draft: 'x' } }).verdict(
      exchange(sent),
    );
    expect(verdict.fields.at(-1)?.differences.map(({ path, actual }) => [path.join('.'), actual])).toEqual([
      ['photo.filename', 'a.png'],
      ['photo.size', 2],
      ['draft', expect.anything()],
    ]);
  });

  test.each<[string, RequestPattern, Partial<Sent>, string]>([
    [
      'no form at all',
      { multipart: { a: 'b' } },
      { headers: ['Content-Type', 'text/css'] },
      '(no multipart form: its content type is text/css)',
    ],
    [
      'a form of the other kind',
      { multipart: { a: 'b' } },
      { headers: ['Content-Type', 'application/x-www-form-urlencoded'] },
      '(no multipart form but a urlencoded one, which the key form reads)',
    ],
    [
      'a form cut off',
      { multipart: { a: 'b' } },
      { body: part('name="a"', 'b') },
      '(no multipart form: it ends before its last boundary)',
    ],
    [
      'a multipart form for the key form',
      { form: { a: null } },
      {},
      '(no urlencoded form but a multipart one, which the key multipart reads)',
    ],
  ])('%s', (_, pattern, over, text) => {
    expect(told(pattern, over)).toMatchObject({ text });
    expect(compilePattern(pattern).matches(exchange({ ...sent, ...over }))).toBe(false);
  });
});
