import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalHost, readHost } from '../../src/net/host-name.js';
import { HOSTS } from './spellings.js';

describe.each(HOSTS)('the host %s', (canonical, ...others) => {
  test.each([canonical, ...others])('is read from %s', (spelling) => {
    expect(canonicalHost(spelling)).toBe(canonical);
    expect(readHost(spelling)).toBe(canonical);
  });
});

test.each(['münchen.test', 'shop。test'])(
  '%s is read as bytes of UTF-8, too, as the heads of messages have it',
  (name) => {
    const bytes = Buffer.from(name, 'utf8').toString('latin1');
    expect(canonicalHost(bytes)).toBe(canonicalHost(name));
  },
);

test.each(['256.1.1.1', '1.2.3.4.5', '\u200dx.test', 'a b', '', '[::1', '::g', 'shop.test:80', 'a/b', 'a@b'])(
  '%j is no host, and stays as it is',
  (text) => {
    expect(readHost(text)).toBeUndefined();
    expect(canonicalHost(text)).toBe(text);
  },
);

// A label that is no Punycode makes a name in some versions of the URL parser only.
test.each(['xn--a', 'xn--zzzzzzz99999.test', 'xn--'])('%j is a host where the URL parser takes it', (text) => {
  expect(readHost(text)).toBe(URL.canParse(`http://${text}/`) ? text : undefined);
  expect(canonicalHost(text)).toBe(text);
});

test('a canonical spelling is its own', () => {
  fc.assert(
    fc.property(fc.oneof(fc.domain(), fc.ipV4Extended(), fc.ipV6(), fc.string({ unit: 'grapheme' })), (host) => {
      const once = canonicalHost(host);
      expect(canonicalHost(once)).toBe(once);
    }),
    // A capital letter that the URL parser of Node 20 refuses, and its small one that it takes.
    { examples: [['\u10a0'], ['SHOP_\u10a0 A']] },
  );
});

test('names and addresses are read as the URL parser reads them', () => {
  fc.assert(
    fc.property(fc.oneof(fc.domain(), fc.ipV4Extended()), (host) => {
      expect(canonicalHost(host)).toBe(new URL(`http://${host}/`).hostname);
    }),
  );
});
