/** Playwright's options that concern the wire, of one context or of all: the same without Waylay and through it. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type BrowserContext, test as direct, expect } from '@playwright/test';
import { test as waylay } from '../../fixtures/playwright.js';
import { type MutualTlsServer, mutualTlsServer } from './mutual-tls.js';

interface Servers {
  /** Its certificate is nobody's. */
  readonly broken: MutualTlsServer;
  /** Answers what it was asked with; behind `/private` only to `me:secret`. */
  readonly echo: string;
}

const fixtures = {
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs from this pattern
  servers: async ({}: object, use: (servers: Servers) => Promise<void>) => {
    const broken = await mutualTlsServer();
    const server: Server = createServer((request, response) => {
      const { authorization = '' } = request.headers;
      if (request.url === '/private' && authorization !== `Basic ${Buffer.from('me:secret').toString('base64')}`) {
        response.writeHead(401, { 'www-authenticate': 'Basic realm="private"' }).end('who are you?');
        return;
      }
      const script = request.url === '/sw.js';
      response.setHeader('content-type', script ? 'text/javascript' : 'text/html');
      response.end(script ? '' : `<link rel="icon" href="data:,">${request.headers['x-asked'] ?? 'nothing'}`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await use({ broken, echo: `http://localhost:${(server.address() as AddressInfo).port}` });
    await broken.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  },
};

/** Tells whether a page of the context, and its requests, get an answer. */
async function answers(context: BrowserContext, url: string): Promise<boolean[]> {
  const page = await context.newPage();
  const gets = [page.goto(url), context.request.get(url)];
  return Promise.all(gets.map((got) => got.then(() => true).catch(() => false)));
}

for (const [name, test] of [
  ['without Waylay', direct.extend<{ servers: Servers }>(fixtures)],
  ['through Waylay', waylay.extend<{ servers: Servers }>(fixtures)],
] as const) {
  test.describe(`with options of contexts, ${name}`, () => {
    for (const all of [false, true]) {
      test.describe(`with ignoreHTTPSErrors: ${all} for all`, () => {
        test.use({ ignoreHTTPSErrors: all });

        test('one context may have it otherwise', async ({ browser, playwright, request, servers }) => {
          const { origin } = servers.broken;
          await using plain = await browser.newContext();
          await using other = await browser.newContext({ ignoreHTTPSErrors: !all });
          await using requests = await playwright.request.newContext({ ignoreHTTPSErrors: !all });
          expect(await answers(plain, origin)).toEqual([all, all]);
          expect(await answers(other, origin)).toEqual([!all, !all]);
          expect(await answers(plain, origin)).toEqual([all, all]);
          const got = (from: typeof request, options = {}) =>
            from.get(origin, options).then(
              () => true,
              () => false,
            );
          expect(await got(request)).toBe(all);
          expect(await got(requests)).toBe(!all);
          // One request can ask for it, and none can ask for the contrary.
          expect(await got(request, { ignoreHTTPSErrors: true })).toBe(true);
          expect(await got(request, { ignoreHTTPSErrors: false })).toBe(all);
        });
      });
    }

    test('NODE_TLS_REJECT_UNAUTHORIZED=0 holds for request contexts, and for no page', async ({
      context,
      request,
      servers,
    }) => {
      const { origin } = servers.broken;
      const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
      try {
        expect(await (await request.get(origin)).text()).toContain('stranger');
        expect(await answers(context, origin)).toEqual([false, true]);
      } finally {
        if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
        else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
      }
      // By a name to which no connection is kept.
      await expect(request.get(origin.replace('localhost', '127.0.0.1'))).rejects.toThrow(/self-signed/);
    });

    test('httpCredentials are given where they are asked for', async ({ browser, playwright, servers }) => {
      const url = `${servers.echo}/private`;
      const httpCredentials = { username: 'me', password: 'secret' };
      await using context = await browser.newContext({ httpCredentials });
      const page = await context.newPage();
      expect((await page.goto(url))?.status()).toBe(200);
      expect((await context.request.get(url)).status()).toBe(200);
      await using requests = await playwright.request.newContext({ httpCredentials });
      expect((await requests.get(url)).status()).toBe(200);
      await using wrong = await browser.newContext({ httpCredentials: { username: 'me', password: 'wrong' } });
      expect((await (await wrong.newPage()).goto(url))?.status()).toBe(401);
    });

    test('extraHTTPHeaders are sent', async ({ browser, playwright, servers }) => {
      const extraHTTPHeaders = { 'x-asked': 'by this one' };
      await using context = await browser.newContext({ extraHTTPHeaders });
      const page = await context.newPage();
      expect(await (await page.goto(servers.echo))?.text()).toContain('by this one');
      expect(await (await context.request.get(servers.echo)).text()).toContain('by this one');
      await using requests = await playwright.request.newContext({ extraHTTPHeaders });
      expect(await (await requests.get(servers.echo)).text()).toContain('by this one');
    });

    test('a context that is offline reaches nothing, until it is online', async ({ browser, servers }) => {
      await using context = await browser.newContext({ offline: true });
      const page = await context.newPage();
      await expect(page.goto(servers.echo)).rejects.toThrow(/net::ERR_INTERNET_DISCONNECTED/);
      await context.setOffline(false);
      expect((await page.goto(servers.echo))?.status()).toBe(200);
    });

    test('service workers are blocked where they are to be', async ({ browser, servers }) => {
      for (const [serviceWorkers, registered] of [
        ['allow', 1],
        ['block', 0],
      ] as const) {
        await using context = await browser.newContext({ serviceWorkers });
        const page = await context.newPage();
        await page.goto(servers.echo);
        await page.evaluate(() => navigator.serviceWorker.register('/sw.js').catch(() => undefined));
        const count = () => page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length);
        expect(await count()).toBe(registered);
      }
    });
  });
}
