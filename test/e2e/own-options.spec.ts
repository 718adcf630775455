/** Contexts with options of their own go through the test's Waylay like all others. */
import type { BrowserContext } from '@playwright/test';
import { expect, test } from '../../fixtures/playwright.js';
import { type ForwardProxy, forwardProxy } from './forward-proxy.js';
import { identity, type MutualTlsServer, mutualTlsServer } from './mutual-tls.js';

const me = identity('me');

test.describe
  .serial('contexts made in beforeAll', () => {
    let server: MutualTlsServer;
    let proxy: ForwardProxy;
    let context: BrowserContext;

    test.beforeAll(async ({ browser, waylay: _ }) => {
      server = await mutualTlsServer();
      proxy = await forwardProxy(Number(new URL(server.origin).port));
      context = await browser.newContext({
        ignoreHTTPSErrors: true,
        proxy: { server: proxy.server },
        clientCertificates: [{ origin: 'https://behind.invalid', ...me }],
      });
    });

    test.afterAll(async () => {
      await context.close();
      await proxy.close();
      await server.close();
    });

    for (const name of ['the first', 'the second']) {
      test(`keep what they have in ${name} test, and are its own`, async ({ waylay }) => {
        waylay.stubResponse('https://behind.invalid/stubbed', { text: `by ${name}` });
        const page = await context.newPage();
        await page.goto('https://behind.invalid/real');
        await expect(page.locator('body')).toHaveText('me over HTTP/2.0');
        expect(await page.evaluate(async () => (await fetch('/stubbed')).text())).toBe(`by ${name}`);
        expect(await (await context.request.get('https://behind.invalid/api')).text()).toContain('me over HTTP/1.1');

        expect(
          waylay.exchanges.map(({ request, source, initiator }) => [request.url, source, initiator.client]),
        ).toEqual([
          ['https://behind.invalid/real', 'upstream', 'page'],
          ['https://behind.invalid/stubbed', 'stub', 'page'],
          ['https://behind.invalid/api', 'upstream', 'page.request'],
        ]);
        expect(waylay.exchanges[0]?.upstream?.proxy).toBe(new URL(proxy.server).host);
        expect(waylay.warnings).toEqual([]);
      });
    }
  });

test.describe('the option upstreamProxy', () => {
  let way: ForwardProxy;
  test.beforeAll(async () => {
    way = await forwardProxy(9);
  });
  test.afterAll(() => way.close());
  test.use({
    waylayOptions: async ({ baseURL: _ }, use) => use({ upstreamProxy: { server: way.server } }),
    proxy: { server: 'http://127.0.0.1:9' },
  });

  test('goes before the proxy of the test, and after that of a context', async ({ page, browser, playwright }) => {
    await page.goto('http://behind.invalid/1').catch(() => {});
    await using own = await browser.newPage({ proxy: { server: 'http://127.0.0.1:9' } });
    await own.goto('http://behind.invalid/2').catch(() => {});
    await using launched = await playwright.chromium.launch({ proxy: { server: 'http://127.0.0.1:9' } });
    await using third = await launched.newPage();
    await third.goto('http://behind.invalid/3').catch(() => {});
    const asked = way.seen.filter((line) => line.includes('behind.invalid'));
    expect([...new Set(asked)]).toEqual(['GET http://behind.invalid/1', 'GET http://behind.invalid/3']);
  });
});

test('an entrance ends with its context', async ({ browser, playwright, waylay: _ }) => {
  const connections = async (port: number): Promise<boolean> =>
    fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    );
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const requests = await playwright.request.newContext({ ignoreHTTPSErrors: true });
  const ports = [context, requests].map((made) => portOf(made));
  expect(await Promise.all(ports.map(connections))).toEqual([true, true]);
  await context.close();
  await requests.dispose();
  await expect.poll(() => Promise.all(ports.map(connections))).toEqual([false, false]);
});

// Not published: where the server that Playwright runs in this process keeps it.
function portOf(made: object): number {
  const { _connection: connection } = made as { _connection: { toImpl(made: object): { _options: Options } } };
  return Number(new URL(connection.toImpl(made)._options.proxy?.server ?? '').port);
}

type Options = { proxy?: { server: string } };

test.describe('where Playwright leaves this machine out of proxies', () => {
  test.beforeEach(() => {
    process.env.PLAYWRIGHT_DISABLE_FORCED_CHROMIUM_PROXIED_LOOPBACK = '1';
  });
  test.afterEach(() => {
    delete process.env.PLAYWRIGHT_DISABLE_FORCED_CHROMIUM_PROXIED_LOOPBACK;
  });

  test('what a page asks of it is seen all the same', async ({ browser, waylay }) => {
    waylay.stubResponse('http://localhost:9999/', { text: 'stub', headers: { 'content-type': 'text/html' } });
    await using page = await browser.newPage();
    await page.goto('http://localhost:9999/');
    await expect(page.locator('body')).toHaveText('stub');
  });
});
