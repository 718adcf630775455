/** Who is told of what is unmet, and what groups refuse. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Wire } from '../wire.js';

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

describe('at the end of the test', () => {
  test.each<[string, (wire: Wire) => unknown]>([
    ['all()', (wire) => wire.rules.expectRequest('**/a').all()],
    ['finished()', (wire) => wire.rules.expectRequest('**/a').finished()],
    ['a group', (wire) => wire.rules.expectOrder(['**/a', '**/b']).finally()],
    ['finally()', (wire) => wire.rules.expectRequest('**/a').finally(() => {})],
    ['then() without a function for failures', (wire) => wire.rules.expectRequest('**/a').then(() => {})],
    ['catch() without a function', (wire) => wire.rules.expectRequest('**/a').catch(null)],
  ])('%s that nobody listens to is told of, and is no unhandled rejection', async (_, begin) => {
    for (const end of ['timeout', 'stop'] as const) {
      const wire = new Wire();
      begin(wire);
      if (end === 'timeout') wire.timer.fire();
      else wire.rules.close();
      await settle();
      expect(wire.rules.verify()?.message).toMatch(/by the end of the test/);
    }
  });

  test.each<[string, (wire: Wire) => PromiseLike<unknown>]>([
    ['all()', (wire) => wire.rules.expectRequest('**/a').all()],
    ['finished()', (wire) => wire.rules.expectRequest('**/a').finished()],
    ['an expectation', (wire) => wire.rules.expectRequest('**/a')],
    ['a group', (wire) => wire.rules.expectOverlap(['**/a', '**/b'])],
  ])('%s that was awaited is told once', async (_, begin) => {
    const wire = new Wire();
    const waiting = Promise.resolve(begin(wire)).catch((error: Error) => error.message);
    await settle();
    wire.timer.fire();
    expect(await waiting).toMatch(/within 5000 ms/);
    expect(wire.rules.verify()).toBeUndefined();
  });

  test.each<[string, (wire: Wire) => PromiseLike<unknown>]>([
    ['all()', (wire) => wire.rules.expectRequest('**/a').all()],
    ['finished()', (wire) => wire.rules.expectRequest('**/a').finished()],
    ['a group', (wire) => wire.rules.expectOverlap(['**/a', '**/b'])],
  ])('%s that is still awaited at the end of the test is told there, and says so when it ends', async (_, begin) => {
    const wire = new Wire();
    const waiting = Promise.resolve(begin(wire)).catch((error: Error) => error.message);
    await settle();
    expect(wire.rules.verify()?.message).toMatch(/by the end of the test/);
    wire.rules.close();
    expect(await waiting).toMatch(/^The test ended while it waited for .*; what came instead is told at its end\.$/);
  });

  test('one that is listened to only after it failed is told there', async () => {
    const wire = new Wire();
    const all = wire.rules.expectRequest('**/a').all();
    wire.timer.fire();
    await settle();
    await expect(all).rejects.toThrow(/^No request matched/);
    expect(wire.rules.verify()).toBeUndefined();
  });
});

describe.each([
  ['an expectation', ({ rules }: Wire) => rules.expectRequest('**/a')],
  ['a group', ({ rules }: Wire) => rules.expectOrder(['**/a', '**/b'])],
] as const)('%s has the methods of a promise', (_, begin) => {
  test('catch begins the clock and is told', async () => {
    const wire = new Wire();
    const expectation = begin(wire);
    expect(wire.timer.pending.size).toBe(0);
    const caught = expectation.catch((error: unknown) => (error as Error).message);
    expect(wire.timer.pending.size).toBe(1);
    wire.timer.fire();
    expect(await caught).toMatch(/within 5000 ms/);
    expect(wire.rules.verify()).toBeUndefined();
  });

  test('finally begins the clock, runs, and passes on what it came to', async () => {
    const wire = new Wire();
    let ran = 0;
    const failing = begin(wire).finally(() => {
      ran += 1;
    });
    expect(wire.timer.pending.size).toBe(1);
    wire.timer.fire();
    await expect(failing).rejects.toThrow(/within 5000 ms/);
    expect(ran).toBe(1);
    const met = begin(wire).finally(() => {
      ran += 1;
    });
    const sent = wire.send('GET https://shop.test/a');
    wire.send('GET https://shop.test/b');
    expect([await met].flat()[0]).toBe(sent.exchange);
    expect(ran).toBe(2);
  });
});

describe('a group', () => {
  test('is told at the end; where a member tells of itself, that is enough', () => {
    const wire = new Wire();
    wire.send('GET https://shop.test/b');
    wire.send('GET https://shop.test/a');
    wire.rules.expectOrder(['**/a', '**/b']);
    expect(wire.rules.verify()?.message).toMatch(/^2 requests were expected one after the other, .* by the end/);

    const other = new Wire();
    other.rules.expectOrder([other.rules.expectRequest('**/a'), '**/b']);
    expect(other.rules.verify()?.message).toMatch(/^No request matched \*\*\/a by the end of the test\./);
  });

  test('shows what came nearest to a member that did not come', () => {
    const wire = new Wire();
    wire.send('GET https://shop.test/a');
    wire.send('PUT https://shop.test/b');
    wire.rules.expectOrder(['GET **/a', 'GET **/b']);
    expect(wire.rules.verify()?.message).toMatch(
      /2\) GET \*\*\/b\n {4}\(none\)\n[\s\S]*No request matched GET \*\*\/b by the end of the test\.[\s\S]*\n {4}method\n {6}- 'GET'\n {6}\+ 'PUT'/,
    );
  });

  test('takes as many requests for an expectation as that expects', async () => {
    const wire = new Wire();
    const order = wire.rules.expectOrder([wire.rules.expectRequest('**/a', { times: 2 }), '**/b']);
    for (const path of ['a', 'b', 'a', 'b']) wire.send(`GET https://shop.test/${path}`);
    expect((await order).map(({ id }) => id)).toEqual([1, 4]);
  });

  test('ends when the proxy is stopped', async () => {
    const wire = new Wire();
    const failed = Promise.resolve(wire.rules.expectOverlap(['**/a', '**/b'])).catch((error: Error) => error.message);
    await settle();
    wire.rules.close();
    expect(await failed).toMatch(/before the proxy was stopped/);
    expect(wire.timer.pending.size).toBe(0);
  });

  test.each<[string, (wire: Wire) => unknown, RegExp]>([
    [
      'no list',
      ({ rules }) => rules.expectOrder('**' as never),
      /takes a list .*, not '\*\*'\. Write waylay\.expectOrder\(/,
    ],
    ['one member', ({ rules }) => rules.expectOrder(['**']), /takes at least two, and was given 1\./],
    ['one request', ({ rules }) => rules.expectOverlap([rules.expectRequest('**')]), /takes at least two/],
    [
      'an option that is none',
      ({ rules }) => rules.expectOrder(['**', '**'], { times: 2 } as never),
      /no option 'times'/,
    ],
    [
      'options that are none',
      ({ rules }) => rules.expectOrder(['**', '**'], 5 as never),
      /options of expectOrder cannot be 5/,
    ],
    ['a bad timeout', ({ rules }) => rules.expectOrder(['**', '**'], { timeout: -1 }), /'timeout' cannot be -1/],
    [
      'what is expected not to come',
      ({ rules }) => rules.expectOverlap(['**', rules.expectRequest('**/x', { times: 0 }) as never]),
      /\*\*\/x with times: 0 expects no request/,
    ],
    [
      'another proxy’s',
      ({ rules }) => rules.expectOrder(['**', new Wire().rules.expectRequest('**/x')]),
      /another Waylay/,
    ],
    ['a bad pattern', ({ rules }) => rules.expectOrder(['**', 'get https://x.test/']), /not in upper case/],
  ])('refuses %s', (_, register, message) => {
    expect(() => register(new Wire())).toThrow(message);
  });
});

test('finished() of what is not to come is refused', () => {
  expect(() => new Wire().rules.expectRequest('**/x', { times: 0 }).finished()).toThrow(
    expect.objectContaining({ code: 'WAYLAY_INVALID_OPTION' }),
  );
});

test('a group that overlaps what overlaps it is refused', () => {
  const { rules } = new Wire();
  const one = rules.expectRequest('**/a');
  const two = rules.expectRequest('**/b').overlapping(one);
  expect(() => one.overlapping(two)).toThrow(/cannot overlap itself, nor what already depends on it/);
  expect(() => one.after(two)).toThrow(/cannot come after itself/);
});
