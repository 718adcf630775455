/** Asymmetric matchers of the runners' own `expect`, in every key that takes a value. */
import { expect as playwright } from '@playwright/test';
import { expect as jest } from 'expect';
import { describe, expect, test, expect as vitest } from 'vitest';
import { compilePattern, type Pattern } from '../../../matchers/pattern/pattern.js';
import { compareValue, matchesValue } from '../../../matchers/values/value.js';
import { exchange } from '../wire.js';

const sent = exchange({
  method: 'POST',
  url: 'https://api.pay.test:8443/v1/charges?page=2',
  headers: ['Content-Type', 'application/json', 'Cookie', 'session=abc', 'X-Trace', 'one'],
  body: { query: 'query Cart { a }', variables: { id: '7' }, items: [{ sku: 'cup' }] },
});
const form = exchange({ method: 'POST', body: 'user=ada' });
const upload = exchange({
  method: 'POST',
  headers: ['Content-Type', 'multipart/form-data; boundary=X'],
  body: '--X\r\nContent-Disposition: form-data; name="a"; filename="b.png"\r\n\r\nxyz\r\n--X--\r\n',
});

describe.each([
  ['Jest', jest],
  ['Vitest', vitest as unknown as typeof jest],
  ['Playwright', playwright as unknown as typeof jest],
])('a matcher of %s', (_, runner) => {
  test.each<[string, Pattern, boolean, typeof sent?]>([
    ['method', { method: runner.stringMatching(/^P/) }, true],
    ['method, not', { method: runner.not.stringMatching(/^P/) }, false],
    ['url', { url: runner.stringContaining('/v1/') }, true],
    ['host', { host: runner.stringContaining('pay') }, true],
    ['port', { port: runner.any(Number) }, true],
    ['path', { path: runner.stringMatching(/charges$/) }, true],
    ['query', { query: { page: runner.stringMatching(/^\d$/) } }, true],
    ['query, the whole', { query: runner.objectContaining({ page: '3' }) }, false],
    ['headers', { headers: { 'x-trace': runner.not.stringContaining('two') } }, true],
    ['headers, the whole', { headers: runner.objectContaining({ 'x-trace': 'one' }) }, true],
    ['cookies', { cookies: { session: runner.any(String) } }, true],
    ['protocol', { protocol: runner.stringContaining('http/1') }, true],
    ['json', { json: runner.objectContaining({ items: runner.arrayContaining([{ sku: 'cup' }]) }) }, true],
    ['json, inside', { json: { items: [{ sku: runner.stringContaining('u') }], variables: runner.anything() } }, true],
    ['json, not inside', { json: { items: runner.not.arrayContaining([{ sku: 'cup' }]) } }, false],
    ['text', { text: runner.stringContaining('"cup"') }, true],
    ['body', { body: runner.any(Buffer) }, true],
    ['graphql', { graphql: runner.objectContaining({ operationName: 'Cart' }) }, true],
    [
      'graphql, inside',
      { graphql: { operationName: runner.stringContaining('C'), variables: { id: runner.any(String) } } },
      true,
    ],
    ['form', { form: { user: runner.stringContaining('a') } }, true, form],
    ['form, not', { form: { user: runner.not.stringContaining('a') } }, false, form],
    ['multipart', { multipart: { a: runner.stringContaining('y') } }, true, upload],
    [
      'multipart, inside',
      { multipart: { a: { filename: runner.stringMatching(/png$/), size: runner.any(Number) } } },
      true,
      upload,
    ],
  ])('decides on %s', (_name, pattern, matches, subject = sent) => {
    const compiled = compilePattern(pattern);
    expect(compiled.matches(subject)).toBe(matches);
    expect(compiled.verdict(subject).pass).toBe(matches);
  });
});

test('a matcher that answers late is refused: a promise is no yes', () => {
  const late = { asymmetricMatch: () => Promise.reject(new Error('late')) };
  expect(() => matchesValue({ a: late }, { a: 1 })).toThrow('An asymmetric matcher must answer at once');
  expect(compareValue({ a: late }, { a: 1 }).differences[0]?.reason).toContain('must answer at once');
  expect(compilePattern({ method: late as never }).matches(sent)).toBe(false);
});

test.each([
  ['Jest', jest],
  ['Vitest', vitest as unknown as typeof jest],
])('an asynchronous matcher of one’s own is no yes: %s', (_, runner) => {
  runner.extend({ toBeLate: async () => ({ pass: true, message: () => '' }) });
  const { toBeLate } = runner as unknown as { toBeLate(): object };
  const late = Reflect.apply(toBeLate, runner, []);
  expect(compilePattern({ method: late as never }).matches(sent)).toBe(false);
});
