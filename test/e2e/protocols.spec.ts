/** Chromium and an upstream speak to each other through the proxy. */
import type { Page } from '@playwright/test';
import { expect, test } from './origins.js';

test('h2 is negotiated where upstream speaks it', async ({ page, waylay }) => {
  await page.goto('https://shop.test/');

  const { request, upstream, client } = await waylay.expectRequest('https://shop.test/');
  expect(request.httpVersion).toBe('2.0');
  expect(client.tls?.alpn).toBe('h2');
  expect(upstream?.tls?.alpn).toBe('h2');
  expect(await nextHop(page)).toBe('h2');
});

test.describe('with http2: false', () => {
  test.use({ waylayOptions: async ({ waylayOptions }, use) => use({ ...waylayOptions, http2: false }) });

  test('HTTP/1.1 is negotiated', async ({ page, waylay }) => {
    await page.goto('https://shop.test/');

    const { request, upstream } = await waylay.expectRequest('https://shop.test/');
    expect(request.httpVersion).toBe('1.1');
    expect(upstream?.tls?.alpn).toBe('http/1.1');
    expect(await nextHop(page)).toBe('http/1.1');
  });
});

for (const { url, from } of [
  { url: 'ws://plain.test/socket', from: 'http://plain.test/' },
  { url: 'wss://shop.test/socket', from: 'https://shop.test/' },
]) {
  test(`a WebSocket talks with its server: ${url}`, async ({ page, waylay }) => {
    await page.goto(from);

    const echoed = await page.evaluate(async (address) => {
      const socket = new WebSocket(address);
      socket.binaryType = 'arraybuffer';
      const received: (string | number[])[] = [];
      await new Promise<void>((resolve, reject) => {
        socket.onerror = () => reject(new Error('the socket failed'));
        socket.onopen = () => {
          socket.send('two words');
          socket.send(new Uint8Array([0, 1, 254, 255]));
        };
        socket.onmessage = ({ data }) => {
          received.push(typeof data === 'string' ? data : [...new Uint8Array(data)]);
          if (received.length === 2) resolve();
        };
      });
      const closed = new Promise<number>((resolve) => {
        socket.onclose = ({ code }) => resolve(code);
      });
      socket.close(1000);
      return { received, code: await closed };
    }, url);

    expect(echoed).toEqual({ received: ['two words', [0, 1, 254, 255]], code: 1000 });
    const handshake = await waylay.expectRequest(url);
    expect(handshake.websocket).toBe(true);
    expect(handshake).toHaveStatus(101);
    await handshake.finished();
  });
}

for (const scheme of ['http', 'https']) {
  test(`localhost is intercepted over ${scheme}`, async ({ page, waylay, origins }) => {
    const origin = `${scheme}://localhost:${scheme === 'https' ? origins.port : origins.plainPort}`;
    waylay.mutate(`${origin}/`, { response: { text: (old) => old.replace('origin', 'changed') } });

    await page.goto(`${origin}/`);

    expect(await page.title()).toBe('changed');
    const { destination } = await waylay.expectRequest(`${origin}/`);
    expect(destination.host).toBe('localhost');
  });
}

function nextHop(page: Page): Promise<string | undefined> {
  return page.evaluate(() => {
    const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
    return navigation?.nextHopProtocol;
  });
}
