/** Playwright's `proxy`, wherever it is given: the way to the servers, the same without Waylay and through it. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type BrowserContext, test as direct, expect } from '@playwright/test';
import { test as waylay } from '../../fixtures/playwright.js';
import { type ForwardProxy, forwardProxy } from './forward-proxy.js';

/** A server that is known by no name, and a proxy that leads every name to it. */
interface Servers {
  readonly port: number;
  /** A proxy that leads there. */
  proxy(credentials?: string): Promise<ForwardProxy>;
}

const fixtures = {
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs from this pattern
  servers: async ({}: object, use: (servers: Servers) => Promise<void>) => {
    const server = createServer((request, response) => {
      response.setHeader('content-type', 'text/html');
      response.end(`<link rel="icon" href="data:,">${request.headers.host}${request.url}`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const proxies: ForwardProxy[] = [];
    await use({
      port,
      async proxy(credentials) {
        const made = await forwardProxy(port, credentials);
        proxies.push(made);
        return made;
      },
    });
    for (const proxy of proxies) await proxy.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  },
};

async function visit(context: BrowserContext, url: string): Promise<string> {
  const page = await context.newPage();
  try {
    const response = await page.goto(url);
    return (await response?.text())?.replace(/<.*>/, '') ?? 'nothing';
  } catch (error) {
    return /net::\w+/.exec((error as Error).message)?.[0] ?? String(error);
  } finally {
    await page.close();
  }
}

/** Without what a browser asks for by itself. */
const asked = ({ seen }: ForwardProxy): string[] => seen.filter((line) => !/google|gvt1/.test(line));

const URL_BEHIND = 'http://behind.invalid/';

for (const [name, test] of [
  ['without Waylay', direct.extend<{ servers: Servers }>(fixtures)],
  ['through Waylay', waylay.extend<{ servers: Servers }>(fixtures)],
] as const) {
  test.describe(`proxies, ${name}`, () => {
    test('of newContext are gone through by that context alone', async ({ browser, servers }) => {
      const [one, other] = [await servers.proxy(), await servers.proxy()];
      await using context = await browser.newContext({ proxy: { server: one.server } });
      // A scheme is not needed.
      await using second = await browser.newContext({ proxy: { server: `127.0.0.1:${other.port}` } });
      await using none = await browser.newContext();
      expect(await visit(context, URL_BEHIND)).toBe('behind.invalid/');
      expect(await visit(second, URL_BEHIND)).toBe('behind.invalid/');
      expect(await (await context.request.get(`${URL_BEHIND}api`)).text()).toContain('behind.invalid/api');
      expect(await visit(none, `http://localhost:${servers.port}/`)).toBe(`localhost:${servers.port}/`);
      await expect(none.request.get(URL_BEHIND)).rejects.toThrow();
      expect(asked(one)).toEqual([`GET ${URL_BEHIND}`, 'CONNECT behind.invalid:80']);
      expect(asked(other)).toEqual([`GET ${URL_BEHIND}`]);
    });

    test('of newPage and of request.newContext are gone through', async ({ browser, playwright, servers, request }) => {
      const proxy = await servers.proxy();
      await using page = await browser.newPage({ proxy: { server: proxy.server } });
      await page.goto(URL_BEHIND);
      await using own = await playwright.request.newContext({ proxy: { server: proxy.server } });
      expect(await (await own.get(`${URL_BEHIND}api`)).text()).toContain('behind.invalid/api');
      await expect(request.get(URL_BEHIND)).rejects.toThrow();
      expect(asked(proxy)).toEqual([`GET ${URL_BEHIND}`, 'CONNECT behind.invalid:80']);
    });

    test('are given their credentials', async ({ browser, playwright, servers }) => {
      const proxy = await servers.proxy('me:p@ss word');
      const given = { server: proxy.server, username: 'me', password: 'p@ss word' };
      await using context = await browser.newContext({ proxy: given });
      expect(await visit(context, URL_BEHIND)).toBe('behind.invalid/');
      await using own = await playwright.request.newContext({ proxy: given });
      expect(await (await own.get(URL_BEHIND)).text()).toContain('behind.invalid/');
      await using unnamed = await playwright.request.newContext({ proxy: { server: proxy.server } });
      expect(
        await unnamed.get(URL_BEHIND).then(
          (response) => response.ok(),
          () => false,
        ),
      ).toBe(false);
      expect(proxy.seen).toHaveLength(2);
    });

    test('that no browser can use are refused by newContext', async ({ browser, servers: _ }) => {
      const credentials = { username: 'me', password: 'hunter2' };
      await expect(browser.newContext({ proxy: { server: 'socks5://127.0.0.1:1', ...credentials } })).rejects.toThrow(
        'browser.newContext: Browser does not support socks5 proxy authentication',
      );
      await expect(browser.newContext({ proxy: { server: 'socks4://127.0.0.1:1', ...credentials } })).rejects.toThrow(
        'browser.newContext: Socks4 proxy protocol does not support authentication',
      );
    });

    test('of a launched browser are gone through, unless a context has its own', async ({
      playwright,
      launchOptions,
      request,
      servers,
    }) => {
      const [one, other] = [await servers.proxy(), await servers.proxy()];
      await using browser = await playwright.chromium.launch({ ...launchOptions, proxy: { server: one.server } });
      await using context = await browser.newContext();
      await using own = await browser.newContext({ proxy: { server: other.server } });
      expect(await visit(context, `${URL_BEHIND}1`)).toBe('behind.invalid/1');
      expect(await visit(own, `${URL_BEHIND}2`)).toBe('behind.invalid/2');
      expect(await (await context.request.get(URL_BEHIND)).text()).toContain('behind.invalid/');
      // It is none of that browser's.
      await expect(request.get(URL_BEHIND)).rejects.toThrow();
      expect(asked(one)).toEqual([`GET ${URL_BEHIND}1`, 'CONNECT behind.invalid:80']);
      expect(asked(other)).toEqual([`GET ${URL_BEHIND}2`]);
    });

    test('of a switch are gone through', async ({ playwright, launchOptions, servers }, testInfo) => {
      const [one, other] = [await servers.proxy(), await servers.proxy()];
      const args = [`--proxy-server=${one.server}`, '--proxy-bypass-list=<-loopback>'];
      await using browser = await playwright.chromium.launch({ ...launchOptions, args });
      await using context = await browser.newContext();
      expect(await visit(context, URL_BEHIND)).toBe('behind.invalid/');
      expect(await visit(context, `http://localhost:${servers.port}/`)).toContain('localhost');
      expect(asked(one)).toEqual([`GET ${URL_BEHIND}`, `GET http://localhost:${servers.port}/`]);

      await using persistent = await playwright.chromium.launchPersistentContext(testInfo.outputPath('profile'), {
        args: [`--proxy-server=127.0.0.1:${other.port}`],
      });
      expect(await visit(persistent, URL_BEHIND)).toBe('behind.invalid/');
      // Without a word on it, Chromium does not take a proxy to this machine.
      expect(await visit(persistent, `http://localhost:${servers.port}/`)).toContain('localhost');
      expect(asked(other)).toEqual([`GET ${URL_BEHIND}`]);
    });

    test('of launchPersistentContext are gone through', async ({ playwright, servers }, testInfo) => {
      const proxy = await servers.proxy();
      await using context = await playwright.chromium.launchPersistentContext(testInfo.outputPath('profile'), {
        proxy: { server: proxy.server },
      });
      expect(await visit(context, URL_BEHIND)).toBe('behind.invalid/');
      expect(asked(proxy)).toContain(`GET ${URL_BEHIND}`);
    });

    test.describe('of test.use', () => {
      test.use({
        proxy: async ({ servers }: { servers: Servers }, use: (proxy: ForwardProxy) => Promise<void>) =>
          use(await servers.proxy()),
      });

      test('are gone through by all contexts that have no other', async ({
        page,
        request,
        browser,
        proxy,
        servers,
      }) => {
        const other = await servers.proxy();
        await using own = await browser.newContext({ proxy: { server: other.server } });
        await page.goto(URL_BEHIND);
        expect(await visit(own, URL_BEHIND)).toBe('behind.invalid/');
        expect(await (await request.get(URL_BEHIND)).text()).toContain('behind.invalid/');
        expect(asked(proxy as ForwardProxy)).toEqual([`GET ${URL_BEHIND}`, 'CONNECT behind.invalid:80']);
        expect(asked(other)).toEqual([`GET ${URL_BEHIND}`]);
      });
    });

    // Requests that go past the proxy: of localhost, 127.0.0.1, app.localhost, behind.invalid and www.behind.invalid.
    for (const [bypass, ofBrowser, ofRequests] of [
      [undefined, '-----', '-----'],
      ['localhost', '+++--', '+-+--'],
      ['127.0.0.1', '+++--', '-+---'],
      ['<loopback>', '+++--', '-----'],
      ['<-loopback>', '-----', '-----'],
      ['behind.invalid', '---+-', '---++'],
      ['.behind.invalid', '----+', '---++'],
      ['*.behind.invalid', '----+', '-----'],
      ['app.localhost', '--+--', '--+--'],
      ['behind.invalid:81, www.behind.invalid:80', '----+', '-----'],
      ['*', '+++++', '-----'],
    ] as const) {
      test(`what bypass lists goes past: ${bypass}`, async ({ browser, playwright, servers }) => {
        const proxy = await servers.proxy();
        const given = { server: proxy.server, ...(bypass !== undefined && { bypass }) };
        await using context = await browser.newContext({ proxy: given });
        await using requests = await playwright.request.newContext({ proxy: given });
        const hosts = ['localhost', '127.0.0.1', 'app.localhost', 'behind.invalid', 'www.behind.invalid'];
        const past = async (ask: (url: string) => Promise<unknown>): Promise<string> => {
          let marks = '';
          for (const host of hosts) {
            const before = proxy.seen.length;
            await ask(host.endsWith('.invalid') ? `http://${host}/` : `http://${host}:${servers.port}/`);
            marks += proxy.seen.length === before ? '+' : '-';
          }
          return marks;
        };
        expect(await past((url) => visit(context, url))).toBe(ofBrowser);
        expect(await past((url) => requests.get(url).catch(() => undefined))).toBe(ofRequests);
      });
    }
  });
}
