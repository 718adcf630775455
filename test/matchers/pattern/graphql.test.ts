import { describe, expect, test } from 'vitest';
import { readGraphql } from '../../../matchers/pattern/graphql-operation.js';
import { compilePattern, type RequestPattern } from '../../../matchers/pattern/pattern.js';
import { exactly } from '../../../matchers/values/exactly.js';
import { exchange, type Sent } from '../wire.js';

const url = 'https://shop.test/graphql';
const post = (body: unknown, type = 'application/json'): Sent => ({
  method: 'POST',
  url,
  headers: ['Content-Type', type],
  body,
});
const get = (parameters: Record<string, string>): Sent => ({ url: `${url}?${new URLSearchParams(parameters)}` });
const multipart = (name: string, body: string): Sent =>
  post(
    `--X\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${body}\r\n--X--\r\n`,
    'multipart/form-data; boundary=X',
  );

const CART = 'query Cart($id: ID!) { cart(id: $id) { total } }';
const BOTH = `${CART} mutation Pay { pay { id } }`;

describe('a request', () => {
  const cart = { operationName: 'Cart', operationType: 'query', variables: { id: '7' }, query: CART };

  test.each<[string, Sent, unknown]>([
    ['JSON', post({ query: CART, variables: { id: '7' } }), cart],
    ['JSON with a charset', post({ query: CART, variables: { id: '7' } }, 'application/json; charset=utf-8'), cart],
    ['JSON by another name', post({ query: CART, variables: { id: '7' } }, 'application/graphql+json'), cart],
    ['JSON that wants no preflight', post({ query: CART, variables: { id: '7' } }, 'text/plain'), cart],
    ['GET', get({ query: CART, variables: '{"id":"7"}' }), cart],
    [
      'a form',
      post(String(new URLSearchParams({ query: CART, variables: '{"id":"7"}' })), 'application/x-www-form-urlencoded'),
      cart,
    ],
    ['an upload', multipart('operations', JSON.stringify({ query: CART, variables: { id: '7' } })), cart],
    ['the text alone', post(CART, 'application/graphql'), { ...cart, variables: {} }],
    ['null variables', post({ query: CART, variables: null, operationName: null }), { ...cart, variables: {} }],
    ['an anonymous one', post({ query: '{ a }' }), { operationName: null, operationType: 'query' }],
    ['a subscription', post({ query: 'subscription S { a }' }), { operationName: 'S', operationType: 'subscription' }],
    ['one of two', post({ query: BOTH, operationName: 'Pay' }), { operationName: 'Pay', operationType: 'mutation' }],
    [
      'none of two',
      post({ query: BOTH }),
      {
        operationName: null,
        operationType: null,
        problem: 'its document has 2 operations, and operationName selects none',
      },
    ],
    [
      'one that is not there',
      post({ query: CART, operationName: 'Carts' }),
      { operationName: 'Carts', operationType: null, problem: `its document has no operation 'Carts'` },
    ],
    [
      'fragments only',
      post({ query: 'fragment F on A { a }' }),
      { operationType: null, problem: 'its document has no operation' },
    ],
    [
      'no GraphQL',
      post({ query: 'not {' }),
      { operationType: null, problem: expect.stringContaining('its query is not valid GraphQL') },
    ],
    [
      'a persisted one',
      post({ operationName: 'Cart', variables: { id: '7' }, extensions: { persistedQuery: {} } }),
      {
        operationName: 'Cart',
        operationType: null,
        variables: { id: '7' },
        query: null,
        problem: expect.stringContaining('persisted'),
      },
    ],
    [
      'a persisted one by GET',
      get({ operationName: 'Cart', extensions: '{"persistedQuery":{}}' }),
      { operationName: 'Cart', operationType: null, query: null },
    ],
  ])('has the operations of %s', (_, sent, operation) => {
    const reading = readGraphql(exchange(sent).request);
    expect('operations' in reading ? reading.operations : reading).toEqual([
      expect.objectContaining(operation as object),
    ]);
  });

  test('has several operations in a batch', () => {
    const reading = readGraphql(exchange(post([{ query: CART }, { query: 'mutation Pay { a }' }])).request);
    expect('operations' in reading && reading.operations.map(({ operationName }) => operationName)).toEqual([
      'Cart',
      'Pay',
    ]);
  });

  test.each<[string, Sent, string]>([
    ['nothing by GET', { url }, 'its URL has neither query nor extensions'],
    ['no body', post(''), 'its body is empty'],
    ['no JSON', post('<html>'), 'its body is not JSON'],
    ['other JSON', post({ amount: 1 }), 'its body is JSON with neither query, operationName nor extensions'],
    ['an empty batch', post('[]'), 'its body is JSON with neither query, operationName nor extensions'],
    [
      'a batch with something else',
      post([{ query: CART }, 1]),
      'its body is JSON with neither query, operationName nor extensions',
    ],
    ['variables that are none', get({ query: CART, variables: '[' }), 'its variables are no JSON object'],
    ['another type', post('x', 'image/png'), 'its content type is image/png'],
    ['another form', multipart('file', 'x'), `its form has no part 'operations'`],
    ['a broken form', post('x', 'multipart/form-data'), 'no multipart form: its content type names no boundary'],
  ])('has none: %s', (_, sent, problem) => {
    expect(readGraphql(exchange(sent).request)).toEqual({ problem });
    const [verdict] = compilePattern({ graphql: 'Cart' }).verdict(exchange(sent)).fields.slice(-1);
    expect(verdict).toMatchObject({
      pass: false,
      differences: [{ actual: { text: `(no GraphQL request: ${problem})` } }],
    });
  });
});

describe('an operation is matched', () => {
  const sent = post({ query: CART, variables: { id: '7', deep: { a: 1, b: 2 } } });

  test.each<[string, RequestPattern['graphql'], boolean]>([
    ['a name', 'Cart', true],
    ['another name', 'cart', false],
    ['a RegExp over the name', /^Ca/, true],
    ['a name and a type', { operationName: 'Cart', operationType: 'query' }, true],
    ['another type', { operationType: 'mutation' }, false],
    ['some variables', { variables: { id: /\d/, deep: { a: 1 } } }, true],
    ['exactly some', { variables: { deep: exactly({ a: 1 }) } }, false],
    ['exactly all', { variables: exactly({ id: '7', deep: { a: 1, b: 2 } }) }, true],
    ['the same document, set otherwise', { query: 'query Cart($id:ID!)\n{ cart(id:$id), {total} }' }, true],
    ['another document', { query: 'query Cart($id: ID!) { cart(id: $id) { sum } }' }, false],
    ['a part of the text', { query: /total/ }, true],
    ['a predicate', ({ operationName, variables }) => operationName === 'Cart' && variables.id === '7', true],
    ['an asymmetric matcher', expect.objectContaining({ operationType: 'query' }), true],
    ['no name', { operationName: null }, false],
  ])('by %s, or not', (_, graphql, matches) => {
    expect(compilePattern({ graphql } as RequestPattern).matches(exchange(sent))).toBe(matches);
  });

  test('where it is any of a batch, of which the nearest is told', () => {
    const batch = exchange(post([{ query: '{ a }' }, { query: CART, variables: { id: '8' } }]));
    expect(compilePattern({ graphql: { operationName: null } }).matches(batch)).toBe(true);
    const verdict = compilePattern({ graphql: { operationName: 'Cart', variables: { id: '7' } } }).verdict(batch);
    expect(verdict.fields.at(-1)?.differences).toEqual([{ path: ['variables', 'id'], expected: '7', actual: '8' }]);
  });

  test('with the reason why its type cannot be told', () => {
    const verdict = compilePattern({ graphql: { operationType: 'query' } }).verdict(
      exchange(post({ operationName: 'Cart' })),
    );
    expect(verdict.fields.at(-1)?.differences).toEqual([
      {
        path: ['operationType'],
        expected: 'query',
        actual: null,
        reason: 'a persisted query, which is sent without its text: its type cannot be told',
      },
    ]);
  });
});
