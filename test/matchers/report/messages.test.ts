/** The failure messages, as a person reads them. */
import { describe, expect, test } from 'vitest';
import { UpstreamError } from '../../../src/errors.js';
import { respond, Wire } from '../wire.js';

const charges = 'https://api.pay.test/v1/charges';
const post = `POST ${charges}`;

/** The message with the place of this file as it would be in a test of a user. */
function told(error: Error | undefined): string {
  return (error?.message ?? 'no error').replace(/[\w/.-]+\.test\.ts:\d+/g, 'checkout.spec.ts:12');
}

async function failure(promise: PromiseLike<unknown>, wire: Wire): Promise<string> {
  const settled = Promise.resolve(promise).then(
    () => undefined,
    (error: Error) => error,
  );
  await new Promise<void>((resolve) => setImmediate(resolve));
  wire.timer.fire();
  return told(await settled);
}

describe('an expectation that was not met is told of', () => {
  test('when nothing arrived at all', async () => {
    const wire = new Wire();
    expect(await failure(wire.rules.expectRequest(post), wire)).toMatchInlineSnapshot(`
      "No request matched POST https://api.pay.test/v1/charges within 5000 ms.

      Expected: at least 1 request
      Received: none
      Written:  checkout.spec.ts:12

      No request at all reached the proxy. Does the client use it?
        - Pages: only those of the fixtures that this test file imports from Waylay go through it.
        - This process: Node's own fetch goes past it; write waylay.fetch(…), or give undici waylay.dispatcher.
        - Other programs: start them with waylay.spawn(), or give them waylay.env().
        - What page.route, a service worker or the HTTP cache answers never reaches the wire."
    `);
  });

  test('when the request came with another body', async () => {
    const wire = new Wire();
    wire.rules.stubResponse(post, { status: 402 });
    const headers = ['Content-Type', 'application/json', 'Idempotency-Key', '17'];
    await wire.send({ method: 'POST', url: charges, headers, body: { amount: 4100, items: [{ sku: 'pot' }] } }).end();
    await wire.send(`OPTIONS ${charges}`).end();
    for (const name of ['style.css', 'app.js', 'logo.svg']) await wire.send(`GET https://shop.test/${name}`).end();
    const expected = { json: { amount: 4200, currency: 'EUR', items: [{ sku: 'pot' }, { sku: 'cup' }] } };
    const expectation = wire.rules.expectRequest(post, {
      ...expected,
      headers: { 'idempotency-key': /^[0-9a-f-]{36}$/ },
    });
    expect(await failure(expectation, wire)).toMatchInlineSnapshot(`
      "No request matched POST https://api.pay.test/v1/charges { json: { amount: 4200, currency: 'EUR', items: [{ sku: 'pot' }, { sku: 'cup' }] }, headers: { 'idempotency-key': /^[0-9a-f-]{36}$/ } } within 5000 ms.

      Expected: at least 1 request
      Received: none of 5 requests
      Written:  checkout.spec.ts:12

      Nearest misses (- expected, + received):

        #1 POST https://api.pay.test/v1/charges (402, stub at checkout.spec.ts:12)
          headers['idempotency-key']
            - /^[0-9a-f-]{36}$/
            + '17'
          json.amount
            - 4200
            + 4100
          json.currency
            - 'EUR'
            + (absent)
          json.items[1]
            - { sku: 'cup' }
            + (absent)

        #2 OPTIONS https://api.pay.test/v1/charges (200, upstream)
          method
            - 'POST'
            + 'OPTIONS'
          headers['idempotency-key']
            - /^[0-9a-f-]{36}$/
            + (absent)
          json
            - { amount: 4200, currency: 'EUR', items: [{ sku: 'pot' }, { sku: 'cup' }] }
            + (no body)

      What else arrived:
        #3 GET https://shop.test/style.css (200, upstream)
        #4 GET https://shop.test/app.js (200, upstream)
        #5 GET https://shop.test/logo.svg (200, upstream)"
    `);
  });

  test('when too few came', async () => {
    const wire = new Wire();
    await wire.send(post).end();
    await wire.send(`${post}s`).end();
    expect(await failure(wire.rules.expectRequest(post, { times: 2 }), wire)).toMatchInlineSnapshot(`
      "Only 1 request matched POST https://api.pay.test/v1/charges within 5000 ms; expected exactly 2 requests.

      Expected: exactly 2 requests
      Received: 1 of 2 requests
      Written:  checkout.spec.ts:12

      Matched:
        #1 POST https://api.pay.test/v1/charges (200, upstream)

      Nearest misses (- expected, + received):

        #2 POST https://api.pay.test/v1/chargess (200, upstream)
          url
            - 'https://api.pay.test/v1/charges'
            + 'https://api.pay.test/v1/chargess'"
    `);
  });

  test('when too many came', async () => {
    const wire = new Wire();
    await wire.send(post).end();
    await wire.send(post).end();
    expect(await failure(wire.rules.expectRequest(post, { times: 1 }), wire)).toMatchInlineSnapshot(`
      "2 requests matched POST https://api.pay.test/v1/charges so far; expected exactly 1 request.

      Expected: exactly 1 request
      Received: 2 of 2 requests
      Written:  checkout.spec.ts:12

      Matched:
        #1 POST https://api.pay.test/v1/charges (200, upstream)
        #2 POST https://api.pay.test/v1/charges (200, upstream)
        They are the same in method and URL: was it sent twice?"
    `);
  });

  test('when one came that was not to come', async () => {
    const wire = new Wire();
    wire.rules.expectRequest('https://tracker.test/**', { times: 0 });
    await wire.send('POST https://tracker.test/collect').end();
    expect(told(wire.rules.verify())).toMatchInlineSnapshot(`
      "1 request matched https://tracker.test/** by the end of the test; expected no request.

      Expected: no request
      Received: 1 of 1 request
      Written:  checkout.spec.ts:12

      Matched:
        #1 POST https://tracker.test/collect (200, upstream)"
    `);
  });

  test('when requests failed, were refused, are pending or were cut short', async () => {
    const wire = new Wire();
    const refused = wire.send('POST https://api.pay.test/v1/charge').exchange;
    refused.source = 'failed';
    refused.error = new UpstreamError('WAYLAY_UPSTREAM_REFUSED', 'Nothing listens there.');
    wire.journal.end(refused, 1);
    wire.send({ method: 'POST', url: charges, body: '{"amount":42', complete: false });
    wire.send({ method: 'CONNECT', url: 'https://api.pay.test/' }).exchange.source = 'tunnel';
    const expectation = wire.rules.expectRequest(post, { json: { amount: 4200 } });
    expect(await failure(expectation, wire)).toMatchInlineSnapshot(`
      "No request matched POST https://api.pay.test/v1/charges { json: { amount: 4200 } } within 5000 ms.

      Expected: at least 1 request
      Received: none of 3 requests
      Written:  checkout.spec.ts:12

      Nearest misses (- expected, + received):

        #2 POST https://api.pay.test/v1/charges (no response yet)
          json
            - { amount: 4200 }
            + (a body that has not arrived in full: 12 bytes so far)

        #1 POST https://api.pay.test/v1/charge (failed: WAYLAY_UPSTREAM_REFUSED)
          url
            - 'https://api.pay.test/v1/charges'
            + 'https://api.pay.test/v1/charge'
          json
            - { amount: 4200 }
            + (no body)

      What else arrived:
        #3 CONNECT https://api.pay.test/ (tunnel)"
    `);
  });

  test('when all matched but the body’s end', async () => {
    const wire = new Wire();
    wire.send({ method: 'POST', url: charges, body: 'abc', complete: false });
    expect(await failure(wire.rules.expectRequest(post), wire)).toMatchInlineSnapshot(`
      "No request matched POST https://api.pay.test/v1/charges within 5000 ms.

      Expected: at least 1 request
      Received: none of 1 request
      Written:  checkout.spec.ts:12

      Nearest misses (- expected, + received):

        #1 POST https://api.pay.test/v1/charges (no response yet)
          (matches, but its body has not arrived in full)"
    `);
  });

  test('when the same request came again and again', async () => {
    const wire = new Wire();
    for (let i = 0; i < 30; i += 1) await wire.send('GET https://shop.test/poll').end();
    expect(await failure(wire.rules.expectRequest('GET https://shop.test/pool'), wire)).toMatchInlineSnapshot(`
      "No request matched GET https://shop.test/pool within 5000 ms.

      Expected: at least 1 request
      Received: none of 30 requests
      Written:  checkout.spec.ts:12

      Nearest misses (- expected, + received):

        #1 GET https://shop.test/poll (200, upstream, and 29 more alike)
          url
            - 'https://shop.test/pool'
            + 'https://shop.test/poll'"
    `);
  });

  test('with secrets', async () => {
    const wire = new Wire({ mask: ['authorization', 'cookie'] });
    const headers = ['Authorization', 'Bearer secret', 'Cookie', 'session=secret', 'X-Trace', '1'];
    await wire.send({ url: charges, headers }).end();
    const expectation = wire.rules.expectRequest(charges, {
      headers: { authorization: 'Bearer hidden', 'x-trace': '2' },
      cookies: { session: 'hidden', other: /x/ },
    });
    const message = await failure(expectation, wire);
    expect(message).not.toMatch(/secret|hidden/);
    expect(message).toMatchInlineSnapshot(`
      "No request matched https://api.pay.test/v1/charges { headers: { authorization: [masked], 'x-trace': '2' }, cookies: { session: [masked], other: /x/ } } within 5000 ms.

      Expected: at least 1 request
      Received: none of 1 request
      Written:  checkout.spec.ts:12

      Nearest misses (- expected, + received):

        #1 GET https://api.pay.test/v1/charges (200, upstream)
          headers.authorization
            - [masked]
            + [masked] (another value)
          headers['x-trace']
            - '2'
            + '1'
          cookies.session
            - [masked]
            + [masked] (another value)
          cookies.other
            - /x/
            + (absent)"
    `);
  });

  test('with secrets that a function quotes when it throws', async () => {
    const wire = new Wire();
    const headers = ['Authorization', 'Bearer secret', 'Cookie', 'session=secret', 'X-Trace', 'one'];
    await wire.send({ url: charges, headers }).end();
    const parsed = (text: string) => JSON.parse(text).ok;
    const expectation = wire.rules.expectRequest(charges, {
      headers: { authorization: parsed, 'x-trace': parsed },
      cookies: { session: parsed, old: null },
    });
    const message = await failure(expectation, wire);
    expect(message).not.toMatch(/secr/);
    expect(message).toMatch(/headers\.authorization\n.*\n +\+ \[masked\] \(another value\) \(threw SyntaxError\)\n/);
    expect(message).toMatch(/headers\['x-trace'\]\n.*\n +\+ 'one' \(threw SyntaxError: .+\)\n/);
    const all = (fields: Record<string, string>) => parsed(fields.authorization ?? '');
    expect(await failure(wire.rules.expectRequest(charges, { headers: all }), wire)).not.toMatch(/secr/);
  });

  test('with a secret where none was to be', async () => {
    const wire = new Wire();
    await wire.send({ url: charges, headers: ['Authorization', 'Bearer secret'] }).end();
    const message = await failure(wire.rules.expectRequest(charges, { headers: { authorization: null } }), wire);
    expect(message).toMatch(/- \(absent\)\n +\+ \[masked\]$/);
  });

  test('with secrets among headers that a predicate judges', async () => {
    const wire = new Wire();
    await wire.send({ url: charges, headers: ['Authorization', 'Bearer secret', 'A', 'b'] }).end();
    const message = await failure(wire.rules.expectRequest(charges, { headers: ({ a }) => a === 'c' }), wire);
    expect(message).not.toContain('secret');
    expect(message).toContain("{ authorization: [masked], a: 'b' }");
  });

  test('with long and with many differences', async () => {
    const wire = new Wire();
    const long = 'lorem ipsum '.repeat(100);
    await wire
      .send({ url: charges, captureLimit: 10_000, body: { text: `${long}dolor${long}`, list: [1, 2, 3, 4, 5, 6, 7] } })
      .end();
    const expectation = wire.rules.expectRequest(charges, {
      json: { text: `${long}color${long}`, list: [7, 6, 5, 3, 3, 2, 1] },
    });
    expect(await failure(expectation, wire)).toMatchInlineSnapshot(`
      "No request matched https://api.pay.test/v1/charges { json: { text: 'lorem ipsum lorem ipsum lorem ipsum lorem ipsum lorem ipsum lorem ipsum lorem ipsum lorem ipsum lorem ipsum lorem ipsum lorem ipsum lorem ipsum lorem ipsum lorem ipsum lorem ipsum lorem ipsum lorem ip'… (2,405 characters), … 1 more } } within 5000 ms.

      Expected: at least 1 request
      Received: none of 1 request
      Written:  checkout.spec.ts:12

      Nearest misses (- expected, + received):

        #1 GET https://api.pay.test/v1/charges (200, upstream)
          json.text
            - …'m ipsum lorem ipsum colorlorem ipsum lorem ipsum lorem ipsum lorem ipsum lorem i'… (2,405 characters)
            + …'m ipsum lorem ipsum dolorlorem ipsum lorem ipsum lorem ipsum lorem ipsum lorem i'… (2,405 characters)
          json.list[0]
            - 7
            + 1
          json.list[1]
            - 6
            + 2
          json.list[2]
            - 5
            + 3
          json.list[3]
            - 3
            + 4
          json: 3 more differences"
    `);
  });

  test('with a long URL that has braces where the pattern has them too', async () => {
    const wire = new Wire();
    const url = `https://shop.test/${'x'.repeat(200)}/{a,b}`;
    await wire.send({ url }).end();
    expect(await failure(wire.rules.expectRequest(url), wire)).toContain('#1 GET');
  });

  test('with predicates and bytes', async () => {
    const wire = new Wire();
    await wire.send({ url: charges, body: Buffer.from([1, 2, 3]) }).end();
    const bytes = wire.rules.expectRequest({ url: charges, body: Buffer.from([1, 2, 4]) });
    expect(await failure(bytes, wire)).toMatchInlineSnapshot(`
      "No request matched { url: 'https://api.pay.test/v1/charges', body: <3 bytes> } within 5000 ms.

      Expected: at least 1 request
      Received: none of 1 request
      Written:  checkout.spec.ts:12

      Nearest misses (- expected, + received):

        #1 GET https://api.pay.test/v1/charges (200, upstream)
          body
            - <3 bytes>
            + <3 bytes, which differ from byte 2 on>"
    `);
    const predicate = wire.rules.expectRequest((request) => request.json<{ a: number }>().a === 1);
    expect(await failure(predicate, wire)).toMatchInlineSnapshot(`
      "No request matched (request) => request.json().a === 1 within 5000 ms.

      Expected: at least 1 request
      Received: none of 1 request
      Written:  checkout.spec.ts:12

      Nearest misses (- expected, + received):

        #1 GET https://api.pay.test/v1/charges (200, upstream)
          predicate
            - (request) => request.json().a === 1
            + found (not JSON) '\\u0001\\u0002\\u0003'"
    `);
    const throwing = wire.rules.expectRequest((request) => request.headers.a === (undefined as unknown as string[])[0]);
    expect(await failure(throwing, wire)).toMatchInlineSnapshot(`
      "No request matched (request) => request.headers.a === undefined[0] within 5000 ms.

      Expected: at least 1 request
      Received: none of 1 request
      Written:  checkout.spec.ts:12

      Nearest misses (- expected, + received):

        #1 GET https://api.pay.test/v1/charges (200, upstream)
          predicate
            - (request) => request.headers.a === undefined[0]
            + threw TypeError: Cannot read properties of undefined (reading '0')"
    `);
  });

  test('with what the journal has forgotten', async () => {
    const wire = new Wire({}, { exchanges: 2, bytes: 1000 });
    for (let i = 0; i < 5; i += 1) await wire.send(`GET https://shop.test/${i}`).end();
    expect(await failure(wire.rules.expectRequest(post), wire)).toMatchInlineSnapshot(`
      "No request matched POST https://api.pay.test/v1/charges within 5000 ms.

      Expected: at least 1 request
      Received: none of 5 requests
                (3 requests no longer in the journal; raise journalLimit to keep more)
      Written:  checkout.spec.ts:12

      What arrived:
        #4 GET https://shop.test/3 (200, upstream)
        #5 GET https://shop.test/4 (200, upstream)"
    `);
  });
});

describe('the end of a test', () => {
  test('names all its problems', async () => {
    const wire = new Wire({ unmatched: 'refuse', allow: ['https://shop.test/**'] });
    wire.rules.expectRequest(post, { json: { amount: 4200 } });
    wire.rules.stubResponse(post, 201, { times: 1 });
    wire.rules.stubResponse('https://api.pay.test/fail', () => {
      throw new RangeError('no such card');
    });
    await wire.send({ method: 'POST', url: charges, body: { amount: 1 } }).end();
    await wire.send({ method: 'POST', url: charges, body: { amount: 2 } }).end();
    await wire.send('GET https://api.pay.test/fail').end();
    for (let i = 0; i < 3; i += 1) await wire.send('GET https://ads.test/pixel.gif?visitor=1').end();
    const error = wire.rules.verify();
    expect(error).toMatchObject({ code: 'WAYLAY_EXPECTATION' });
    // It is in the text: runners would show it twice.
    expect(error?.cause).toBeUndefined();
    expect(told(error)).toMatchInlineSnapshot(`
      "4 problems with this test's traffic: 1 unmet expectation, 1 function that failed, 2 refused requests.

      1) No request matched POST https://api.pay.test/v1/charges { json: { amount: 4200 } } by the end of the test.

         Expected: at least 1 request
         Received: none of 6 requests
         Written:  checkout.spec.ts:12

         Nearest misses (- expected, + received):

           #1 POST https://api.pay.test/v1/charges (201, stub at checkout.spec.ts:12)
             json.amount
               - 4200
               + 1

           #2 POST https://api.pay.test/v1/charges (refused: WAYLAY_REFUSED)
             json.amount
               - 4200
               + 2

         What else arrived:
           #3 GET https://api.pay.test/fail (failed: WAYLAY_HANDLER, stub at checkout.spec.ts:12)
           #4 GET https://ads.test/pixel.gif?visitor=1 (refused: WAYLAY_REFUSED, and 2 more alike)

      2) A function failed: no such card
         It belongs to the stub https://api.pay.test/fail (checkout.spec.ts:12).

      3) POST https://api.pay.test/v1/charges was refused: no stub answers it, and unmatched requests are refused.
         The nearest stub is POST https://api.pay.test/v1/charges (checkout.spec.ts:12), which has answered as often as it may (times: 1).
         To stub it:    waylay.stubResponse({ method: 'POST', url: 'https://api.pay.test/v1/charges', json: { amount: 2 } }, { status: 200 });
         To let it out: allow: ['https://api.pay.test/**']

      4) GET https://ads.test/pixel.gif?visitor=1 was refused: no stub answers it, and unmatched requests are refused.
         The nearest stub is https://api.pay.test/fail (checkout.spec.ts:12), which differs (- expected, + received):
           url
             - 'https://api.pay.test/fail'
             + 'https://ads.test/pixel.gif?visitor=1'
         To stub it:    waylay.stubResponse('GET https://ads.test/pixel.gif?**', { status: 200 });
         To let it out: allow: ['https://ads.test/**']
         (3 times)"
    `);
  });

  test('is told by the code of what weighs most', async () => {
    const wire = new Wire({ unmatched: 'refuse' });
    await wire.send('GET https://ads.test/').end();
    expect(wire.rules.verify()?.code).toBe('WAYLAY_REFUSED');
    wire.rules.stubResponse('**', () => {
      throw new RangeError('no such card');
    });
    await wire.send('GET https://ads.test/').end();
    expect(wire.rules.verify()?.code).toBe('WAYLAY_HANDLER');
    wire.rules.expectRequest(post);
    expect(wire.rules.verify()?.code).toBe('WAYLAY_EXPECTATION');
  });

  test('has nothing to say where all is well', async () => {
    const wire = new Wire();
    await wire.send().end();
    const { exchange } = wire.send('GET https://down.test/');
    exchange.error = new UpstreamError('WAYLAY_UPSTREAM_DNS', 'The name does not resolve.');
    wire.journal.end(exchange, 1);
    expect(wire.rules.verify()).toBeUndefined();
  });
});

describe('a request that is refused', () => {
  test('is told where there is no stub', async () => {
    const wire = new Wire({ unmatched: 'refuse' });
    const error = (await wire.send('GET https://ads.test/pixel.gif').end()).error;
    expect(error).toMatchObject({ code: 'WAYLAY_REFUSED', fault: 'test', authority: 'shop.test:443' });
    expect(told(error)).toMatchInlineSnapshot(`
      "GET https://ads.test/pixel.gif was refused: no stub answers it, and unmatched requests are refused.
      To stub it:    waylay.stubResponse('GET https://ads.test/pixel.gif', { status: 200 });
      To let it out: allow: ['https://ads.test/**']"
    `);
  });

  test('is told with the nearest stub', async () => {
    const wire = new Wire({ unmatched: 'refuse' });
    wire.rules.stubResponse('GET https://shop.test/**', 200);
    wire.rules.stubResponse(post, 201);
    const error = (await wire.send(`PUT ${charges}/{id}*`).end()).error;
    expect(told(error)).toMatchInlineSnapshot(`
      "PUT https://api.pay.test/v1/charges/{id}* was refused: no stub answers it, and unmatched requests are refused.
      The nearest stub is POST https://api.pay.test/v1/charges (checkout.spec.ts:12), which differs (- expected, + received):
        method
          - 'POST'
          + 'PUT'
        url
          - 'https://api.pay.test/v1/charges'
          + 'https://api.pay.test/v1/charges/{id}*'
      To stub it:    waylay.stubResponse('PUT https://api.pay.test/v1/charges/\\\\{id\\\\}\\\\*', { status: 200 });
      To let it out: allow: ['https://api.pay.test/**']"
    `);
  });

  test('is told with a stub that has answered as often as it may', async () => {
    const wire = new Wire({ unmatched: 'refuse' });
    wire.rules.stubResponse(post, 201, { times: 1 });
    await wire.send(post).end();
    expect(told((await wire.send(post).end()).error)).toMatchInlineSnapshot(`
      "POST https://api.pay.test/v1/charges was refused: no stub answers it, and unmatched requests are refused.
      The nearest stub is POST https://api.pay.test/v1/charges (checkout.spec.ts:12), which has answered as often as it may (times: 1).
      To stub it:    waylay.stubResponse('POST https://api.pay.test/v1/charges', { status: 200 });
      To let it out: allow: ['https://api.pay.test/**']"
    `);
  });

  test('can be stubbed with the line it was told', async () => {
    const wire = new Wire({ unmatched: 'refuse' });
    const url = 'https://ads.test/a*b{c}\\d?e=f&g';
    const { error } = await wire.send({ method: 'POST', url }).end();
    const line = /waylay\.stubResponse\((?<pattern>'[^\n]*'), \{ status: 200 \}\);/.exec(error?.message ?? '');
    const pattern = new Function(`return ${line?.groups?.pattern};`)() as string;
    wire.rules.stubResponse(pattern, 204);
    expect(await wire.send({ method: 'POST', url }).status()).toBe(204);
    expect(await wire.send({ method: 'POST', url: 'https://ads.test/axb{c}\\d?e' }).decision).toMatchObject({
      action: 'refuse',
    });
  });
});

test('an account is given of the ways an exchange went', async () => {
  const wire = new Wire();
  const { exchange } = wire.send(post);
  respond(exchange, 402);
  wire.rules.expectRequest(post, { times: 0 });
  expect(told(wire.rules.verify())).toContain(`#1 ${post} (402, upstream)`);
});
