import { describe, expect, test, vi } from 'vitest';
import { Wire } from './wire.js';

const charges = 'https://api.pay.test/v1/charges';

describe('a stub', () => {
  test('answers what it matches, and nothing else', async () => {
    const wire = new Wire();
    const stub = wire.rules.stubResponse(`POST ${charges}`, { status: 402, json: { error: 'declined' } });
    const hit = wire.send(`POST ${charges}`);
    expect(await hit.answer()).toEqual({
      status: 402,
      statusText: 'Payment Required',
      headers: ['content-type', 'application/json', 'Content-Length', '20'],
      body: Buffer.from('{"error":"declined"}'),
    });
    expect(wire.send(`GET ${charges}`).decision).toBeUndefined();
    expect(stub.hits).toBe(1);
    expect(stub.exchanges).toEqual([hit.exchange]);
  });

  test('answers at once where the reply is ready', () => {
    const wire = new Wire();
    wire.rules.stubResponse('**', 200);
    expect(wire.send().decision).toMatchObject({ action: 'answer' });
  });

  test('is preferred to older ones, and gives way to them when it is removed', async () => {
    const wire = new Wire();
    const older = wire.rules.stubResponse('**', 201);
    const newer = wire.rules.stubResponse(`POST ${charges}`, 202);
    expect(await wire.send(`POST ${charges}`).status()).toBe(202);
    expect(await wire.send(`GET ${charges}`).status()).toBe(201);
    newer.remove();
    newer.remove();
    expect(await wire.send(`POST ${charges}`).status()).toBe(201);
    older.remove();
    expect(wire.send(`POST ${charges}`).decision).toBeUndefined();
    expect([older.hits, newer.hits]).toEqual([2, 1]);
  });

  test('ends with its scope', async () => {
    const wire = new Wire();
    {
      using stub = wire.rules.stubResponse('**', 503);
      expect(await wire.send().status()).toBe(503);
      expect(stub.hits).toBe(1);
    }
    expect(wire.send().decision).toBeUndefined();
  });

  test('falls through after as many answers as it may give', async () => {
    const wire = new Wire();
    wire.rules.stubResponse('**', 201);
    const limited = wire.rules.stubResponse('**', 503, { times: 2 });
    const statuses = [];
    for (let i = 0; i < 4; i += 1) statuses.push(await wire.send().status());
    expect(statuses).toEqual([503, 503, 201, 201]);
    expect(limited.hits).toBe(2);
  });

  test.each([
    ['that is ready', 503],
    ['that is a function', async () => 503],
  ])('with times: 1 answers exactly one of 32 parallel requests, with a reply %s', async (_, reply) => {
    const wire = new Wire();
    const stub = wire.rules.stubResponse('**', reply, { times: 1 });
    const all = Array.from({ length: 32 }, () => wire.send({ body: 'x', complete: false }));
    for (const passage of all) passage.completeBody();
    const statuses = await Promise.all(all.map((passage) => passage.status()));
    expect(statuses.filter((status) => status === 503)).toHaveLength(1);
    expect(stub.hits).toBe(1);
  });

  test('with times: 1 that needs the body answers exactly one of 32, in the order in which bodies come', async () => {
    const wire = new Wire();
    wire.rules.stubResponse({ url: '**', json: { go: true } }, 503, { times: 1 });
    const all = Array.from({ length: 32 }, () => wire.send({ body: '{"go":', complete: false }));
    all[20]?.completeBody('true}');
    expect(await all[20]?.status()).toBe(503);
    for (const passage of all) if (passage !== all[20]) passage.completeBody('true}');
    const others = await Promise.all(all.filter((passage) => passage !== all[20]).map((passage) => passage.status()));
    expect(others.every((status) => status === undefined)).toBe(true);
  });

  test('goes through a list of replies, the last of which repeats', async () => {
    const wire = new Wire();
    wire.rules.stubResponse('**', [503, (request) => ({ json: { method: request.method } }), 204]);
    const statuses = [];
    for (let i = 0; i < 5; i += 1) statuses.push(await wire.send().status());
    expect(statuses).toEqual([503, 200, 204, 204, 204]);
  });

  test('asks its function with the whole request, when that has come', async () => {
    const wire = new Wire();
    const reply = vi.fn((request: { json(): unknown }) => ({ json: { echo: request.json() } }));
    wire.rules.stubResponse(`POST ${charges}`, reply);
    const passage = wire.send({ method: 'POST', url: charges, body: '{"amount":', complete: false });
    expect(passage.waits).toBe(true);
    expect(reply).not.toHaveBeenCalled();
    passage.completeBody('1}');
    expect(String((await passage.answer())?.body)).toBe('{"echo":{"amount":1}}');
  });

  test('whose function throws passes that on', async () => {
    const wire = new Wire();
    wire.rules.stubResponse('**', () => {
      throw new RangeError('no such card');
    });
    await expect(wire.send().answer()).rejects.toThrow(new RangeError('no such card'));
  });

  test('whose function returns no reply says where it was written', async () => {
    const wire = new Wire();
    wire.rules.stubResponse('GET **', () => ({ stauts: 200 }) as never);
    await expect(wire.send().answer()).rejects.toMatchObject({
      code: 'WAYLAY_INVALID_REPLY',
      message: expect.stringMatching(
        /^The stub written at test\/matchers\/rules\.test\.ts:\d+ for GET \*\* gave no reply\. Invalid reply \{ stauts: 200 \}: there is no key 'stauts'; the nearest is 'status'/,
      ),
    });
  });

  test('keeps only exchanges that the journal keeps', () => {
    const wire = new Wire({}, { exchanges: 10, bytes: 1000 });
    const stub = wire.rules.stubResponse('**', 200);
    for (let i = 0; i < 5000; i += 1) wire.journal.end(wire.send().exchange, 1);
    expect(stub.hits).toBe(5000);
    expect(stub.exchanges.length).toBeLessThan(1100);
  });

  test('takes no request whose client went away while its body was awaited', async () => {
    const wire = new Wire();
    const stub = wire.rules.stubResponse({ text: /x/ }, 200, { times: 1 });
    const passage = wire.send({ body: 'x', complete: false });
    wire.journal.end(passage.exchange, 1);
    passage.completeBody();
    expect(await passage.decision).toBeUndefined();
    expect(stub.hits).toBe(0);
  });
});

describe('the wait for a body', () => {
  test('happens where a pattern needs it and all else matches', async () => {
    const wire = new Wire();
    wire.rules.stubResponse({ method: 'POST', json: { amount: 1 } }, 201);
    const passage = wire.send({ method: 'POST', body: '{"amount":', complete: false });
    expect(passage.waits).toBe(true);
    passage.completeBody('1}');
    expect(await passage.status()).toBe(201);
  });

  test('does not happen where another field fails', () => {
    const wire = new Wire();
    wire.rules.stubResponse({ method: 'POST', json: { amount: 1 } }, 201);
    const passage = wire.send({ method: 'PUT', body: '{', complete: false });
    expect(passage.waits).toBe(false);
    expect(passage.decision).toBeUndefined();
  });

  test('does not happen for a pattern that does not need it', () => {
    const wire = new Wire();
    wire.rules.stubResponse('PUT **', 201);
    const passage = wire.send({ method: 'PUT', body: '{', complete: false });
    expect(passage.waits).toBe(false);
    expect(passage.decision).toMatchObject({ action: 'answer' });
  });

  test('does not happen for an older stub that a newer one hides', () => {
    const wire = new Wire();
    wire.rules.stubResponse({ json: {} }, 201);
    wire.rules.stubResponse('**', 202);
    expect(wire.send({ body: '{', complete: false }).waits).toBe(false);
  });

  test('happens for a predicate that reads the body', async () => {
    const wire = new Wire();
    wire.rules.stubResponse((request) => request.text().includes('go'), 201);
    const passage = wire.send({ method: 'POST', body: 'g', complete: false });
    expect(passage.waits).toBe(true);
    passage.completeBody('o');
    expect(await passage.status()).toBe(201);
  });

  test('happens for mutations of responses, which are decided with the request', async () => {
    const wire = new Wire();
    wire.rules.mutate({ json: { a: 1 } }, { response: { status: 500 } });
    const passage = wire.send({ body: '{"a":', complete: false });
    expect(passage.waits).toBe(true);
    passage.completeBody('1}');
    expect(await passage.decision).toBeUndefined();
    expect(await passage.response()).toEqual({ status: 500 });
  });

  test('ends where it outgrows the capture limit; a pattern that needs it does not match', async () => {
    const wire = new Wire();
    wire.rules.stubResponse('**', 202);
    wire.rules.stubResponse({ json: { a: 1 } }, 201);
    const passage = wire.send({ body: '{"a":1}', complete: false, captureLimit: 3 });
    passage.outgrow();
    expect(await passage.status()).toBe(202);
  });
});

describe('a mutation', () => {
  test('changes what it matches, request and response, and counts once', async () => {
    const wire = new Wire();
    const mutation = wire.rules.mutate('**/cart', {
      request: { headers: { 'x-a': '1' } },
      response: { status: 500 },
    });
    const passage = wire.send('GET https://shop.test/cart');
    expect(await passage.decision).toEqual({ action: 'forward', change: { headers: ['x-a', '1'] } });
    expect(await passage.response()).toEqual({ status: 500 });
    expect(mutation.hits).toBe(1);
    expect(mutation.exchanges).toEqual([passage.exchange]);
    const other = wire.send('GET https://shop.test/');
    expect(other.decision).toBeUndefined();
    expect(await other.response()).toBeUndefined();
  });

  test('changes stubbed responses too', async () => {
    const wire = new Wire();
    wire.rules.mutate('**', { response: { headers: { 'x-a': '1' } } });
    wire.rules.stubResponse('**', 204);
    const passage = wire.send();
    expect(await passage.status()).toBe(204);
    expect(await passage.response({ status: 204 })).toEqual({ headers: ['x-a', '1'] });
  });

  test('applies in order of registration', async () => {
    const wire = new Wire();
    wire.rules.mutate('**', { response: { headers: { a: () => 'first' } } });
    wire.rules.mutate('**', { response: { headers: { a: (old) => `${old}, second` } } });
    const passage = wire.send();
    await passage.decision;
    expect(await passage.response()).toEqual({ headers: ['a', 'first, second'] });
  });

  test('of the response only leaves the request alone', async () => {
    const wire = new Wire();
    wire.rules.mutate('**', { response: { status: 500 } });
    expect(await wire.send().decision).toBeUndefined();
  });

  test('that is removed changes no more, but what it was to change stays to be changed', async () => {
    const wire = new Wire();
    const mutation = wire.rules.mutate('**', { response: { status: 500 } });
    const before = wire.send();
    mutation.remove();
    const after = wire.send();
    expect(await before.response()).toEqual({ status: 500 });
    expect(await after.response()).toBeUndefined();
  });

  test('whose function throws passes that on', async () => {
    const wire = new Wire();
    wire.rules.mutate('**', {
      request: {
        method: () => {
          throw new RangeError('no');
        },
      },
    });
    await expect(wire.send().decision).rejects.toThrow(new RangeError('no'));
  });
});

describe('where there is no rule for it', () => {
  test('a request is forwarded at once', () => {
    const wire = new Wire();
    expect(wire.send().decision).toBeUndefined();
    wire.rules.expectRequest('**');
    expect(wire.send().decision).toBeUndefined();
    wire.rules.stubResponse('https://other.test/**', 200);
    expect(wire.send().decision).toBeUndefined();
  });
});

describe('where unmatched requests are refused', () => {
  const refusing = () => new Wire({ unmatched: 'refuse', allow: ['https://shop.test/**', { text: /please/ }] });

  test.each([
    // Chromium's suggestions for forms, and an icon that no page names, as a browser asks for them and as a page would.
    [
      'https://content-autofill.googleapis.com/v1/pages/x',
      ['Sec-Fetch-Site', 'none', 'Sec-Fetch-Dest', 'empty'],
      'cross-site',
    ],
    ['https://api.pay.test/favicon.ico', ['Sec-Fetch-Site', 'same-origin', 'Sec-Fetch-Dest', 'image'], undefined],
  ])('a request of the browser itself is refused, and fails no test: %s', async (url, own, sameFromPage) => {
    const wire = refusing();
    const refuse = async (headers: string[]) => {
      const passage = wire.send({ url, headers });
      const decision = await passage.decision;
      if (decision?.action === 'refuse') passage.exchange.error = decision.error;
    };
    await refuse(own);
    expect(wire.journal.exchanges[0]?.error?.code).toBe('WAYLAY_REFUSED');
    expect(wire.rules.verify()).toBeUndefined();
    await refuse(sameFromPage === undefined ? [] : ['Sec-Fetch-Site', sameFromPage, 'Sec-Fetch-Dest', 'empty']);
    expect(wire.rules.verify()?.message).toContain(`${url} was refused`);
  });

  test('only stubs and allowed ones go on', async () => {
    const wire = refusing();
    wire.rules.stubResponse(`POST ${charges}`, 201);
    expect(await wire.send(`POST ${charges}`).status()).toBe(201);
    expect(wire.send('GET https://shop.test/cart').decision).toBeUndefined();
    expect(wire.send({ url: charges, body: 'please' }).decision).toBeUndefined();
    expect(await wire.send(`GET ${charges}`).decision).toMatchObject({
      action: 'refuse',
      error: { code: 'WAYLAY_REFUSED' },
    });
  });

  test('a mutation is no permission', async () => {
    const wire = refusing();
    const mutation = wire.rules.mutate('**', { request: { method: 'PUT' } });
    expect(await wire.send(`GET ${charges}`).decision).toMatchObject({ action: 'refuse' });
    expect(mutation.hits).toBe(0);
  });

  test('an allowed one is mutated', async () => {
    const wire = refusing();
    wire.rules.mutate('**', { request: { method: 'PUT' } });
    expect(await wire.send().decision).toEqual({ action: 'forward', change: { method: 'PUT' } });
  });

  test('the body is awaited where a pattern allows by it', async () => {
    const wire = refusing();
    const passage = wire.send({ url: charges, body: 'ple', complete: false });
    expect(passage.waits).toBe(true);
    passage.completeBody('ase');
    expect(await passage.decision).toBeUndefined();
  });

  test('the allowed patterns are checked when the proxy is set up', () => {
    expect(() => new Wire({ allow: ['shop.test'] })).toThrow(
      expect.objectContaining({ code: 'WAYLAY_INVALID_PATTERN' }),
    );
  });
});

describe('an authority may be answered without an upstream', () => {
  const pay = { host: 'api.pay.test', port: 443 };
  const shop = { host: 'shop.test', port: 443 };

  test('while a stub could match there', async () => {
    const wire = new Wire();
    expect(wire.rules.interceptor.mayAnswer(pay)).toBe(false);
    const stub = wire.rules.stubResponse(`POST ${charges}`, 200);
    expect([wire.rules.interceptor.mayAnswer(pay), wire.rules.interceptor.mayAnswer(shop)]).toEqual([true, false]);
    stub.remove();
    expect(wire.rules.interceptor.mayAnswer(pay)).toBe(false);
    wire.rules.stubResponse(`POST ${charges}`, 200, { times: 1 });
    await wire.send(`POST ${charges}`).decision;
    expect(wire.rules.interceptor.mayAnswer(pay)).toBe(false);
  });

  test('but not because of a mutation', () => {
    const wire = new Wire();
    wire.rules.mutate('**', { response: { status: 500 } });
    expect(wire.rules.interceptor.mayAnswer(pay)).toBe(false);
  });

  test('where all its requests are refused', () => {
    const wire = new Wire({ unmatched: 'refuse', allow: ['https://shop.test/**'] });
    expect([wire.rules.interceptor.mayAnswer(pay), wire.rules.interceptor.mayAnswer(shop)]).toEqual([true, false]);
  });
});

describe('options that cannot be', () => {
  test.each<[unknown, string]>([
    [5, "A stub's options cannot be 5. Write stubResponse(pattern, reply, { times: 1 })."],
    [{ times: 0 }, "A stub's 'times' cannot be 0. Write stubResponse(pattern, reply, { times: 1 })."],
    [{ times: '1' }, "A stub's 'times' cannot be '1'. Write stubResponse(pattern, reply, { times: 1 })."],
    [
      { cors: { origin: '*' } },
      "A stub's 'cors' cannot be { origin: '*' }. Write stubResponse(pattern, reply, { cors: true }).",
    ],
    [
      { time: 1 },
      "A stub has no option 'time', only 'times' and 'cors'. Write stubResponse(pattern, reply, { times: 1 }).",
    ],
  ])('are refused: %j', (options, message) => {
    const wire = new Wire();
    expect(() => wire.rules.stubResponse('**', 200, options as never)).toThrow(
      expect.objectContaining({ code: 'WAYLAY_INVALID_OPTION', message }),
    );
    expect(wire.send().decision).toBeUndefined();
  });

  test('register nothing', () => {
    const wire = new Wire();
    expect(() => wire.rules.stubResponse('**', { stauts: 200 } as never)).toThrow('stauts');
    expect(() => wire.rules.mutate('**', {})).toThrow('it changes nothing');
    expect(() => wire.rules.mutate('shop.test', { response: { status: 200 } })).toThrow('it has no scheme');
    expect(wire.send().decision).toBeUndefined();
  });
});
