/** An upstream that fails is a failed request in the page, never a page that looks like a success. */
import { expect, test } from './origins.js';

const failures = [
  { what: 'resets', url: 'https://api.test/reset', code: 'WAYLAY_UPSTREAM_RESET' },
  { what: 'resets inside the handshake', url: 'https://reset.test/', code: 'WAYLAY_UPSTREAM_TLS' },
  { what: 'refuses', url: 'https://refused.test/', code: 'WAYLAY_UPSTREAM_REFUSED' },
  { what: 'does not resolve', url: 'https://api.invalid/', code: 'WAYLAY_UPSTREAM_DNS' },
  { what: 'resets without TLS', url: 'http://plain.test/reset', code: 'WAYLAY_UPSTREAM_RESET' },
  { what: 'refuses without TLS', url: 'http://refused.test/', code: 'WAYLAY_UPSTREAM_REFUSED' },
  { what: 'does not resolve without TLS', url: 'http://api.invalid/', code: 'WAYLAY_UPSTREAM_DNS' },
];

for (const { what, url, code } of failures) {
  test(`an API that ${what} is a failed request`, async ({ page, waylay, origins }) => {
    origins.serve('/reset', { reset: true });
    // A page without TLS may ask both kinds of API.
    await page.goto('http://plain.test/');
    const failed = page.waitForEvent('requestfailed', (request) => request.url() === url);
    const answered: number[] = [];
    page.on('response', (response) => void (response.url() === url && answered.push(response.status())));

    await expect(page.evaluate((address) => fetch(address, { mode: 'no-cors' }), url)).rejects.toThrow(
      'Failed to fetch',
    );

    expect((await failed).failure()?.errorText).toMatch(/^net::ERR_/);
    expect(answered).toEqual([]);
    const exchanges = waylay.exchanges.filter(({ request }) => request.url === url);
    expect(exchanges.length).toBeGreaterThan(0);
    for (const { error, source } of exchanges) {
      expect(error?.code).toBe(code);
      expect(source).toBe('failed');
    }
  });
}

// Whatever is wrong with it, the browser knows nobody who vouches for it: the key is not the pinned one.
const REFUSED = 'net::ERR_CERT_AUTHORITY_INVALID';

const broken = [
  { host: 'expired.test', reason: /expired on/ },
  { host: 'wrong-host.test', reason: /not for wrong-host\.test/ },
  { host: 'unknown-issuer.test', reason: /not issued by a trusted authority/ },
];

for (const { host, reason } of broken) {
  test(`the certificate of ${host} stays broken`, async ({ page, waylay, origins }) => {
    await page.goto('https://shop.test/');
    const failed = page.waitForEvent('requestfailed');
    await expect(page.evaluate((address) => fetch(address), `https://${host}/`)).rejects.toThrow('Failed to fetch');
    expect((await failed).failure()?.errorText).toBe(REFUSED);
    await expect(page.goto(`https://${host}/`)).rejects.toThrow(REFUSED);

    expect(origins.hits('/')).toBe(1);
    const exchanges = waylay.exchanges.filter(({ request }) => request.parsedUrl.hostname === host);
    expect(exchanges.length).toBeGreaterThan(0);
    for (const { error } of exchanges) {
      expect(error?.code).toBe('WAYLAY_UPSTREAM_CERTIFICATE');
      expect(error?.message).toMatch(reason);
    }
  });
}
