/** The matchers over one request or response. */
import { describe, expect, test } from 'vitest';
import { toHaveHeader } from '../../../matchers/expect/to-have-header.js';
import { toHaveJSON } from '../../../matchers/expect/to-have-json.js';
import { toHaveStatus } from '../../../matchers/expect/to-have-status.js';
import { toMatchRequest } from '../../../matchers/expect/to-match-request.js';
import { exchange, respond } from '../wire.js';

const charge = exchange({
  method: 'POST',
  url: 'https://api.pay.test/v1/charges',
  headers: ['Content-Type', 'application/json', 'Authorization', 'Bearer secret', 'X-Many', 'a', 'X-Many', 'b'],
  body: { amount: 4200, items: [{ sku: 'cup' }] },
});
const { request } = charge;
const response = respond(charge, 402, ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2'], { error: 'declined' });
const pending = exchange({ url: 'https://shop.test/' });

describe('toHaveHeader', () => {
  test.each<[Parameters<typeof toHaveHeader>, boolean]>([
    [[request, 'content-type'], true],
    [[request, 'CONTENT-TYPE', 'application/json'], true],
    [[request, 'content-type', /json$/], true],
    [[request, 'content-type', expect.stringContaining('json')], true],
    [[request, 'content-type', 'json'], false],
    [[request, 'x-none'], false],
    [[request, 'x-none', null], true],
    [[request, 'content-type', undefined], true],
    [[request, 'x-many', 'b'], true],
    [[request, 'x-many', ['a', 'b']], true],
    [[response, 'set-cookie', 'b=2'], true],
  ])('passes as it is to in row %#', (args, pass) => {
    expect(toHaveHeader(...args)).toMatchObject({ name: 'toHaveHeader', pass });
  });

  test('tells what there is', () => {
    expect(toHaveHeader(request, 'content-type', /^text/).message()).toMatchInlineSnapshot(`
      "The header 'content-type' of POST https://api.pay.test/v1/charges is not as expected.

      (- expected, + received)
        headers['content-type']
          - /^text/
          + 'application/json'"
    `);
    expect(toHaveHeader(request, 'content-type').message()).toMatchInlineSnapshot(
      `
      "The header 'content-type' of POST https://api.pay.test/v1/charges is what it was expected not to be.

      Expected: not any value
      Received: 'application/json'"
    `,
    );
    expect(toHaveHeader(request, 'authorization', 'Bearer guess').message()).not.toMatch(/secret|guess/);
  });
});

describe('toHaveJSON', () => {
  test.each<[Parameters<typeof toHaveJSON>, boolean]>([
    [[request, { amount: 4200 }], true],
    [[request, { amount: expect.any(Number), items: [{ sku: /^c/ }] }], true],
    [[request, { amount: 1 }], false],
    [[response, { error: 'declined' }], true],
    [[pending.request, {}], false],
  ])('passes as it is to in row %#', (args, pass) => {
    expect(toHaveJSON(...args)).toMatchObject({ name: 'toHaveJSON', pass });
  });

  test('tells where it differs', () => {
    expect(toHaveJSON(request, { amount: 1, items: [] }).message()).toMatchInlineSnapshot(`
      "The JSON of POST https://api.pay.test/v1/charges is not as expected.

      (- expected, + received)
        json.amount
          - 1
          + 4200
        json.items
          - []
          + [{ sku: 'cup' }]"
    `);
    expect(toHaveJSON(pending.request, { a: 1 }).message()).toMatchInlineSnapshot(`
      "The JSON of GET https://shop.test/ is not as expected.

      (- expected, + received)
        json
          - { a: 1 }
          + (no body)"
    `);
  });

  test('takes what JSON cannot have for a mistake', () => {
    expect(() => toHaveJSON(request, { a: undefined })).toThrow('json.a is undefined');
  });
});

describe('toHaveStatus', () => {
  test.each<[Parameters<typeof toHaveStatus>, boolean]>([
    [[response, 402], true],
    [[charge, 402], true],
    [[response, /^4/], true],
    [[response, (status) => status < 500], true],
    [[response, 200], false],
    [[response, /^2/], false],
    [[pending, 200], false],
    [[undefined, 200], false],
  ])('passes as it is to in row %#', (args, pass) => {
    expect(toHaveStatus(...args)).toMatchObject({ name: 'toHaveStatus', pass });
  });

  test('tells what there is', () => {
    expect(toHaveStatus(response, 201).message()).toMatchInlineSnapshot(`
      "The status of the 402 response to POST https://api.pay.test/v1/charges is not as expected.

      (- expected, + received)
        status
          - 201
          + 402"
    `);
    expect(toHaveStatus(pending, 201).message()).toMatchInlineSnapshot(`
      "The status of the response to GET https://shop.test/ is not as expected.

      (- expected, + received)
        status
          - 201
          + (no response)"
    `);
    expect(toHaveStatus(response, 402).message()).toMatchInlineSnapshot(
      `
      "The status of the 402 response to POST https://api.pay.test/v1/charges is what it was expected not to be.

      Expected: not 402
      Received: 402"
    `,
    );
  });

  test('tells which rules made the response what it is', () => {
    const ruled = exchange({ url: 'https://shop.test/' });
    const answer = respond(ruled, 503, ['x-a', '1'], {});
    ruled
      .intervene()
      .add({ described: { kind: 'mutation', pattern: 'https://shop.test/**', place: 'shop.spec.ts:9' } });
    ruled.intervene().add({ described: { kind: 'stub', pattern: 'GET **', place: 'shop.spec.ts:7' } });
    const stub = 'It came from the stub GET ** (shop.spec.ts:7).';
    // A mutation of the request only is not told of the response.
    expect(toHaveStatus(answer, 200).message().split('\n').slice(-2)).toEqual(['', stub]);
    ruled.intervene().original = respond(exchange(), 200);
    for (const { message } of [
      toHaveStatus(answer, 200),
      toHaveStatus(ruled, 200),
      toHaveStatus(answer, 503),
      toHaveHeader(answer, 'x-b'),
      toHaveJSON(answer, { a: 1 }),
    ]) {
      expect(message().split('\n').slice(-3)).toEqual([
        '',
        stub,
        'It was changed by the mutation https://shop.test/** (shop.spec.ts:9).',
      ]);
    }
    expect(toHaveHeader(ruled.request, 'x-b').message()).not.toContain('shop.spec.ts');
  });

  test('takes what is no status for a mistake', () => {
    expect(() => toHaveStatus(response, '200' as never)).toThrow(
      `A status cannot be '200'. Write toHaveStatus(404) or toHaveStatus(/^4/).`,
    );
  });
});

describe('toMatchRequest', () => {
  test('takes the request or its exchange', () => {
    expect(toMatchRequest(request, 'POST https://api.pay.test/**')).toMatchObject({
      name: 'toMatchRequest',
      pass: true,
    });
    expect(toMatchRequest(charge, 'POST https://api.pay.test/**', { json: { amount: 4200 } }).pass).toBe(true);
    expect(toMatchRequest(exchange({ websocket: true }), { websocket: true }).pass).toBe(true);
    expect(toMatchRequest(request, { json: { amount: 1 } }).pass).toBe(false);
  });

  test('tells what differs, and what does not', () => {
    expect(
      toMatchRequest(request, 'GET https://api.pay.test/**', { json: { amount: 1 } }).message(),
    ).toMatchInlineSnapshot(`
      "POST https://api.pay.test/v1/charges does not match GET https://api.pay.test/** { json: { amount: 1 } }.

      (- expected, + received)
        method
          - 'GET'
          + 'POST'
        json.amount
          - 1
          + 4200"
    `);
    expect(toMatchRequest(request, 'POST **').message()).toMatchInlineSnapshot(
      `"POST https://api.pay.test/v1/charges matches POST **; expected it not to."`,
    );
  });
});

test.each([
  ['toHaveHeader', () => toHaveHeader({ url: () => '' }, 'a')],
  ['toHaveHeader', () => toHaveHeader(charge, 'a')],
  ['toHaveJSON', () => toHaveJSON(null, {})],
  ['toHaveStatus', () => toHaveStatus(request, 200)],
  ['toMatchRequest', () => toMatchRequest(response, '**')],
])('%s refuses what it was not made for, row %#', (name, run) => {
  expect(run).toThrow(
    expect.objectContaining({ code: 'WAYLAY_INVALID_OPTION', message: expect.stringMatching(`^${name} needs `) }),
  );
});

test('a value that a matcher was not made for is named, and what is in it is not shown', () => {
  const response = { status: 200, headers: { authorization: 'Bearer secret' } };
  for (const [received, named] of [
    [charge.request, 'POST https://api.pay.test/v1/charges'],
    [[charge], 'a list of 1'],
    [{ authorization: 'Bearer secret', 'x-a': 'secret' }, "an object with the keys authorization, 'x-a'"],
    [{}, 'an object without keys'],
    ['Bearer secret', 'a string'],
    [Object.assign(new (class APIResponse {})(), response), 'APIResponse'],
    [5, '5'],
  ] as const) {
    expect(() => toHaveStatus(received, 200)).toThrow(
      new RegExp(`^toHaveStatus needs the response of an exchange, not ${named}\\.$`),
    );
  }
});

test('an expectation that is still to be awaited is told of as one', () => {
  expect(() => toHaveStatus(charge.finished(), 200)).toThrow(/ Await it first\.$/);
});

test('a header that is absent was expected with any value, and not by a RegExp', () => {
  const { request } = exchange({ url: 'https://shop.test/', headers: ['X-Id', 'abc'] });
  const result = toHaveHeader(request, 'x-idd');
  expect(result.pass).toBe(false);
  expect(result.message()).toMatch(/headers\['x-idd'\]\n\s+- any value\n\s+\+ \(absent\)/);
});
