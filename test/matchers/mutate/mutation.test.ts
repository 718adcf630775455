import { describe, expect, test } from 'vitest';
import type { Change } from '../../../matchers/mutate/change.js';
import type { MutationOptions } from '../../../matchers/mutate/mutation-options.js';
import type { Shape } from '../../../src/interceptor.js';
import { Wire } from '../wire.js';

const cart = 'https://shop.test/api/cart';
const at = (host: string, serverName: string | undefined = host) => ({ host, port: 443, serverName });

/** Which of so many requests a mutation applies to. */
async function appliesTo(options: MutationOptions, count: number): Promise<number[]> {
  const wire = new Wire();
  wire.rules.mutate('**', { request: { headers: { a: 'b' } } }, options);
  const decisions = await Promise.all(Array.from({ length: count }, () => wire.send().decision));
  return decisions.flatMap((decision, index) => (decision === undefined ? [] : [index]));
}

describe('chance', () => {
  test('meets the same requests with the same seed, and others with another', async () => {
    const first = await appliesTo({ probability: 0.3, seed: 7 }, 200);
    expect(await appliesTo({ probability: 0.3, seed: 7 }, 200)).toEqual(first);
    expect(await appliesTo({ probability: 0.3, seed: 8 }, 200)).not.toEqual(first);
    expect(first.length).toBeGreaterThan(40);
    expect(first.length).toBeLessThan(80);
  });

  test('repeats by default', async () => {
    expect(await appliesTo({ probability: 0.5 }, 12)).toEqual(await appliesTo({ probability: 0.5, seed: 1 }, 12));
  });

  test.each<[number, number]>([
    [0, 0],
    [1, 50],
  ])('of %d is all or nothing', async (probability, applied) => {
    expect(await appliesTo({ probability }, 50)).toHaveLength(applied);
  });

  test('is counted only where it applies', async () => {
    const wire = new Wire();
    const mutation = wire.rules.mutate('**', { request: { headers: { a: 'b' } } }, { probability: 0.3, times: 5 });
    const passages = Array.from({ length: 100 }, () => wire.send());
    const decisions = await Promise.all(passages.map(({ decision }) => decision));
    expect(mutation.hits).toBe(5);
    expect(mutation.exchanges).toEqual(
      passages.filter((_, index) => decisions[index] !== undefined).map(({ exchange }) => exchange),
    );
  });
});

describe('a function of the exchange', () => {
  test('is asked when the body has come, and decides', async () => {
    const wire = new Wire();
    const mutation = wire.rules.mutate('**', async ({ request }) =>
      request.json<{ amount: number }>().amount > 100 ? { request: { method: 'PUT' } } : undefined,
    );
    const small = wire.send({ method: 'POST', url: cart, body: { amount: 1 } });
    const large = wire.send({ method: 'POST', url: cart, body: '{"amount":', complete: false });
    expect(large.waits).toBe(true);
    large.completeBody('200}');
    expect(await small.decision).toBeUndefined();
    expect(await large.decision).toEqual({ action: 'forward', change: { method: 'PUT' } });
    expect(mutation.exchanges).toEqual([large.exchange]);
  });

  test('of many that are asked at once, as many as it may take part', async () => {
    const wire = new Wire();
    const mutation = wire.rules.mutate('**', async () => ({ request: { method: 'PUT' } }), { times: 3 });
    const decisions = await Promise.all(Array.from({ length: 32 }, () => wire.send({ body: 'x' }).decision));
    expect(decisions.filter((decision) => decision !== undefined)).toHaveLength(3);
    expect(mutation.hits).toBe(3);
  });

  test('is not in the way of a stub that answers once', async () => {
    const wire = new Wire();
    wire.rules.stubResponse('**', 503, { times: 1 });
    wire.rules.mutate('**', async () => ({ response: { delay: 1 } }));
    const decisions = await Promise.all(Array.from({ length: 8 }, () => wire.send({ body: 'x' }).decision));
    expect(decisions.filter((decision) => decision?.action === 'answer')).toHaveLength(1);
  });

  test('that throws passes that on, and one that returns no change says where it was written', async () => {
    const wire = new Wire();
    wire.rules.mutate('https://a.test/', () => {
      throw new RangeError('no such cart');
    });
    wire.rules.mutate('https://b.test/', () => ({ respons: {} }) as never);
    wire.rules.mutate('https://c.test/', () => ({ tls: { alert: 40 } }) as never);
    await expect(wire.send({ url: 'https://a.test/' }).decision).rejects.toThrow(new RangeError('no such cart'));
    await expect(wire.send({ url: 'https://b.test/' }).decision).rejects.toMatchObject({
      code: 'WAYLAY_INVALID_CHANGE',
      message: expect.stringMatching(
        /^The function written at test\/matchers\/mutate\/mutation\.test\.ts:\d+ for https:\/\/b\.test\/ gave no change\. Invalid change/,
      ),
    });
    await expect(wire.send({ url: 'https://c.test/' }).decision).rejects.toThrow('the TLS handshake was before');
  });
});

describe('the travel of a message', () => {
  async function shapes(changes: Change[], seed = 1): Promise<(Shape | undefined)[]> {
    const wire = new Wire();
    for (const change of changes) wire.rules.mutate('**', change, { seed });
    const passage = wire.send({ url: cart });
    const decision = await passage.decision;
    return [decision?.action === 'forward' ? decision.change.shape : undefined, (await passage.response())?.shape];
  }

  test('adds up the delays of several, and has the smallest bandwidth and slice, and the first fault', async () => {
    const several = (side: 'request' | 'response'): Change[] => [
      { [side]: { delay: 100, bandwidth: 50, slice: 3 } },
      { [side]: { delay: 20, bandwidth: 60, slice: 2, fault: 'reset', after: 5 } },
      { [side]: { bandwidth: 40, slice: 9, fault: 'hang' } },
    ];
    const shape = {
      delay: 120,
      bandwidth: 40,
      slice: 2,
      fault: { kind: 'reset', after: 5, error: expect.objectContaining({ code: 'WAYLAY_FAULT', fault: 'test' }) },
    };
    expect(await shapes(several('request'))).toEqual([shape, undefined]);
    expect(await shapes(several('response'))).toEqual([undefined, shape]);
  });

  test('has a jitter that stays within its bounds, never below none, and repeats', async () => {
    const delays = async (delay: number, jitter: number) => {
      const all = [];
      for (let seed = 0; seed < 200; seed += 1) {
        all.push((await shapes([{ response: { delay, jitter } }], seed))[1]?.delay ?? -1);
      }
      return all;
    };
    const around = await delays(100, 30);
    expect(Math.min(...around)).toBeGreaterThanOrEqual(70);
    expect(Math.max(...around)).toBeLessThanOrEqual(130);
    expect(new Set(around).size).toBeGreaterThan(30);
    expect(await delays(100, 30)).toEqual(around);
    expect(Math.min(...(await delays(5, 30)))).toBe(0);
  });

  test('says of a fault what it is and where', async () => {
    const [, shape] = await shapes([{ response: { fault: 'truncate', after: 1 } }]);
    expect(shape?.fault?.error.message).toMatch(
      /^The 200 response to GET https:\/\/shop\.test\/api\/cart was truncated after 1 byte of its body, as the mutation written at test\/matchers\/mutate\/mutation\.test\.ts:\d+ says\.$/,
    );
    expect(shape?.fault?.error.authority).toBe('shop.test:443');
  });

  test.each<['truncate' | 'reset' | 'hang', string]>([
    ['truncate', 'empty'],
    ['reset', 'reset'],
    ['hang', 'hang'],
  ])('ends with the fault %s of a request before it arrives, and no stub answers it', async (fault, kind) => {
    const wire = new Wire();
    const stub = wire.rules.stubResponse('**', 200);
    wire.rules.mutate('**', { request: { fault, delay: 9 } });
    expect(await wire.send().decision).toMatchObject({ action: 'fail', fault: { kind }, delay: 9 });
    expect(stub.hits).toBe(0);
  });

  test('is delayed for the answer where the request is', async () => {
    const wire = new Wire();
    wire.rules.stubResponse('**', 503);
    wire.rules.mutate('**', { request: { delay: 9 } });
    expect(await wire.send().decision).toMatchObject({ action: 'answer', answer: { status: 503 }, delay: 9 });
  });

  test('ends by a fault without failing the test', async () => {
    const wire = new Wire();
    wire.rules.mutate('**', { request: { fault: 'reset' } });
    const passage = wire.send();
    const decision = await passage.decision;
    if (decision?.action === 'fail') passage.exchange.error = decision.fault.error;
    wire.journal.end(passage.exchange, 1);
    expect(wire.rules.verify()).toBeUndefined();
  });
});

describe('a handshake', () => {
  test('is failed as told, counted, and as often as told', () => {
    const wire = new Wire();
    const alert = wire.rules.mutate('https://api.test/**', { tls: { alert: 'unrecognized_name' } }, { times: 2 });
    const leaf = wire.rules.mutate({ host: '*.test' }, { tls: { leaf: 'expired' } });
    const faults = Array.from({ length: 3 }, () => wire.rules.interceptor.onHandshake(at('api.test')));
    expect(faults).toMatchObject([{ alert: 112 }, { alert: 112 }, { leaf: 'expired' }]);
    expect(wire.rules.interceptor.onHandshake(at('else.where'))).toBeUndefined();
    expect([alert.hits, leaf.hits, alert.exchanges.length]).toEqual([2, 1, 0]);
    expect(faults[0]?.error).toMatchObject({ code: 'WAYLAY_FAULT', authority: 'api.test:443' });
    expect(faults[0]?.error.message).toMatch(
      /^The TLS handshake with api\.test:443 was ended with the alert unrecognized_name \(112\), as the mutation written at test\/.*:\d+ says\.$/,
    );
  });

  test('leaves requests of the same host alone, for it is none', () => {
    const wire = new Wire();
    const mutation = wire.rules.mutate('https://shop.test/**', { tls: { alert: 40 } });
    expect(wire.send({ url: cart }).decision).toBeUndefined();
    expect(mutation.hits).toBe(0);
  });

  test('needs no upstream, nor does a request that goes elsewhere or nowhere', () => {
    const mayAnswer = (change: Change, options?: MutationOptions) => {
      const wire = new Wire();
      wire.rules.mutate('https://api.test/**', change, options);
      return [
        wire.rules.interceptor.mayAnswer({ host: 'api.test', port: 443 }),
        wire.rules.interceptor.mayAnswer({ host: 'else.test', port: 443 }),
      ];
    };
    expect(mayAnswer({ tls: { alert: 40 } })).toEqual([true, false]);
    expect(mayAnswer({ request: { url: 'https://other.test/' } })).toEqual([true, false]);
    expect(mayAnswer({ request: { fault: 'reset' } })).toEqual([true, false]);
    expect(mayAnswer({ request: { fault: 'reset', after: 5 } })).toEqual([false, false]);
    expect(mayAnswer({ tls: { alert: 40 } }, { probability: 0.5 })).toEqual([false, false]);
    expect(mayAnswer({ response: { status: 500 } })).toEqual([false, false]);
  });

  test.each<[unknown, RegExp]>([
    ['GET https://api.test/**', /method/],
    ['https://api.test/v1/cart', /url/],
    [/api/, /url/],
    [() => true, /predicate/],
    [{ host: 'api.test', headers: { a: 'b' } }, /headers/],
  ])('cannot be chosen by %s', (pattern, why) => {
    const { rules } = new Wire();
    const mutate = () => rules.mutate(pattern as string, { tls: { leaf: 'expired' } });
    expect(mutate).toThrow(why);
    expect(mutate).toThrow(/a TLS handshake comes before any request .* Write \{ host: 'api\.test' \}/);
  });

  test.each<[unknown]>([['https://api.test/**'], [{ host: 'api.test', port: 443 }], [{ sni: 'api.test' }], ['**']])(
    'can be chosen by %s',
    (pattern) => {
      const { rules } = new Wire();
      rules.mutate(pattern as string, { tls: { leaf: 'expired' } });
      expect(rules.interceptor.onHandshake(at('api.test'))).toMatchObject({ leaf: 'expired' });
    },
  );
});

describe('with validators', () => {
  const changed = { response: { json: { changed: true } } };
  const etag = ['ETag', '"v1"'];

  test('a client that has a changed body gets the unchanged one when the mutation is gone', async () => {
    const wire = new Wire();
    const mutation = wire.rules.mutate('**', changed);
    const first = wire.send({ url: cart });
    const marked = (await first.response({ headers: etag }))?.headers?.[1] ?? '';
    expect(marked).toBe('"v1;waylay-1"');
    mutation.remove();
    const second = wire.send({ url: cart, headers: ['A', 'b', 'If-None-Match', marked] });
    expect(await second.decision).toEqual({ action: 'forward', change: { headers: ['A', 'b'] } });
    expect(wire.send({ url: cart, headers: ['If-None-Match', '"v1"'] }).decision).toBeUndefined();
  });

  test('while it is there, the whole body is asked for', async () => {
    const wire = new Wire();
    wire.rules.mutate('**', changed);
    const passage = wire.send({ url: cart, headers: ['If-None-Match', '"v1"', 'Range', 'bytes=1-'] });
    expect(await passage.decision).toEqual({ action: 'forward', change: { headers: [] } });
  });

  test('conditions that the change sets go out', async () => {
    const wire = new Wire();
    wire.rules.mutate('**', { request: { headers: { 'if-none-match': '"mine"' } }, ...changed });
    const passage = wire.send({ url: cart, headers: ['If-None-Match', '"v1"'] });
    expect(await passage.decision).toMatchObject({ change: { headers: ['if-none-match', '"mine"'] } });
  });

  test.each<[string, string, number, readonly string[] | undefined]>([
    ['HEAD', 'HEAD', 200, ['ETag', '"v1"', 'Content-Length', '16']],
    ['204', 'GET', 204, undefined],
    ['304', 'GET', 304, undefined],
  ])('%s has no body to change', async (_, method, status, headers) => {
    const wire = new Wire();
    wire.rules.mutate('**', changed);
    const change = await wire.send({ method, url: cart }).response({ status, headers: etag });
    expect(change?.headers).toEqual(
      headers === undefined ? undefined : ['ETag', '"v1;waylay-1"', 'Content-Length', '16'],
    );
  });
});

describe('options that cannot be', () => {
  test.each<[unknown, string]>([
    [5, "A mutation's options cannot be 5. Write mutate(pattern, change, { times: 1, probability: 0.5, seed: 7 })."],
    [{ tims: 1 }, "A mutation has no option 'tims'; the nearest is 'times'."],
    [{ times: 0 }, "A mutation's 'times' cannot be 0: it is a whole number from 1 on."],
    [{ probability: 50 }, "A mutation's 'probability' cannot be 50: it is a number from 0 to 1."],
    [{ seed: 0.5 }, "A mutation's 'seed' cannot be 0.5: it is a whole number."],
  ])('are refused: %j', (options, message) => {
    const { rules } = new Wire();
    expect(() => rules.mutate('**', { response: { status: 500 } }, options as MutationOptions)).toThrow(message);
  });
});
