/** Playwright's `clientCertificates`, wherever they are given: the same without Waylay and through it. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { test as direct, expect, type Page } from '@playwright/test';
import { test as waylay } from '../../fixtures/playwright.js';
import { tool } from '../tools.js';
import { identity, locked, type MutualTlsServer, mutualTlsServer } from './mutual-tls.js';

type Use = (certificates: { origin: string; cert: Buffer; key: Buffer }[]) => Promise<void>;

const fixtures = {
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs from this pattern
  server: async ({}: object, use: (server: MutualTlsServer) => Promise<void>) => {
    const server = await mutualTlsServer();
    await use(server);
    await server.close();
  },
};

const me = identity('me');
const you = identity('you');
const lockedMe = locked(me, 'open sesame');

/** Errors of newContext, then of a request, for each entry tried. */
const FAILURES = [
  'browser.newContext: Failed to load client certificate: bad decrypt',
  'apiRequestContext.get: bad decrypt',
  'browser.newContext: Failed to load client certificate: bad decrypt',
  'apiRequestContext.get: bad decrypt',
  'browser.newContext: Failed to load client certificate: bad decrypt',
  'it did not fail', // nothing is shown to an origin of http:
  'browser.newContext: Failed to load client certificate: key values mismatch',
  'apiRequestContext.get: key values mismatch',
  'browser.newContext: cert is specified without key',
  'apiRequest.newContext: cert is specified without key',
  'browser.newContext: key is specified without cert',
  'apiRequest.newContext: key is specified without cert',
  'browser.newContext: None of cert, key, passphrase or pfx is specified',
  'apiRequest.newContext: None of cert, key, passphrase or pfx is specified',
  'browser.newContext: clientCertificates.origin is required',
  'apiRequest.newContext: clientCertificates.origin is required',
  "ENOENT: no such file or directory, open '/nowhere/me.pem'",
  "ENOENT: no such file or directory, open '/nowhere/me.pem'",
  'browser.newContext: clientCertificates[0].origin: expected string, got undefined',
  'apiRequest.newContext: clientCertificates[0].origin: expected string, got undefined',
  'browserType.launchPersistentContext: Failed to load client certificate: bad decrypt',
];

const bodyOf = async (page: Page) => (await page.locator('body').innerText()).trim();

/** The message without the place in Playwright's log, which has ports in it. */
async function failureOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => new Error('it did not fail'),
    (cause: Error) => cause,
  );
  return error.message.split('\nCall log')[0] ?? '';
}

for (const [name, test] of [
  ['without Waylay', direct.extend<{ server: MutualTlsServer }>(fixtures)],
  ['through Waylay', waylay.extend<{ server: MutualTlsServer }>(fixtures)],
] as const) {
  test.describe(`client certificates, ${name}`, () => {
    test.use({ ignoreHTTPSErrors: true });

    test('of newContext are shown by that context, its pages and its requests', async ({ browser, server }) => {
      const { origin } = server;
      await using context = await browser.newContext({ clientCertificates: [{ origin, ...me }] });
      const page = await context.newPage();
      await page.goto(origin);
      expect(await bodyOf(page)).toBe('me over HTTP/2.0');
      expect(await page.evaluate(async () => (await fetch('/again')).text())).toContain('me over HTTP/2.0');
      expect(await (await context.request.get(origin)).text()).toContain('me over HTTP/1.1');

      await using other = await browser.newContext();
      const stranger = await other.newPage();
      await stranger.goto(origin);
      expect(await bodyOf(stranger)).toBe('stranger over HTTP/2.0');
      expect(await (await other.request.get(origin)).text()).toContain('stranger');
    });

    test('of newPage are shown', async ({ browser, server }) => {
      await using page = await browser.newPage({ clientCertificates: [{ origin: server.origin, ...me }] });
      await page.goto(server.origin);
      expect(await bodyOf(page)).toBe('me over HTTP/2.0');
    });

    test('of launchPersistentContext are shown', async ({ playwright, server }, testInfo) => {
      await using context = await playwright.chromium.launchPersistentContext(testInfo.outputPath('profile'), {
        clientCertificates: [{ origin: server.origin, ...me }],
      });
      const page = await context.newPage();
      await page.goto(server.origin);
      expect(await bodyOf(page)).toBe('me over HTTP/2.0');
    });

    test('of request.newContext are shown by that one', async ({ playwright, request, server }) => {
      const { origin } = server;
      await using own = await playwright.request.newContext({ clientCertificates: [{ origin, ...me }] });
      expect(await (await own.get(origin)).text()).toContain('me over HTTP/1.1');
      expect(await (await request.get(origin)).text()).toContain('stranger');
    });

    test('of two contexts at once stay apart', async ({ browser, server }) => {
      const { origin } = server;
      const contexts = await Promise.all(
        [me, you].map((who) => browser.newContext({ clientCertificates: [{ origin, ...who }] })),
      );
      const pages = await Promise.all(contexts.map((context) => context.newPage()));
      for (let round = 0; round < 2; round++) {
        await Promise.all(pages.map((page) => page.goto(`${origin}/${round}`)));
        expect(await Promise.all(pages.map(bodyOf))).toEqual(['me over HTTP/2.0', 'you over HTTP/2.0']);
      }
      // Each page's second request takes the connection of its first.
      expect(new Set(server.connections)).toEqual(new Set(['me', 'you']));
      for (const context of contexts) await context.close();
    });

    test('are shown to their origin only; what is given in other forms is the same', async ({
      playwright,
      server,
    }, testInfo) => {
      const other = await mutualTlsServer();
      const [certPath, keyPath] = [testInfo.outputPath('me.pem'), testInfo.outputPath('me.key')];
      writeFileSync(certPath, me.cert);
      writeFileSync(keyPath, lockedMe.key);
      await using context = await playwright.request.newContext({
        clientCertificates: [
          { origin: 'https://elsewhere.invalid', ...you },
          { origin: `${server.origin}/with/a/path`, certPath, keyPath, passphrase: 'open sesame' },
          { origin: other.origin.replace('https:', 'http:'), ...you },
        ],
      });
      expect(await (await context.get(server.origin)).text()).toContain('me over');
      expect(await (await context.get(other.origin)).text()).toContain('stranger over');
      await other.close();
    });

    test('may be a PFX', async ({ browser, playwright, server }, testInfo) => {
      test.skip(!tool('openssl') && !process.env.WAYLAY_REQUIRE_TOOLS, 'needs openssl, which is not on PATH');
      const [certPath, keyPath, pfxPath] = ['me.pem', 'me.key', 'me.pfx'].map((file) => testInfo.outputPath(file));
      writeFileSync(certPath as string, me.cert);
      writeFileSync(keyPath as string, me.key);
      const args = ['-in', certPath, '-inkey', keyPath, '-out', pfxPath, '-passout', 'pass:open'] as string[];
      execFileSync('openssl', ['pkcs12', '-export', ...args]);
      const { origin } = server;
      await using byPath = await browser.newContext({
        clientCertificates: [{ origin, pfxPath: pfxPath as string, passphrase: 'open' }],
      });
      const page = await byPath.newPage();
      await page.goto(origin);
      expect(await bodyOf(page)).toBe('me over HTTP/2.0');
      await using byBytes = await playwright.request.newContext({
        clientCertificates: [{ origin, pfx: readFileSync(pfxPath as string), passphrase: 'open' }],
      });
      expect(await (await byBytes.get(origin)).text()).toContain('me over');
      const wrong = { clientCertificates: [{ origin, pfxPath: pfxPath as string, passphrase: 'wrong' }] };
      expect(await failureOf(browser.newContext(wrong))).toBe(
        'browser.newContext: Failed to load client certificate: mac verify failure',
      );
      await using late = await playwright.request.newContext(wrong);
      expect(await failureOf(late.get(origin))).toBe('apiRequestContext.get: mac verify failure');
    });

    test('that cannot be used fail as Playwright has it', async ({ browser, playwright, server }, testInfo) => {
      const { origin } = server;
      const messages: string[] = [];
      for (const entry of [
        { origin, ...lockedMe, passphrase: 'wrong' },
        { origin, ...lockedMe },
        { origin: origin.replace('https:', 'http:'), ...lockedMe, passphrase: 'wrong' },
        { origin, cert: me.cert, key: you.key },
        { origin, cert: me.cert },
        { origin, key: me.key },
        { origin },
        { origin: '', ...me },
        { origin, certPath: '/nowhere/me.pem', keyPath: '/nowhere/me.key' },
        { ...me },
      ]) {
        const clientCertificates = [entry as { origin: string }];
        messages.push(await failureOf(browser.newContext({ clientCertificates })));
        const made = await playwright.request.newContext({ clientCertificates }).catch((error: Error) => error);
        if (made instanceof Error) messages.push(made.message);
        else {
          messages.push(await failureOf(made.get(origin)));
          await made.dispose();
        }
      }
      messages.push(
        await failureOf(
          playwright.chromium.launchPersistentContext(testInfo.outputPath('profile'), {
            clientCertificates: [{ origin, ...lockedMe, passphrase: 'wrong' }],
          }),
        ),
      );
      expect(messages.map((message) => message.replace(/error:.*:(.*)/, '$1'))).toEqual(FAILURES);
    });

    test.describe('of test.use', () => {
      test.use({
        clientCertificates: async ({ server }: { server: MutualTlsServer }, use: Use) =>
          use([{ origin: server.origin, ...me }]),
      });

      test('are shown by all, but where a context has others, or none', async ({
        page,
        request,
        browser,
        playwright,
        server: at,
      }) => {
        await page.goto(at.origin);
        expect(await bodyOf(page)).toBe('me over HTTP/2.0');
        expect(await (await request.get(at.origin)).text()).toContain('me over');
        await using other = await browser.newPage({ clientCertificates: [{ origin: at.origin, ...you }] });
        await other.goto(at.origin);
        expect(await bodyOf(other)).toBe('you over HTTP/2.0');
        await using none = await playwright.request.newContext({ clientCertificates: [] });
        expect(await (await none.get(at.origin)).text()).toContain('stranger over');
      });
    });

    test.describe('of test.use that cannot be used', () => {
      test.use({
        clientCertificates: [{ origin: 'https://other.test', ...lockedMe, passphrase: 'wrong' }],
      });

      test('are told of where a browser context is made', async ({ browser, request, server }) => {
        expect(await (await request.get(server.origin)).text()).toContain('stranger over');
        expect(await failureOf(browser.newContext())).toContain(
          'browser.newContext: Failed to load client certificate: ',
        );
      });
    });
  });
}
