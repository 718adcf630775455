import { expect, test } from 'vitest';
import { namedHost, readNamedHost, urlOf } from '../../src/net/named-host.js';

test.each([
  ['https', 'Shop.test', 'shop.test', 443, 'shop.test'],
  ['https', ' shop.test:443 ', 'shop.test', 443, 'shop.test'],
  ['http', 'shop.test:443', 'shop.test', 443, 'shop.test:443'],
  ['http', '[::1]:8080', '::1', 8080, '[::1]:8080'],
] as const)('a host is named by %s and %s', (scheme, text, host, port, name) => {
  for (let time = 0; time < 2; time += 1) {
    expect(readNamedHost(scheme, text)).toEqual({ authority: { host, port }, name, origin: `${scheme}://${name}` });
  }
});

test.each(['', 'shop.test:', 'shop.test:0', 'a b', '[shop.test]'])('%j is no host, asked for again or not', (text) => {
  expect(readNamedHost('https', text)).toBeUndefined();
  expect(readNamedHost('https', text)).toBeUndefined();
});

test('a URL is made for a path, and for all of a server', () => {
  const shop = namedHost('https', { host: 'shop.test', port: 8443 });
  expect(urlOf(shop, '/a?b')).toBe('https://shop.test:8443/a?b');
  expect(urlOf(shop, '*')).toBe('https://shop.test:8443/*');
});
