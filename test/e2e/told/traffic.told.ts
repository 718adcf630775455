import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WaylayOptions } from '../../../fixtures/playwright.js';
import { startWaylay } from '../../../fixtures/standalone.js';
import { expect, type Origins, test } from '../origins.js';

/** Options beside the ones that lead to the servers. */
function atOrigins(options: WaylayOptions) {
  return {
    waylayOptions: async ({ origins }: { origins: Origins }, use: (options: WaylayOptions) => Promise<void>) => {
      await use({ hosts: origins.hosts, trustedRoots: origins.root, ...options });
    },
  };
}

const HTML = { headers: { 'content-type': 'text/html' }, text: '<!doctype html><title>stub</title>' };

test('a context is to have no proxy', async ({ browser, waylay }) => {
  expect(waylay.port).toBeGreaterThan(0);
  const context = await browser.newContext({ proxy: undefined as never });
  await context.close();
});

test('a context goes to another Waylay', async ({ browser, waylay }) => {
  await using other = await startWaylay();
  other.stubResponse('https://shop.test/', HTML);
  const context = await browser.newContext({ proxy: { server: other.url } });
  const page = await context.newPage();
  await page.goto('https://shop.test/');
  expect(await page.title()).toBe('stub');
  await context.close();
  expect(waylay.exchanges).toEqual([]);
});

test('a context goes past the proxy', async ({ browser, waylay }) => {
  const server = createServer((_, response) => response.end('past'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const context = await browser.newContext({ proxy: { server: waylay.url, bypass: '127.0.0.1' } });
  const page = await context.newPage();
  const response = await page.goto(`http://127.0.0.1:${port}/past`);
  expect(await response?.text()).toBe('past');
  await context.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test('page.route answers what is expected', async ({ page, waylay }) => {
  waylay.stubResponse('https://shop.test/', HTML);
  await page.route('**/api/cart', (route) => route.fulfill({ json: [] }));
  await page.goto('https://shop.test/');
  await page.evaluate(() => fetch('/api/cart').then((response) => response.text()));
  await waylay.expectRequest('https://shop.test/api/cart', { timeout: 2000 });
});

test.describe('left open', () => {
  const leave = async ({ page, waylay }: Parameters<Parameters<typeof test>[2]>[0]) => {
    waylay.stubResponse('https://shop.test/', HTML);
    await page.goto('https://shop.test/');
    await page.evaluate(
      () =>
        new Promise<void>((resolve) => {
          const socket = new WebSocket('wss://shop.test/socket');
          socket.onopen = () => resolve();
        }),
    );
  };

  test.describe('listed', () => {
    test.use(atOrigins({ attach: 'always' }));
    test('a socket is left open, which is listed', leave);
  });

  test.describe('warned of', () => {
    test.use(atOrigins({ leftOpen: 'warn' }));
    test('a socket is left open, which is warned of', leave);
  });

  test.describe('failed', () => {
    test.use(atOrigins({ leftOpen: 'fail' }));
    test('a socket is left open, which fails', leave);
  });
});

test('stubs and expectations are steps', async ({ page, waylay }) => {
  waylay.stubResponse('https://shop.test/**', HTML);
  waylay.mutate('https://shop.test/', { response: { headers: { 'x-changed': 'yes' } } });
  await test.step('Open the shop', async () => {
    await page.goto('https://shop.test/');
    await waylay.expectRequest('https://shop.test/');
  });
});

test.describe('never attached', () => {
  test.use({ waylayOptions: { attach: 'never' } });
  test('a failing test attaches nothing', async ({ page, waylay }) => {
    waylay.stubResponse('https://shop.test/', HTML);
    await page.goto('https://shop.test/');
    expect(waylay.exchanges).toHaveLength(0);
  });
});
