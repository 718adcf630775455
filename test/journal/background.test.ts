/** Which requests are a browser's own; the table's are as Chromium and Firefox send them. */
import { expect, test } from 'vitest';
import { isBackground, isUnasked } from '../../src/journal/background.js';
import { makeExchange } from './exchanges.js';

const CHROMIUM = [
  'User-Agent',
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0',
];
const FIREFOX = ['User-Agent', 'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0'];
const fetched = (site: string, destination = 'empty', mode = 'no-cors') => [
  ...CHROMIUM,
  ...['Sec-Fetch-Site', site, 'Sec-Fetch-Mode', mode, 'Sec-Fetch-Dest', destination],
];
const IMAGE = ['Accept', 'image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8'];

test.each<[string, string, readonly string[], boolean]>([
  ['suggestions for forms', 'https://content-autofill.googleapis.com/v1/pages/Ch', fetched('none'), true],
  ['updates', 'https://update.googleapis.com/service/update2/json?cup2key=1', fetched('none'), true],
  ['updates over HTTP', 'http://update.googleapis.com/service/update2/json?cup2key=1', CHROMIUM, true],
  ['what is updated', 'http://r3---sn-4g5e6nz7.gvt1.com/edgedl/release2/chrome_component/a', CHROMIUM, true],
  ['the time', 'http://clients2.google.com/time/1/current?cup2key=1', CHROMIUM, true],
  ['whether there is a network', 'http://detectportal.firefox.com/success.txt?ipv4', FIREFOX, true],
  ['an icon', 'https://shop.test/favicon.ico', fetched('same-origin', 'image'), true],
  ['an icon over HTTP', 'http://shop.test/favicon.ico', [...CHROMIUM, ...IMAGE], true],
  ['an icon that a program asks for', 'http://shop.test/favicon.ico', ['Accept', '*/*'], false],
  ['an icon that a script asks for', 'https://shop.test/favicon.ico', fetched('same-origin'), false],
  ['another image', 'https://shop.test/logo.ico', fetched('same-origin', 'image'), false],
  ['a navigation', 'https://shop.test/', fetched('none', 'document', 'navigate'), false],
  ['what a page asks for', 'https://content-autofill.googleapis.com/', fetched('cross-site', 'empty', 'cors'), false],
  ['the time, asked for by a program', 'http://clients2.google.com/time/1/current', ['User-Agent', 'curl/8'], false],
  ['a host named alike', 'http://clients2.google.com.shop.test/time/1', CHROMIUM, false],
])("a browser's own requests are told from others: %s (%s)", (_, url, headers, own) => {
  const exchange = makeExchange({ url, headers });
  expect(isUnasked(exchange)).toBe(own);
  expect(isBackground(exchange)).toBe(own);
  exchange.intervene().expected = true;
  expect(isBackground(exchange)).toBe(false);
});

test('a request that the browser says is a page’s is none of its own', () => {
  const exchange = makeExchange({ url: 'http://clients2.google.com/time/1/current', headers: CHROMIUM });
  exchange.identify({ client: 'page', resourceType: 'fetch' });
  expect(isUnasked(exchange)).toBe(false);
});
