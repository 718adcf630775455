import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Expectation } from '../../../matchers/expect-request/expectation.js';
import { Wire } from '../wire.js';

const charges = 'https://api.pay.test/v1/charges';
const post = `POST ${charges}`;

/** A promise's result so far. */
function watch<T>(promise: PromiseLike<T>): { value?: T; error?: Error & { code?: string } } {
  const outcome: { value?: T; error?: Error } = {};
  promise.then(
    (value) => {
      outcome.value = value;
    },
    (error) => {
      outcome.error = error;
    },
  );
  return outcome;
}

/** Lets everything that is ready run. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown) => unhandled.push(reason);

beforeEach(() => {
  process.on('unhandledRejection', onUnhandled);
});

afterEach(async () => {
  await settle();
  process.off('unhandledRejection', onUnhandled);
  expect(unhandled.splice(0)).toEqual([]);
});

describe('an awaited expectation', () => {
  test('gives what came before', async () => {
    const wire = new Wire();
    const { exchange } = wire.send(post);
    expect(await wire.rules.expectRequest(post)).toBe(exchange);
    expect(wire.timer.pending.size).toBe(0);
  });

  test('gives what comes after, while the response is pending', async () => {
    const wire = new Wire();
    const outcome = watch(wire.rules.expectRequest(post));
    await settle();
    expect(outcome).toEqual({});
    const { exchange } = wire.send(post);
    await settle();
    expect(outcome.value).toBe(exchange);
    expect(exchange.ended).toBe(false);
    expect(wire.timer.pending.size).toBe(0);
  });

  test('gives what came between registering and awaiting', async () => {
    const wire = new Wire();
    const expectation = wire.rules.expectRequest(post);
    const { exchange } = wire.send(post);
    expect(await expectation).toBe(exchange);
  });

  test('waits for the body, even where the pattern does not need it', async () => {
    const wire = new Wire();
    const outcome = watch(wire.rules.expectRequest(post));
    const passage = wire.send({ method: 'POST', url: charges, body: '{', complete: false });
    await settle();
    expect(outcome).toEqual({});
    passage.completeBody('}');
    await settle();
    expect(outcome.value).toBe(passage.exchange);
  });

  test('takes a request that was broken off, where the pattern does not need its body', async () => {
    const wire = new Wire();
    const plain = watch(wire.rules.expectRequest(post));
    const json = watch(wire.rules.expectRequest(post, { json: {} }));
    const { exchange } = wire.send({ method: 'POST', url: charges, body: '{', complete: false });
    wire.journal.end(exchange, 1);
    await settle();
    expect(plain.value).toBe(exchange);
    expect(json).toEqual({});
  });

  test('gives the first that arrived, though another was complete before', async () => {
    const wire = new Wire();
    const outcome = watch(wire.rules.expectRequest(post, { times: 2 }));
    const slow = wire.send({ method: 'POST', url: charges, complete: false });
    wire.send(post);
    slow.completeBody();
    await settle();
    expect(outcome.value).toBe(slow.exchange);
  });

  test('is narrowed by the second argument', async () => {
    const wire = new Wire();
    const outcome = watch(wire.rules.expectRequest(post, { json: { amount: 4200 } }));
    wire.send({ method: 'POST', url: charges, body: { amount: 1 } });
    const { exchange } = wire.send({ method: 'POST', url: charges, body: { amount: 4200, currency: 'EUR' } });
    await settle();
    expect(outcome.value).toBe(exchange);
  });

  test('waits for others where its predicate throws for some requests', async () => {
    const wire = new Wire();
    const outcome = watch(wire.rules.expectRequest((request) => request.json<{ a: { b: number } }>().a.b === 1));
    wire.send({ body: {} });
    const { exchange } = wire.send({ body: { a: { b: 1 } } });
    await settle();
    expect(outcome.value).toBe(exchange);
  });

  test('may be awaited again, and by several', async () => {
    const wire = new Wire();
    const expectation = wire.rules.expectRequest(post);
    const outcomes = [watch(expectation), watch(expectation)];
    const { exchange } = wire.send(post);
    await settle();
    expect(outcomes.map(({ value }) => value)).toEqual([exchange, exchange]);
    expect(await expectation).toBe(exchange);
  });

  test('does nothing until it is awaited', async () => {
    const wire = new Wire();
    let judged = 0;
    const expectation = wire.rules.expectRequest(() => {
      judged += 1;
      return true;
    });
    wire.send();
    await settle();
    expect([judged, wire.timer.pending.size]).toEqual([0, 0]);
    await expectation;
    expect(judged).toBe(1);
    wire.send();
    expect(judged).toBe(1);
  });
});

describe('when the time is up', () => {
  test('an expectation fails with what came, and the stack of the place where it was written', async () => {
    const wire = new Wire();
    const outcome = watch(wire.rules.expectRequest(post, { timeout: 700 }));
    wire.send(`GET ${charges}`);
    await settle();
    expect([...wire.timer.pending].map(({ milliseconds }) => milliseconds)).toEqual([700]);
    wire.timer.fire();
    await settle();
    expect(outcome.error).toMatchObject({ name: 'TestError', code: 'WAYLAY_EXPECTATION' });
    expect(outcome.error?.message).toMatch(
      /^No request matched POST https:\/\/api\.pay\.test\/v1\/charges within 700 ms\./,
    );
    expect(outcome.error?.stack).toMatch(/\n {4}at .*expect-request\.test\.ts:\d+:\d+/);
    expect(outcome.error?.stack).not.toContain('/matchers/rules.ts');
  });

  test('the time is the option’s, else 5 seconds', async () => {
    const times = [new Wire(), new Wire({ timeout: 9 })].map((wire) => {
      watch(wire.rules.expectRequest(post).all());
      return [...wire.timer.pending].map(({ milliseconds }) => milliseconds);
    });
    expect(times).toEqual([[5000], [9]]);
  });

  test('the clock starts when it is awaited', async () => {
    const wire = new Wire();
    const expectation = wire.rules.expectRequest(post);
    await settle();
    expect(wire.timer.pending.size).toBe(0);
    watch(expectation);
    expect(wire.timer.pending.size).toBe(1);
    wire.timer.fire();
  });

  test('Infinity waits without a timer, until the proxy is stopped', async () => {
    const wire = new Wire();
    const outcome = watch(wire.rules.expectRequest(post, { timeout: Number.POSITIVE_INFINITY }));
    await settle();
    expect(wire.timer.pending.size).toBe(0);
    wire.rules.close();
    await settle();
    expect(outcome.error?.message).toMatch(/^No request matched .* before the proxy was stopped\./);
  });

  test('a real timer fires too', async () => {
    const { rules } = new Wire({ startTimer: undefined as never });
    await expect(Promise.resolve(rules.expectRequest(post, { timeout: 1 }))).rejects.toMatchObject({
      code: 'WAYLAY_EXPECTATION',
    });
  });

  test('one who is not awaited any more leaves no unhandled rejection', async () => {
    const wire = new Wire();
    await Promise.race([wire.rules.expectRequest(post), Promise.resolve()]);
    wire.timer.fire();
    await settle(); // afterEach looks for it.
  });
});

describe('where the proxy is stopped', () => {
  test('all expectations that wait end, and their timers with them', async () => {
    const wire = new Wire();
    const outcomes = [watch(wire.rules.expectRequest(post)), watch(wire.rules.expectRequest('**'))];
    await settle();
    expect(wire.timer.pending.size).toBe(2);
    wire.rules.close();
    await settle();
    expect(outcomes.map(({ error }) => error?.code)).toEqual(['WAYLAY_EXPECTATION', 'WAYLAY_EXPECTATION']);
    expect(wire.timer.pending.size).toBe(0);
    wire.rules.close();
  });
});

describe('with times', () => {
  test('so many are waited for', async () => {
    const wire = new Wire();
    const expectation = wire.rules.expectRequest(post, { times: 2 });
    const outcome = watch(expectation);
    const first = wire.send(post);
    await settle();
    expect(outcome).toEqual({});
    const second = wire.send(post);
    await settle();
    expect(outcome.value).toBe(first.exchange);
    expect(await expectation.all()).toEqual([first.exchange, second.exchange]);
    expect(expectation.exchanges).toEqual([first.exchange, second.exchange]);
  });

  test('more than that fail at once', async () => {
    const wire = new Wire();
    for (let i = 0; i < 3; i += 1) wire.send(post);
    await expect(Promise.resolve(wire.rules.expectRequest(post, { times: 2 }))).rejects.toThrow(
      /^3 requests matched .* so far; expected exactly 2 requests\./,
    );
  });

  test('more than that fail at the end, though it was awaited', async () => {
    const wire = new Wire();
    const expectation = wire.rules.expectRequest(post, { times: 1 });
    wire.send(post);
    await expectation;
    expect(wire.rules.verify()).toBeUndefined();
    wire.send(post);
    expect(wire.rules.verify()?.message).toMatch(
      /^2 requests matched .* by the end of the test; expected exactly 1 request\./,
    );
  });

  test('a range gives as soon as its least number has come', async () => {
    const wire = new Wire();
    const outcome = watch(wire.rules.expectRequest(post, { times: { min: 2, max: 3 } }));
    wire.send(post);
    await settle();
    expect(outcome).toEqual({});
    const { exchange } = wire.send(post);
    await settle();
    expect(outcome.value?.id).toBe(exchange.id - 1);
    wire.send(post);
    expect(wire.rules.verify()).toBeUndefined();
    wire.send(post);
    expect(wire.rules.verify()?.message).toContain('expected 2 to 3 requests');
  });

  test('0 gives nothing at once, and watches to the end', async () => {
    const wire = new Wire();
    const none = wire.rules.expectRequest(post, { times: 0 });
    expect(await none).toBeUndefined();
    expect(wire.rules.verify()).toBeUndefined();
    wire.send({ method: 'POST', url: charges, complete: false });
    expect(wire.rules.verify()?.message).toMatch(/^1 request matched .* by the end of the test; expected no request\./);
  });

  test('0 with a timeout, awaited, sees to it that none comes for so long, and still watches to the end', async () => {
    const wire = new Wire();
    const none = wire.rules.expectRequest(post, { times: 0, timeout: 700 });
    const outcome = watch(none.all());
    wire.send('GET https://api.pay.test/');
    await settle();
    expect(outcome).toEqual({});
    expect([...wire.timer.pending].map(({ milliseconds }) => milliseconds)).toEqual([700]);
    wire.timer.fire();
    await settle();
    expect(outcome).toEqual({ value: [] });
    wire.send(post);
    expect(wire.rules.verify()?.message).toMatch(/^1 request matched/);
  });

  test('0 with a timeout fails as soon as one comes', async () => {
    const wire = new Wire();
    const outcome = watch(wire.rules.expectRequest(post, { times: { max: 0 }, timeout: 700 }));
    wire.send(post);
    await settle();
    expect(outcome.error?.message).toMatch(/^1 request matched .* so far; expected no request\./);
    expect(wire.timer.pending.size).toBe(0);
    expect(wire.rules.verify()).toBeUndefined();
  });

  test('0 with a timeout ends well when the proxy is stopped', async () => {
    const wire = new Wire();
    const outcome = watch(wire.rules.expectRequest(post, { times: 0, timeout: Number.POSITIVE_INFINITY }).all());
    wire.rules.close();
    await settle();
    expect(outcome).toEqual({ value: [] });
  });

  test('too few are not asked whether they are too many', async () => {
    const wire = new Wire();
    const outcome = watch(wire.rules.expectRequest(post, { times: 3 }));
    wire.send(post);
    wire.send(post);
    wire.timer.fire();
    await settle();
    expect(outcome.error?.message).toMatch(/Matched:\n {2}#1 .*\n {2}#2 .*$/);
  });

  test('0 sees what came before it', async () => {
    const wire = new Wire();
    wire.send(post);
    await expect(Promise.resolve(wire.rules.expectRequest(post, { times: 0 }))).rejects.toThrow('expected no request');
  });

  test.each([[-1], [1.5], ['2'], [{ min: 3, max: 2 }], [{ least: 1 }], [Number.NaN], [null]])(
    '%j is refused, row %#',
    (times) => {
      expect(() => new Wire().rules.expectRequest(post, { times: times as never })).toThrow(
        expect.objectContaining({
          code: 'WAYLAY_INVALID_OPTION',
          message: expect.stringMatching(
            /^The option 'times' cannot be .*\. Write times: 2, times: 0 or times: \{ min: 1, max: 3 \}\.$/,
          ),
        }),
      );
    },
  );

  test.each([[-1], ['5s'], [Number.NaN], [2 ** 31]])('timeout %j is refused', (timeout) => {
    expect(() => new Wire().rules.expectRequest(post, { timeout: timeout as never })).toThrow(
      expect.objectContaining({
        code: 'WAYLAY_INVALID_OPTION',
        message: expect.stringMatching(/^The option 'timeout' cannot be .*\. Write timeout: 5000 \(milliseconds\)\.$/),
      }),
    );
  });

  test('a number alone is refused with how to write it', () => {
    expect(() => new Wire().rules.expectRequest(post, 2 as never)).toThrow(
      'Invalid pattern 2: what narrows a pattern is an object. Write { times: 2 }.',
    );
  });
});

describe('with after', () => {
  test('only what came after the other counts', async () => {
    const wire = new Wire();
    wire.send('GET https://shop.test/cart');
    const login = wire.rules.expectRequest('POST https://shop.test/login');
    const cart = wire.rules.expectRequest('GET https://shop.test/cart').after(login);
    const outcome = watch(cart);
    await settle();
    expect(outcome).toEqual({});
    wire.send('POST https://shop.test/login');
    await settle();
    expect(outcome).toEqual({});
    const { exchange } = wire.send('GET https://shop.test/cart');
    await settle();
    expect(outcome.value).toBe(exchange);
  });

  test('all of several come first where the other expects several', async () => {
    const wire = new Wire();
    const two = wire.rules.expectRequest('**/a', { times: 2 });
    const last = watch(wire.rules.expectRequest('**/b').after(two));
    wire.send('GET https://shop.test/a');
    wire.send('GET https://shop.test/b');
    wire.send('GET https://shop.test/a');
    await settle();
    expect(last).toEqual({});
    const { exchange } = wire.send('GET https://shop.test/b');
    await settle();
    expect(last.value).toBe(exchange);
  });

  test('a request that came too early is named', async () => {
    const wire = new Wire();
    const login = wire.rules.expectRequest('POST https://shop.test/login');
    const outcome = watch(wire.rules.expectRequest('**/cart').after(login));
    wire.send('GET https://shop.test/cart');
    wire.send('POST https://shop.test/login');
    wire.timer.fire();
    await settle();
    expect(outcome.error?.message).toContain(
      'Matched, but too early: only what comes after #2 POST https://shop.test/login (no response yet) counts.\n  #1 GET https://shop.test/cart (no response yet)',
    );
  });

  test('the other is named where it has not come', async () => {
    const wire = new Wire();
    const login = wire.rules.expectRequest('POST https://shop.test/login');
    const page = wire.rules.expectRequest('https://shop.test/');
    const outcome = watch(wire.rules.expectRequest('**/cart').after(page, login));
    wire.send('GET https://shop.test/');
    wire.send('GET https://shop.test/cart');
    wire.send('GET https://shop.test/cart');
    wire.timer.fire();
    await settle();
    expect(outcome.error?.message).toContain(
      [
        'Matched, but too early: POST https://shop.test/login, which it has to come after, has not come.',
        '  #2 GET https://shop.test/cart (no response yet)',
        '  #3 GET https://shop.test/cart (no response yet)',
        '',
      ].join('\n'),
    );
  });

  test.each<[string, (wire: Wire, expectation: Expectation) => unknown]>([
    ['itself', (_, expectation) => expectation],
    ['one that comes after it', (wire, expectation) => wire.rules.expectRequest('**').after(expectation)],
    ['one of another proxy', () => new Wire().rules.expectRequest('**')],
    ['no expectation', () => Promise.resolve()],
  ])('%s is refused', (_, other) => {
    const wire = new Wire();
    const expectation = wire.rules.expectRequest(post);
    expect(() => expectation.after(other(wire, expectation) as Expectation)).toThrow(
      expect.objectContaining({ code: 'WAYLAY_INVALID_OPTION' }),
    );
  });
});

describe('at the end of the test', () => {
  test('a request that came is no problem, awaited or not', async () => {
    const wire = new Wire();
    wire.rules.expectRequest(post);
    await Promise.all([wire.send(post).end(), wire.rules.expectRequest(post)]);
    expect(wire.rules.verify()).toBeUndefined();
  });

  test('a request that did not come is one', () => {
    const wire = new Wire();
    wire.rules.expectRequest(post);
    const error = wire.rules.verify();
    expect(error).toMatchObject({ name: 'TestError', code: 'WAYLAY_EXPECTATION' });
    expect(error?.message).toMatch(/^No request matched POST .* by the end of the test\./);
  });

  test('a request that is still awaited is one', async () => {
    const wire = new Wire();
    watch(wire.rules.expectRequest(post));
    await settle();
    expect(wire.rules.verify()?.message).toMatch(/^No request matched/);
    wire.rules.close();
  });

  test('a failure when it was awaited has been told', async () => {
    const wire = new Wire();
    const outcome = watch(wire.rules.expectRequest(post));
    wire.timer.fire();
    await settle();
    expect(outcome.error).toBeDefined();
    expect(wire.rules.verify()).toBeUndefined();
  });
});
