import { expect, test } from 'vitest';
import { compilePattern, type RequestPattern } from '../../../matchers/pattern/pattern.js';
import { exactly } from '../../../matchers/values/exactly.js';
import { Mask } from '../../../matchers/values/mask.js';
import { exchange, type Sent } from '../wire.js';

const form = { method: 'POST', body: 'a=1&b=2&b=3' };
const json = { method: 'POST', body: { a: 1, deep: { b: [{ c: 2 }] } } };

test.each<[string, RequestPattern, Sent, boolean]>([
  ['json', { json: exactly({ a: 1, deep: { b: [{ c: 2 }] } }) }, json, true],
  ['json with another key', { json: exactly({ a: 1 }) }, json, false],
  ['json with another key deep inside', { json: exactly({ a: 1, deep: { b: [{}] } }) }, json, false],
  [
    'json with a matcher inside, which decides for itself',
    { json: exactly({ a: /1/, deep: expect.anything() }) },
    json,
    false,
  ],
  [
    'json with a matcher inside',
    { json: exactly({ a: (n: number) => n === 1, deep: expect.objectContaining({}) }) },
    json,
    true,
  ],
  ['a part of json', { json: { deep: exactly({ b: [{ c: 2 }] }) } }, json, true],
  ['inside an asymmetric matcher', { json: expect.objectContaining({ deep: exactly({}) }) }, json, false],
  ['an array', { json: exactly([{ a: 1 }]) }, { method: 'POST', body: [{ a: 1, b: 2 }] }, false],
  ['query', { query: exactly({ a: '1' }) }, { url: 'https://a.test/?a=1' }, true],
  ['query with another name', { query: exactly({ a: '1' }) }, { url: 'https://a.test/?a=1&b=' }, false],
  ['query repeated', { query: exactly({ a: '1' }) }, { url: 'https://a.test/?a=1&a=1' }, false],
  ['query repeated, as a list', { query: exactly({ a: ['1', '1'] }) }, { url: 'https://a.test/?a=1&a=1' }, true],
  ['no query', { query: exactly({}) }, { url: 'https://a.test/?' }, true],
  ['some query', { query: exactly({}) }, { url: 'https://a.test/?a' }, false],
  ['headers in any case', { headers: exactly({ ACCEPT: '*/*' }) }, { headers: ['accept', '*/*'] }, true],
  ['headers with another', { headers: exactly({ accept: '*/*' }) }, { headers: ['accept', '*/*', 'X-A', ''] }, false],
  ['headers joined', { headers: exactly({ a: '1, 2' }) }, { headers: ['a', '1', 'A', '2'] }, true],
  ['cookies', { cookies: exactly({ a: '1', b: '2' }) }, { headers: ['cookie', 'a=1', 'cookie', 'b=2'] }, true],
  ['cookies with another', { cookies: exactly({ a: '1' }) }, { headers: ['cookie', 'a=1; b=2'] }, false],
  ['form', { form: exactly({ a: '1', b: ['2', '3'] }) }, form, true],
  ['form with another', { form: exactly({ b: ['2', '3'] }) }, form, false],
  ['form with none', { form: exactly({ a: '1', b: ['2', '3'], c: null }) }, form, true],
])('exactly() matches what is there, and no more: %s', (_, pattern, sent, matches) => {
  const compiled = compilePattern(pattern);
  expect(compiled.matches(exchange(sent))).toBe(matches);
  expect(compiled.verdict(exchange(sent)).pass).toBe(matches);
});

test('exactly() names what is not to be there', () => {
  const verdict = compilePattern({ json: exactly({ deep: { b: [{}] } }) }).verdict(exchange(json));
  expect(verdict.fields.at(-1)?.differences.map(({ path }) => path)).toEqual([['deep', 'b', 0, 'c'], ['a']]);
  const query = compilePattern({ query: exactly({ a: '1' }) }).verdict(exchange({ url: 'https://a.test/?a=1&b=2' }));
  expect(query.fields.at(-1)?.differences).toMatchObject([{ path: ['b'], actual: '2' }]);
});

test('exactly() is shown as it is written, with secrets masked', () => {
  expect(String(compilePattern({ json: exactly({ a: 1 }) }))).toBe('{ json: exactly({ a: 1 }) }');
  const masked = compilePattern({ headers: exactly({ authorization: 'Bearer t' }) }, undefined, { mask: new Mask() });
  expect(String(masked)).toBe('{ headers: exactly({ authorization: [masked] }) }');
});

test.each([
  [5, 'a number'],
  ['a', 'a string'],
  [/a/, 'a RegExp'],
  [null, 'null'],
  [undefined, 'undefined'],
  [() => true, 'a function'],
  [expect.anything(), 'an asymmetric matcher'],
])('exactly() refuses %s', (value, kind) => {
  expect(() => exactly(value as object)).toThrow(
    `Invalid pattern exactly(…) of ${kind}: exactly() takes an object or an array. Write exactly({ amount: 4200 }).`,
  );
});

test('exactly() tells what it refuses at the line of the test, without a frame of its own', () => {
  try {
    exactly('a' as unknown as object);
    expect.unreachable();
  } catch (error) {
    expect(/^\s+at .*$/m.exec((error as Error).stack ?? '')?.[0]).toMatch(/exactly\.test\.ts/);
  }
});
