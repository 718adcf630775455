/** `launchOptions` of the config: their proxy is the way of every page, the same without Waylay and through it. */
import { test as direct, expect, type LaunchOptions } from '@playwright/test';
import { test as waylay } from '../../fixtures/playwright.js';
import { type ForwardProxy, forwardProxy } from './forward-proxy.js';
import { type MutualTlsServer, mutualTlsServer } from './mutual-tls.js';

interface Way {
  readonly server: MutualTlsServer;
  readonly proxy: ForwardProxy;
}

type Fixture<Value, Needs = object> = (needs: Needs, use: (value: Value) => Promise<void>) => Promise<void>;

const inWorker = <Value, Needs>(fixture: Fixture<Value, Needs>): [Fixture<Value, Needs>, { scope: 'worker' }] => [
  fixture,
  { scope: 'worker' },
];

const fixtures = {
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs from this pattern
  way: inWorker<Way, object>(async ({}, use) => {
    const server = await mutualTlsServer();
    const proxy = await forwardProxy(Number(new URL(server.origin).port));
    await use({ server, proxy });
    await proxy.close();
    await server.close();
  }),
  // They take the place of what was there, with the arguments that tell the browser of the proxy's key.
  launchOptions: inWorker<LaunchOptions, { way: Way }>(async ({ way }, use) => {
    const { WAYLAY_BROWSER: executablePath } = process.env;
    await use({ ...(executablePath && { executablePath }), proxy: { server: way.proxy.server } });
  }),
};

for (const [name, test] of [
  ['without Waylay', direct.extend<object, { way: Way }>(fixtures)],
  ['through Waylay', waylay.extend<object, { way: Way }>(fixtures)],
] as const) {
  test.describe(`with launchOptions, ${name}`, () => {
    test.use({ ignoreHTTPSErrors: true });

    test('their proxy leads to the servers', async ({ page, request, browser, playwright, way }, testInfo) => {
      const { seen } = way.proxy;
      // A browser may connect twice.
      const behind = () => [...new Set(seen.filter((line) => line.includes('behind.invalid')))];
      await page.goto('https://behind.invalid/');
      await expect(page.locator('body')).toHaveText('stranger over HTTP/2.0');
      expect(behind()).toEqual(['CONNECT behind.invalid:443']);
      await using other = await browser.newPage();
      await other.goto('https://other.behind.invalid/');
      await using launched = await playwright.chromium.launch();
      await using third = await launched.newPage();
      await third.goto('https://third.behind.invalid/');
      await using persistent = await playwright.chromium.launchPersistentContext(testInfo.outputPath('profile'));
      const fourth = await persistent.newPage();
      await fourth.goto('https://fourth.behind.invalid/');
      expect(behind().slice(1)).toEqual([
        'CONNECT other.behind.invalid:443',
        'CONNECT third.behind.invalid:443',
        'CONNECT fourth.behind.invalid:443',
      ]);
      // It is none of a browser's.
      await expect(request.get('https://behind.invalid/')).rejects.toThrow();
      seen.length = 0;
    });
  });
}
