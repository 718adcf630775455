/** Costs of an exchange that nobody changes: counted, not timed. */
import { createHook } from 'node:async_hooks';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { startWaylay } from '../../fixtures/standalone.js';
import type { Interceptor } from '../../src/interceptor.js';
import { startProxy } from '../../src/proxy.js';
import { type Clock, systemClock } from '../../src/runtime/clock.js';
import { exchangeThrough, VERSIONS } from '../exchange-client.js';
import { forwardAll, httpsOrigin, publicAuthority } from '../servers.js';
import { ended } from './traffic.js';

const COUNT = 5;
/** Says that it is gzip, and is not: who decodes it fails. */
const headers = { 'content-encoding': 'gzip', 'content-type': 'application/json' };
const body = Buffer.from('not gzip at all');

/** An upstream that sends back what it is sent. */
const echo = () =>
  httpsOrigin(
    (request, response) => {
      response.writeHead(200, headers);
      request.pipe(response);
    },
    { name: 'shop.test' },
  );

/** Counts the (de)compressors made in this process until the test ends. */
function countCodecs(): () => number {
  let count = 0;
  const hook = createHook({
    init(_id, type) {
      if (/ZLIB|BROTLI|ZSTD/i.test(type)) count += 1;
    },
  });
  hook.enable();
  onTestFinished(() => void hook.disable());
  return () => count;
}

test('codecs are counted', () => {
  const codecs = countCodecs();
  gunzipSync(gzipSync('a'));
  expect(codecs()).toBe(2);
});

describe.each(VERSIONS)('over %s', (version) => {
  test('the proxy asks each question once, starts no timer and decodes nothing', async () => {
    const origin = await echo();
    const clock: Clock = { now: systemClock.now, startTimer: vi.fn(systemClock.startTimer) };
    const spies = {
      mayAnswer: vi.fn<Interceptor['mayAnswer']>(forwardAll.mayAnswer),
      onHandshake: vi.fn<Interceptor['onHandshake']>(forwardAll.onHandshake),
      onTunnel: vi.fn<Interceptor['onTunnel']>(forwardAll.onTunnel),
      onRequest: vi.fn<Interceptor['onRequest']>(forwardAll.onRequest),
      onResponse: vi.fn<Interceptor['onResponse']>(forwardAll.onResponse),
    };
    const proxy = await startProxy(
      { trustedRoots: publicAuthority.pem, hosts: { 'shop.test': `127.0.0.1:${origin.port}` } },
      { interceptor: () => spies, clock },
    );
    onTestFinished(() => proxy.stop());
    const codecs = countCodecs();
    for (let i = 0; i < COUNT; i += 1) {
      const sent = { url: 'https://shop.test/', headers, body };
      const received = await exchangeThrough({ port: proxy.port, ca: { pem: proxy.caPem } }, version, sent);
      expect(received).toMatchObject({ status: 200, body, error: undefined });
      expect(received.headers).toMatchObject(headers);
      expect((await ended(proxy, i)).error).toBeUndefined();
    }
    expect(clock.startTimer).not.toHaveBeenCalled();
    expect(codecs()).toBe(0);
    const calls = Object.entries(spies).map(([name, { mock }]) => [name, mock.calls.length]);
    // mayAnswer: before CONNECT dials, and before the handshake asks upstream.
    expect(Object.fromEntries(calls)).toEqual({
      mayAnswer: 2 * COUNT,
      onHandshake: COUNT,
      onTunnel: 0,
      onRequest: COUNT,
      onResponse: COUNT,
    });
    const requested = spies.onRequest.mock.calls.map(([exchange]) => exchange);
    expect(requested).toEqual([...proxy.journal.exchanges]);
    expect(spies.onResponse.mock.calls.map(([exchange]) => exchange)).toEqual(requested);
  });

  test('rules for other requests, though they look at bodies, leave them unread', async () => {
    const origin = await echo();
    await using waylay = await startWaylay({
      trustedRoots: publicAuthority.pem,
      hosts: { 'shop.test': `127.0.0.1:${origin.port}` },
    });
    waylay.stubResponse('POST https://shop.test/other', { json: { a: 1 } });
    waylay.stubResponse({ url: 'https://shop.test/other', json: { a: 1 } }, 402);
    waylay.mutate('https://shop.test/other', { request: { json: () => ({}) }, response: { json: () => ({}) } });
    const codecs = countCodecs();
    const received = await exchangeThrough(waylay, version, { url: 'https://shop.test/', headers, body });
    expect(received).toMatchObject({ status: 200, body, error: undefined });
    expect(codecs()).toBe(0);
    expect(waylay.exchanges.map(({ source, mutated, error }) => [source, mutated, error])).toEqual([
      ['upstream', false, undefined],
    ]);
  });
});
