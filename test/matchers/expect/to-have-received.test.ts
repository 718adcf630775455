import { describe, expect, test } from 'vitest';
import type { MatcherContext, MatcherResult } from '../../../matchers/expect/matcher-result.js';
import { toHaveReceived } from '../../../matchers/expect/to-have-received.js';
import type { Narrowing } from '../../../matchers/expect-request/expectation.js';
import { TRAFFIC } from '../../../matchers/rule/traffic.js';
import { Wire } from '../wire.js';

const tracker = 'https://tracker.test/**';
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

function ask(wire: Wire, narrowing?: Narrowing, context?: MatcherContext): Promise<MatcherResult> {
  return toHaveReceived({ [TRAFFIC]: wire.rules.traffic }, tracker, narrowing, context);
}

/** The result, or undefined while it is pending. */
async function now(promise: Promise<MatcherResult>): Promise<MatcherResult | undefined> {
  return Promise.race([promise, settle().then(() => undefined)]);
}

describe('a request that must come', () => {
  test('has come', async () => {
    const wire = new Wire();
    wire.send('GET https://tracker.test/a');
    expect(await ask(wire)).toMatchObject({ name: 'toHaveReceived', pass: true });
    expect(wire.timer.pending.size).toBe(0);
  });

  test('is waited for', async () => {
    const wire = new Wire();
    const result = ask(wire, { times: 2, json: { a: 1 } });
    wire.send({ url: 'https://tracker.test/', body: { a: 1 } });
    wire.send({ url: 'https://tracker.test/', body: { a: 2 } });
    expect(await now(result)).toBeUndefined();
    wire.send({ url: 'https://tracker.test/', body: { a: 1 } });
    expect(await now(result)).toMatchObject({ pass: true });
    expect(wire.timer.pending.size).toBe(0);
  });

  test('fails when the time is up', async () => {
    const wire = new Wire();
    const result = ask(wire, {}, { timeout: 70 });
    expect([...wire.timer.pending].map(({ milliseconds }) => milliseconds)).toEqual([70]);
    wire.timer.fire();
    const { pass, message } = await result;
    expect(pass).toBe(false);
    expect(message()).toMatch(
      /^No request matched https:\/\/tracker\.test\/\*\* within 70 ms\.\n\nExpected: at least 1 request/,
    );
  });

  test('is waited for by the call’s own timeout rather than by the runner’s', () => {
    const wire = new Wire();
    void ask(wire, { timeout: 3 }, { timeout: 70 });
    expect([...wire.timer.pending].map(({ milliseconds }) => milliseconds)).toEqual([3]);
    wire.timer.fire();
  });

  test('fails at once when too many have come', async () => {
    const wire = new Wire();
    for (let i = 0; i < 3; i += 1) wire.send('GET https://tracker.test/a');
    const result = await ask(wire, { times: 2 });
    expect(result.pass).toBe(false);
    expect(result.message()).toMatch(/^3 requests matched .* so far; expected exactly 2 requests\./);
  });

  test('is judged at once with times: 0', async () => {
    const wire = new Wire();
    expect(await now(ask(wire, { times: 0 }))).toMatchObject({ pass: true });
    wire.send({ url: 'https://tracker.test/', complete: false });
    const result = await now(ask(wire, { times: 0 }));
    expect(result?.pass).toBe(false);
    expect(result?.message()).toMatch(/^1 request matched .* so far; expected no request\./);
  });

  test('is waited for no more when the proxy is stopped', async () => {
    const wire = new Wire();
    const result = ask(wire);
    await settle();
    wire.rules.close();
    expect((await result).pass).toBe(false);
  });
});

describe('behind .not, where pass means failure', () => {
  const isNot = { isNot: true };

  test('a matcher does not wait', async () => {
    const wire = new Wire();
    expect(await now(ask(wire, {}, isNot))).toMatchObject({ pass: false });
    expect(wire.timer.pending.size).toBe(0);
  });

  test('a request that has come is told of, even before its body has', async () => {
    const wire = new Wire();
    wire.send({ method: 'POST', url: 'https://tracker.test/collect', body: 'a', complete: false });
    const result = await ask(wire, {}, isNot);
    expect(result.pass).toBe(true);
    expect(result.message()).toMatchInlineSnapshot(`
      "1 request matched https://tracker.test/** so far; expected no request.

      Expected: no request
      Received: 1 of 1 request

      Matched:
        #1 POST https://tracker.test/collect (no response yet)"
    `);
  });

  test('a number that has come is told', async () => {
    const wire = new Wire();
    wire.send('GET https://tracker.test/a');
    const result = await ask(wire, { times: 1 }, isNot);
    expect(result.pass).toBe(true);
    expect(result.message()).toMatch(/^1 request matched .* so far; expected not exactly 1 request\./);
    expect((await ask(wire, { times: 2 }, isNot)).pass).toBe(false);
  });
});

test.each([[undefined], [{}], [Promise.resolve()]])('%s is no Waylay', async (received) => {
  await expect(toHaveReceived(received, tracker)).rejects.toThrow(/^toHaveReceived needs the waylay object: /);
});

test('a value that is no pattern is refused', async () => {
  const wire = new Wire();
  const received = { [TRAFFIC]: wire.rules.traffic };
  await expect(toHaveReceived(received, 'tracker.test')).rejects.toMatchObject({ code: 'WAYLAY_INVALID_PATTERN' });
  await expect(toHaveReceived(received, tracker, { tims: 1 } as never)).rejects.toThrow("the nearest is 'times'");
});

describe('a timeout that the call gives keeps watching for what must not come', () => {
  test.each<[string, Narrowing, MatcherContext]>([
    ['behind .not', { timeout: 300 }, { isNot: true }],
    ['times: 0', { times: 0, timeout: 300 }, {}],
  ])('%s', async (_, narrowing, context) => {
    const quiet = new Wire();
    const passes = ask(quiet, narrowing, context);
    expect(await now(passes)).toBeUndefined();
    quiet.timer.fire();
    expect((await passes).pass).toBe(context.isNot !== true);

    const wire = new Wire();
    const fails = ask(wire, narrowing, context);
    wire.send('GET https://tracker.test/a');
    const { pass, message } = await fails;
    expect(pass).toBe(context.isNot === true);
    expect(message()).toMatch(/^1 request matched .* so far; expected no request\./);
    expect(wire.timer.pending.size).toBe(0);
  });
});

test('.not with times: 0 asks for one, and says so', async () => {
  const wire = new Wire();
  const { pass, message } = await ask(wire, { times: 0 }, { isNot: true });
  expect(pass).toBe(true);
  expect(message()).toMatch(/^No request matched .* so far\.\n\nExpected: at least 1 request/);
  wire.send('GET https://tracker.test/a');
  expect((await ask(wire, { times: 0 }, { isNot: true })).pass).toBe(false);
});
