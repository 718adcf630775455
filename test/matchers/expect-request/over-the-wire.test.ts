/** Expectations against real connections, in both versions of HTTP. */
import type { Http2ServerResponse } from 'node:http2';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startWaylay } from '../../../fixtures/standalone.js';
import { ask, exchangeThrough, VERSIONS } from '../../exchange-client.js';
import { httpsOrigin, publicAuthority } from '../../servers.js';

/** An origin that answers at once, but `/held…` when the test says so, once. */
async function setUp(timeout = 5000) {
  let arrive: (response: Http2ServerResponse) => void = () => {};
  const held = new Promise<Http2ServerResponse>((resolve) => {
    arrive = resolve;
  });
  const origin = await httpsOrigin(
    (request, response) => {
      request.resume();
      if (request.url?.startsWith('/held')) arrive(response);
      else response.end('now');
    },
    { name: 'shop.test' },
  );
  const waylay = await startWaylay({
    hosts: { 'shop.test': `127.0.0.1:${origin.port}` },
    trustedRoots: publicAuthority.pem,
    timeout,
  });
  onTestFinished(() => waylay.stop());
  const release = async () => (await held).end('released');
  return { waylay, release };
}

const failureOf = (promise: PromiseLike<unknown>): Promise<Error> =>
  Promise.resolve(promise).then(
    () => new Error('it did not fail'),
    (error: Error) => error,
  );

describe.each(VERSIONS)('over %s', (version) => {
  test('a request is given while its response is pending; finished() waits for that', async () => {
    const { waylay, release } = await setUp();
    const expectation = waylay.expectRequest('POST https://shop.test/held', { json: { amount: 4200 } });
    const finished = expectation.finished();
    const asking = await ask(waylay, version, { url: 'https://shop.test/held', body: '{"amount":4200}' });
    const exchange = await expectation;
    expect([exchange.response, exchange.ended]).toEqual([undefined, false]);
    expect(exchange.request.json().amount).toBe(4200);
    await release();
    const { response } = await finished;
    expect([response.status, response.text()]).toEqual([200, 'released']);
    expect((await asking.received).body.toString()).toBe('released');
    expect(waylay.verify()).toBeUndefined();
  });

  test('finished() says what is missing, and why an exchange failed', async () => {
    const { waylay } = await setUp(200);
    const pending = await ask(waylay, version, { url: 'https://shop.test/held' });
    const late = await failureOf(waylay.expectRequest('https://shop.test/held').finished());
    expect(late.message).toMatch(
      /^#1 GET https:\/\/shop\.test\/held \(no response yet\) matched https:\/\/shop\.test\/held, but no response came within 200 ms\.\n\nWritten: {2}test\/matchers\/expect-request\/over-the-wire\.test\.ts:/,
    );
    pending.leave();
    const failed = await failureOf(waylay.expectRequest('https://shop.test/held').finished());
    expect(failed.message).toMatch(/^#1 GET .* matched https:\/\/shop\.test\/held, but failed: /);
    expect(failed.cause).toBe(waylay.exchanges[0]?.error);
  });

  test('numbers hold: so many, none to the end', async () => {
    const { waylay } = await setUp();
    const two = waylay.expectRequest('https://shop.test/a', { times: 2 });
    const none = waylay.expectRequest('https://shop.test/b', { times: 0 });
    await exchangeThrough(waylay, version, { url: 'https://shop.test/a' });
    await exchangeThrough(waylay, version, { url: 'https://shop.test/a' });
    expect((await two.all()).map(({ id }) => id)).toEqual([1, 2]);
    expect(await none).toBeUndefined();
    expect(waylay.verify()).toBeUndefined();
    await exchangeThrough(waylay, version, { url: 'https://shop.test/b' });
    expect(waylay.verify()?.message).toMatch(/^1 request matched https:\/\/shop\.test\/b by the end of the test/);
  });

  test('an order holds by after(), and by a group', async () => {
    const { waylay } = await setUp(100);
    const [login, settings] = ['login', 'settings'].map((path) => waylay.expectRequest(`https://shop.test/${path}`));
    const cart = waylay.expectRequest('https://shop.test/cart').after(login as never, settings as never);
    const order = waylay.expectOrder(['https://shop.test/login', 'https://shop.test/cart']);
    for (const path of ['cart', 'login', 'settings', 'cart']) {
      await exchangeThrough(waylay, version, { url: `https://shop.test/${path}` });
    }
    expect((await cart).id).toBe(4);
    expect((await order).map(({ id }) => id)).toEqual([2, 4]);
    const wrong = await failureOf(waylay.expectOrder(['https://shop.test/settings', 'https://shop.test/login']));
    expect(wrong.message.replaceAll(/\d+(\.\d)? ms before/g, 'n ms before')).toMatch(
      /^2 requests were expected one after the other, which they were not within 100 ms: 2\) did not come after 1\)\.\n\n {2}1\) https:\/\/shop\.test\/settings\n {4}#3 GET .*\(200, upstream\)\n {2}2\) https:\/\/shop\.test\/login\n {4}#2 GET .*\(200, upstream\), too early: it began n ms before #3\n\nWritten: {2}test/,
    );
    expect(waylay.verify()).toBeUndefined();
  });

  test('requests are in flight together by overlapping(), and by a group', async () => {
    const { waylay, release } = await setUp(100);
    const slow = waylay.expectRequest('https://shop.test/held/1');
    const quick = waylay.expectRequest('https://shop.test/quick').overlapping(slow);
    const together = waylay.expectOverlap(['https://shop.test/held/1', 'https://shop.test/quick']);
    await exchangeThrough(waylay, version, { url: 'https://shop.test/quick' });
    const asking = await ask(waylay, version, { url: 'https://shop.test/held/1' });
    await slow;
    expect((await failureOf(quick)).message).toMatch(
      /Matched, but was not in flight together with what it had to overlap:\n {2}#1 GET https:\/\/shop\.test\/quick \(200, upstream\): #1 GET https:\/\/shop\.test\/quick had ended .* ms before #2 GET https:\/\/shop\.test\/held\/1 began/,
    );
    const apart = await failureOf(waylay.expectOverlap(['https://shop.test/quick', 'https://shop.test/held/1']));
    expect(apart.message).toMatch(
      /\n\n#2 GET https:\/\/shop\.test\/held\/1 began .* ms after #1 GET .* had ended\.\n\n/,
    );
    await exchangeThrough(waylay, version, { url: 'https://shop.test/quick' });
    await release();
    await asking.received;
    expect((await together).map(({ id }) => id)).toEqual([2, 3]);
    const again = waylay.expectRequest('https://shop.test/quick').overlapping(slow);
    expect((await again).id).toBe(3);
  });
});
