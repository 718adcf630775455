/** Chromium without proxy settings in the client's namespace: the kernel redirects what it sends. */
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../interop/proxy.js';
import { NOWHERE, SERVERS } from './network.js';
import { http, https, ownNetwork, redirectedWaylay, serve } from './redirected.js';

const [SHOP] = SERVERS;
const it = ownNetwork();

test('a redirected browser is served pages over HTTP/2 and plain HTTP, a mutation, and a stub where nobody is', async (ctx) => {
  const browserPath = process.env.WAYLAY_BROWSER;
  if (browserPath === undefined) ctx.skip('needs WAYLAY_BROWSER, the path of a browser, which npm test sets');
  await serve(https('<title>shop</title>', 'shop.test'), SHOP, 443);
  await serve(http('<title>plain</title>'), SHOP, 80);
  const { waylay } = await redirectedWaylay(it.network);

  const launcher = join(await temporaryFolder(), 'browser');
  const [command, ...args] = it.network.clientCommand(browserPath ?? '', []);
  await writeFile(launcher, `#!/bin/sh\nexec ${[command, ...args].map((word) => `'${word}'`).join(' ')} "$@"\n`);
  await chmod(launcher, 0o755);
  const rules = `MAP shop.test ${SHOP},MAP nowhere.test ${NOWHERE[0]}`;
  await using browser = await chromium.launch({
    executablePath: launcher,
    args: [`--ignore-certificate-errors-spki-list=${waylay.spki}`, `--host-resolver-rules=${rules}`],
  });
  const page = await browser.newPage();

  const response = await page.goto('https://shop.test/a');
  expect(await response?.text()).toBe('<title>shop</title> 2.0 shop.test /a');
  const { destination, client } = await waylay.expectRequest('https://shop.test/a');
  expect([destination, client.tls?.alpn]).toEqual([{ host: SHOP, port: 443, source: 'kernel' }, 'h2']);

  waylay.mutate('http://shop.test/b', { response: { text: () => '<title>changed</title>' } });
  await page.goto('http://shop.test/b');
  expect(await page.title()).toBe('changed');

  waylay.stubResponse('https://nowhere.test/', {
    body: '<title>stub</title>',
    headers: { 'content-type': 'text/html' },
  });
  await page.goto('https://nowhere.test/');
  expect(await page.title()).toBe('stub');
});
