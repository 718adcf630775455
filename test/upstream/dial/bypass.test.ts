import { expect, test } from 'vitest';
import { parseAuthority } from '../../../src/net/authority.js';
import { HostPatternProblem } from '../../../src/net/host-pattern.js';
import { parseBypass } from '../../../src/upstream/dial/bypass.js';

function bypassed(list: string, authority: string): boolean | undefined {
  const at = parseAuthority(authority, 443);
  if (at === undefined) throw new Error(authority);
  const bypass = parseBypass(list);
  return bypass instanceof HostPatternProblem ? undefined : bypass(at);
}

const PLAYWRIGHT = '.com, chrome.org, .domain.test';

test.each([
  [PLAYWRIGHT, 'shop.com', true],
  [PLAYWRIGHT, 'chrome.org:8443', true],
  [PLAYWRIGHT, 'www.chrome.org', false],
  [PLAYWRIGHT, 'a.b.domain.test', true],
  [PLAYWRIGHT, 'domain.test', false],
  [PLAYWRIGHT, 'shop.test', false],
  ['', 'shop.test', false],
  [' , ;', 'shop.test', false],
  ['*.corp;SHOP.test', 'a.corp', true],
  ['*.corp;SHOP.test', 'shop.test', true],
  ['*', 'shop.test', true],
  ['api*.test', 'api-2.test', true],
  ['api*.test', 'api-2xtest', false],
  ['shop.test:8443', 'shop.test:8443', true],
  ['shop.test:8443', 'shop.test', false],
  ['https://shop.test', 'shop.test:443', true],
  ['https://shop.test', 'shop.test:80', false],
  ['http://shop.test:81', 'shop.test:81', true],
  ['10.1.2.3', '10.1.2.3', true],
  ['10.1.2.3:80', '10.1.2.3', false],
  ['10.0.0.0/8', '10.200.0.1', true],
  ['10.0.0.0/8', '11.0.0.1', false],
  ['10.0.0.0/8', '10.shop.test', false],
  ['fd00::/8', '[fd00::1]', true],
  ['[fd00::]/8', '[fe00::1]', false],
  ['[fd00::1]:443', '[fd00::1]', true],
  ['fd00::1', '[fd00::1]', true],
  ['<local>', 'intranet', true],
  ['<local>', 'shop.test', false],
  ['<local>', '10.1.2.3', false],
  // This machine goes through the proxy, unless the list has a word for it.
  ['', 'localhost', false],
  ['shop.test', '127.0.0.1', false],
  ['localhost', '127.0.0.1', true],
  ['127.0.0.1', 'localhost', true],
  ['[::1]', 'app.localhost', true],
  ['<loopback>', '127.9.9.9', true],
  ['<loopback>', '[fe80::1]', true],
  ['<loopback>', '10.0.0.1', false],
  ['<-loopback>', 'localhost', false],
  ['<-loopback>, *', 'localhost', false],
  ['<-loopback>, *', 'shop.test', true],
  ['localhost, <-loopback>', 'localhost', false],
])('a list of %j lets %s go past: %s', (list, authority, expected) => {
  expect(bypassed(list, authority)).toBe(expected);
});

test.each(['shop test', 'a/b', '10.0.0.0/33', 'shop.test:', 'shop.test:x', '<what>/', 'http://10.0.0.0/8', 'a@b'])(
  'a list cannot be %j',
  (list) => {
    expect(parseBypass(list)).toBeInstanceOf(HostPatternProblem);
  },
);
