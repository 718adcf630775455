import { expect, test } from 'vitest';
import { compilePattern, type Pattern } from '../../../matchers/pattern/pattern.js';
import { exchange, type Sent } from '../wire.js';

const url = 'https://api.pay.test/v1/charges?expand=card';
const asksFor = (method: string) => ['Origin', 'https://shop.test', 'Access-Control-Request-Method', method];
const preflight: Sent = { method: 'OPTIONS', url, headers: asksFor('POST') };

test.each<[string, Pattern, Sent, boolean]>([
  ['a method that it asks for', 'POST https://api.pay.test/**', preflight, true],
  ['another method', 'PUT https://api.pay.test/**', preflight, false],
  ['a list of methods', { method: ['PUT', 'POST'] }, preflight, true],
  ['another URL', 'POST https://shop.test/**', preflight, false],
  ['no method', 'https://api.pay.test/**', preflight, true],
  [
    'host, port, path and query',
    { host: '*.pay.test', port: 443, path: '/v1/*', query: { expand: 'card' } },
    preflight,
    true,
  ],
  ['another query', { query: { expand: 'none' } }, preflight, false],
  ['a URL predicate', { url: ({ pathname }) => pathname === '/v1/charges' }, preflight, true],
  ['headers, which it does not show', { method: 'POST', headers: { authorization: 'Bearer t' } }, preflight, true],
  ['a body, which it does not have', { method: 'POST', json: { amount: 1 } }, preflight, true],
  ['a predicate, which judges the request itself', () => false, preflight, true],
  ['a WebSocket, which has none', { websocket: true }, preflight, false],
  ['the preflight itself', 'OPTIONS https://api.pay.test/**', preflight, false],
  ['no preflight: another method', '**', { ...preflight, method: 'POST' }, false],
  ['no preflight: without an origin', '**', { ...preflight, headers: asksFor('POST').slice(2) }, false],
  ['no preflight: without a method', '**', { ...preflight, headers: asksFor('POST').slice(0, 2) }, false],
])('a preflight passes, or does not, for a pattern with %s', (_, pattern, sent, passes) => {
  expect(compilePattern(pattern).testPreflight(exchange(sent))).toBe(passes);
});

test('a preflight passes only what narrows the pattern, too', () => {
  const pattern = compilePattern('**', { path: '/v1/customers' });
  expect(pattern.testPreflight(exchange(preflight))).toBe(false);
});
