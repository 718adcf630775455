/** Names as people write them into options, patterns and addresses: the browser reaches what it reaches without a proxy. */
import { type Browser, chromium } from '@playwright/test';
import { startWaylay } from '../../fixtures/standalone.js';
import { expect, test } from './origins.js';

/** A page's view of an address: where it says it is, and the host that its server was asked for. */
async function visit(browser: Browser, address: string, server?: string): Promise<[href: string, host: unknown]> {
  await using context = await browser.newContext({ proxy: server === undefined ? (undefined as never) : { server } });
  const page = await context.newPage();
  await page.goto(address);
  const { host } = JSON.parse(await page.locator('body').innerText());
  return [page.url(), host];
}

const addresses = [
  ['http://MÜNCHEN.test/echo', 'münchen.test'],
  ['http://münchen.test./echo', 'münchen.test'],
  ['http://www.münchen.test/echo', '*.MÜNCHEN.test.'],
  ['http://xn--mnchen-3ya.test/echo', 'münchen.test.'],
  ['http://API.test./echo', 'api.test'],
  ['http://api.test/echo', 'API.test.'],
  ['http://api.test:80/echo', 'api.test:80'],
  ['http://10.1.515/echo', '10.1.2.3'],
  ['http://[2001:DB8:0::a]/echo', '[2001:db8::a]'],
] as const;

test('hosts that the option names are reached in every spelling', async ({ origins, launchOptions }) => {
  origins.serve('/echo', { headers: { 'content-type': 'application/json' }, echo: true });
  const at = `127.0.0.1:${origins.plainPort}`;
  const rule = `--host-resolver-rules=MAP * ${at}`;
  await using direct = await chromium.launch({ ...launchOptions, proxy: undefined as never, args: [rule] });
  await using browser = await chromium.launch({ ...launchOptions, proxy: undefined as never });
  for (const [address, written] of addresses) {
    await using waylay = await startWaylay({ hosts: { [written]: at } });
    const expected = await visit(direct, address);
    expect(await visit(browser, address, waylay.url), `${address} by ${written}`).toEqual(expected);
    expect(waylay.exchanges.filter(({ request }) => request.url.endsWith('/echo'))).toHaveLength(1);
  }
});

test('stubs answer for what they name in every spelling', async ({ page, waylay }) => {
  waylay.stubResponse('https://MÜNCHEN.test.:443/café', 'host');
  waylay.stubResponse('https://*.münchen.test/caf%c3%a9?q=%7Ex', 'below');
  waylay.stubResponse({ host: 'bücher.test.', path: '/über' }, 'keys');
  waylay.stubResponse({ url: 'https://api.test/search', query: { q: 'ä' } }, 'query');
  const text = async (url: string) => (await page.goto(url))?.text();
  expect(await text('https://münchen.test/café')).toBe('host');
  expect(await text('https://münchen.test./caf%c3%a9')).toBe('host');
  expect(await text('https://www.münchen.test/café?q=~x')).toBe('below');
  expect(await text('https://BÜCHER.test/%c3%bcber')).toBe('keys');
  expect(await text('https://api.test/search?page=2&q=%c3%a4')).toBe('query');
});
