/** Who trusts the proxy's certificates: the browser that the fixture launched, for leaves of this process, and nobody else. */
import { chromium } from '@playwright/test';
import { contextWithChain, expect, test } from './origins.js';

const REFUSED = 'net::ERR_CERT_AUTHORITY_INVALID';

test('the fixture never sets ignoreHTTPSErrors', ({ ignoreHTTPSErrors, contextOptions, launchOptions, waylay }) => {
  expect(ignoreHTTPSErrors).toBe(false);
  expect(contextOptions.ignoreHTTPSErrors).toBeUndefined();
  const pins = (launchOptions.args ?? []).filter((argument) => argument.includes('certificate'));
  expect(pins).toEqual([`--ignore-certificate-errors-spki-list=${waylay.spki}`]);
});

test('a context without the proxy judges certificates as usual', async ({ browser, page, waylay, origins }) => {
  // With an icon of its own: the browser asks for none later on.
  origins.serve('/without-icon', { body: '<!doctype html><link rel="icon" href="data:,">' });
  await page.goto('https://shop.test/without-icon'); // through the proxy: trusted
  const before = waylay.exchanges.length;
  await using context = await browser.newContext({ proxy: undefined as never });
  const direct = await context.newPage();

  await expect(direct.goto(`https://localhost:${origins.port}/`)).rejects.toThrow(REFUSED);
  // Not even where a server sends the certificate of the proxy's authority along.
  const port = await origins.serveWith(contextWithChain('localhost', waylay.ca.pem));
  await expect(direct.goto(`https://localhost:${port}/`)).rejects.toThrow(REFUSED);

  expect(waylay.exchanges).toHaveLength(before);
});

test('a browser that was started elsewhere does not trust the proxy’s certificate', async ({
  launchOptions,
  waylay,
}) => {
  waylay.stubResponse('https://nowhere.invalid/', 'stub');
  const server = await chromium.launchServer({ ...launchOptions, args: [], proxy: { server: waylay.url } });
  await using browser = await chromium.connect(server.wsEndpoint());
  await using context = await browser.newContext({ proxy: { server: waylay.url } });
  const page = await context.newPage();

  await expect(page.goto('https://nowhere.invalid/')).rejects.toThrow(REFUSED);

  await expect(waylay).not.toHaveReceived('GET https://nowhere.invalid/');
  await server.close();
});

test('a browser that the test launches trusts it, whatever its arguments', async ({ launchOptions, waylay }) => {
  waylay.stubResponse('https://nowhere.invalid/', { text: 'stub' });
  await using browser = await chromium.launch({ ...launchOptions, args: ['--user-agent=Own'] });
  await using page = await browser.newPage();

  await page.goto('https://nowhere.invalid/');

  await expect(page.locator('body')).toHaveText('stub');
  expect(await page.evaluate(() => navigator.userAgent)).toBe('Own');
});
