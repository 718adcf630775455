/** A browser without proxy settings that names lead to the proxy, and one that speaks SOCKS to it. */
import { type Browser, chromium, type Page } from '@playwright/test';
import { startWaylay } from '../../fixtures/standalone.js';
import { expect, test } from './origins.js';

async function pageOf(browser: Browser): Promise<Page> {
  // Not through the fixture's proxy.
  return (await browser.newContext({ proxy: undefined as never })).newPage();
}

test.describe('by host-resolver-rules', () => {
  test('pages, fetches and WebSockets are served, plain and over TLS, with stubs, mutations and expectations', async ({
    origins,
    launchOptions,
  }) => {
    origins.serve('/cart', { headers: { 'content-type': 'application/json' }, body: '{"currency":"USD"}' });
    await using waylay = await startWaylay({
      transparent: 'name',
      hosts: { ...origins.hosts },
      trustedRoots: origins.root,
    });
    const rules = `--host-resolver-rules=MAP *.test 127.0.0.1:${waylay.port},MAP nowhere.invalid 127.0.0.1:${waylay.port}`;
    const pin = `--ignore-certificate-errors-spki-list=${waylay.spki}`;
    await using browser = await chromium.launch({ ...launchOptions, args: [rules, pin] });
    const page = await pageOf(browser);

    await page.goto('https://shop.test/');
    const document = await waylay.expectRequest('https://shop.test/');
    expect([document.source, document.destination]).toEqual([
      'upstream',
      { host: 'shop.test', port: 443, source: 'sni' },
    ]);
    expect(document.client.tls?.alpn).toBe('h2');

    waylay.mutate('https://shop.test/cart', {
      response: { json: (cart) => ({ ...(cart as object), currency: 'EUR' }) },
    });
    waylay.stubResponse('https://nowhere.invalid/api', {
      json: { stubbed: true },
      headers: { 'access-control-allow-origin': '*' },
    });
    const fetched = await page.evaluate(async () => {
      const json = async (url: string) => (await fetch(url)).json();
      const echoed = new Promise((resolve, reject) => {
        const socket = new WebSocket('wss://shop.test/socket');
        socket.onopen = () => socket.send('hello');
        socket.onmessage = ({ data }) => resolve(data);
        socket.onerror = () => reject(new Error('the socket failed'));
      });
      return [await json('/cart'), await json('https://nowhere.invalid/api'), await echoed];
    });
    expect(fetched).toEqual([{ currency: 'EUR' }, { stubbed: true }, 'hello']);

    await page.goto('http://plain.test/');
    const plain = await waylay.expectRequest('http://plain.test/');
    expect(plain.destination).toEqual({ host: 'plain.test', port: 80, source: 'host-header' });
  });

  test('a server that is not there and an expired certificate fail as without', async ({ origins, launchOptions }) => {
    await using waylay = await startWaylay({
      transparent: 'name',
      hosts: { ...origins.hosts },
      trustedRoots: origins.root,
    });
    const rules = `--host-resolver-rules=MAP *.test 127.0.0.1:${waylay.port}`;
    const pin = `--ignore-certificate-errors-spki-list=${waylay.spki}`;
    await using browser = await chromium.launch({ ...launchOptions, args: [rules, pin] });
    const page = await pageOf(browser);
    await expect(page.goto('https://refused.test/')).rejects.toThrow('net::ERR_CONNECTION_RESET');
    await expect(page.goto('http://refused.test/')).rejects.toThrow('net::ERR_CONNECTION_RESET');
    await expect(page.goto('https://expired.test/')).rejects.toThrow('net::ERR_CERT');
    expect(new Set(waylay.exchanges.map(({ error }) => error?.code))).toEqual(
      new Set(['WAYLAY_UPSTREAM_REFUSED', 'WAYLAY_UPSTREAM_CERTIFICATE']),
    );
  });
});

test('a browser is intercepted by SOCKS 5, which resolves no name', async ({ origins, launchOptions }) => {
  await using waylay = await startWaylay({ hosts: { ...origins.hosts }, trustedRoots: origins.root });
  waylay.stubResponse('https://nowhere.invalid/', {
    body: '<title>stub</title>',
    headers: { 'content-type': 'text/html' },
  });
  const pin = `--ignore-certificate-errors-spki-list=${waylay.spki}`;
  const proxy = { server: `socks5://127.0.0.1:${waylay.port}` };
  await using browser = await chromium.launch({ ...launchOptions, args: [pin], proxy });
  const page = await pageOf(browser);

  await page.goto('https://shop.test/');
  await page.goto('http://plain.test/');
  await page.goto('https://nowhere.invalid/');
  expect(await page.title()).toBe('stub');
  expect(
    waylay.exchanges
      // Not the icons, nor what the browser asks for on its own.
      .filter(({ request }) => /^https?:\/\/[a-z]+\.(test|invalid)\/$/.test(request.url))
      .map(({ request, source, destination }) => [request.url, source, destination.source]),
  ).toEqual([
    ['https://shop.test/', 'upstream', 'socks'],
    ['http://plain.test/', 'upstream', 'socks'],
    ['https://nowhere.invalid/', 'stub', 'socks'],
  ]);

  await expect(page.goto('https://refused.test/')).rejects.toThrow('net::ERR_SOCKS_CONNECTION_FAILED');
  await expect(page.goto('https://gone.invalid/')).rejects.toThrow('net::ERR_SOCKS_CONNECTION_FAILED');
  const failed = waylay.exchanges.filter(({ request }) => /\/\/(refused|gone)\./.test(request.url));
  expect(new Set(failed.map(({ error }) => error?.code))).toEqual(
    new Set(['WAYLAY_UPSTREAM_REFUSED', 'WAYLAY_UPSTREAM_DNS']),
  );
});
