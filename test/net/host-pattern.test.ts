import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  HostPatternProblem,
  hostMatcher,
  readHostPattern,
  readServerName,
  readSingleHost,
  writeHostPattern,
} from '../../src/net/host-pattern.js';
import { readOrigin } from '../../src/net/origin.js';
import { HOSTS, written } from './spellings.js';

describe('a pattern of hosts', () => {
  test.each([
    ['shop.test', 'shop.test', undefined],
    ['SHOP.test.:8443', 'shop.test', 8443],
    ['shop.test:0443', 'shop.test', 443],
    ['shop.test:*', 'shop.test', undefined],
    ['*', '*', undefined],
    ['*:443', '*', 443],
    ['*.', '*', undefined],
    ['*.Shop.test.', '*.shop.test', undefined],
    ['*.münchen.test:8443', '*.xn--mnchen-3ya.test', 8443],
    ['api.*', 'api.*', undefined],
    ['a*.shop.*', 'a*.shop.*', undefined],
    ['10.0.0.*', '10.0.0.*', undefined],
    ['[::1]', '::1', undefined],
    ['[::1]:80', '::1', 80],
    ['::1', '::1', undefined],
    ['2001:db8::1:80', '2001:db8::1:80', undefined],
    ['[::ffff:127.0.0.1]:80', '127.0.0.1', 80],
  ])('is read: %s', (text, host, port) => {
    expect(readHostPattern(text)).toEqual({ host, port });
  });
});

describe('an entry that is refused names what to write', () => {
  test.each([
    ['', 'shop.test', /empty/],
    [' shop.test', 'shop.test', /blanks/],
    ['https://shop.test', 'shop.test', /no scheme/],
    ['HTTPS://Shop.test:8443/cart?x', 'Shop.test:8443', /no scheme/],
    ['//shop.test', 'shop.test', /no slashes/],
    ['https://me:secret@shop.test', 'shop.test', /no user/],
    ['me@shop.test', 'shop.test', /no user/],
    ['shop.test/', 'shop.test', /no path/],
    ['shop.test/**', 'shop.test', /no path/],
    ['a.test,b.test', 'a.test', /more than one/],
    ['shop test', 'shop', /more than one/],
    ['shop.test:', 'shop.test', /no port/],
    ['shop.test:0', 'shop.test', /1 to 65535/],
    ['shop.test:65536', 'shop.test', /1 to 65535/],
    ['shop.test:http', 'shop.test', /1 to 65535/],
    [':443', '*:443', /no name/],
    ['8443', '*', /port/],
    ['.shop.test', '*.shop.test', /with \*/],
    ['*.127.0.0.1', '127.0.0.1', /below an address/],
    ['*.127.1:80', '127.0.0.1:80', /below an address/],
    ['*.[::1]', '[::1]', /below an address/],
    ['[::1', '[::1]', /IPv6/],
    ['[shop.test]', '[::1]', /IPv6/],
    ['256.1.1.1', 'shop.test', /no name/],
    ['shop..test', 'shop.test', /empty label/],
    ['*..test', '*.test', /empty label/],
    [`${'a'.repeat(64)}.test`, 'shop.test', /too long/],
    ['a.'.repeat(128), 'shop.test', /too long/],
    ['*münchen.test', '*.test', /ASCII/],
    ['{a,b}.test', 'shop.test', /more than one/],
    ['shop.test!', 'shop.test', /characters/],
  ])('for the host %j: %s', (text, write, why) => {
    const read = readHostPattern(text);
    expect(read).toMatchObject({ write, why: expect.stringMatching(why) });
  });

  test.each([
    ['shop.test', 'https://shop.test', /scheme/],
    ['shop.test:8443', 'https://shop.test:8443', /scheme/],
    ['wss://shop.test', 'https://shop.test', /'wss:'/],
    ['ws://shop.test:81', 'http://shop.test:81', /'ws:'/],
    ['ftp://shop.test', 'https://shop.test', /'ftp:'/],
    ['https://*.test', 'https://shop.test', /many/],
    ['https://shop.test/cart', 'https://shop.test', /path/],
    ['https://me:secret@shop.test', 'https://shop.test', /user/],
    [' https://shop.test', 'https://shop.test', /blanks/],
    ['https://shop.test:0', 'https://shop.test', /65535/],
    ['', 'https://shop.test', /empty/],
  ])('for the origin %j: %s', (text, write, why) => {
    expect(readOrigin(text)).toMatchObject({ write, why: expect.stringMatching(why) });
  });
});

test('the entry that is to be written instead is accepted in the same place', () => {
  let refused = 0;
  fc.assert(
    fc.property(written, (text) => {
      for (const read of [readHostPattern, readSingleHost, readServerName, readOrigin]) {
        const result = read(text);
        if (!(result instanceof HostPatternProblem)) continue;
        refused += 1;
        expect([text, result.write, read(result.write)]).not.toContainEqual(expect.any(HostPatternProblem));
        // Whatever was a secret is not told.
        expect(`${result.write} ${result.why}`).not.toContain('secret');
      }
    }),
    { numRuns: 3000 },
  );
  expect(refused).toBeGreaterThan(1000);
});

test('a pattern that is read matches itself as it is written, in any of its spellings', () => {
  for (const [canonical, ...others] of HOSTS) {
    for (const one of [canonical, ...others]) {
      const read = readHostPattern(one);
      if (read instanceof HostPatternProblem) throw new Error(`${one}: ${read.why}`);
      expect(readHostPattern(writeHostPattern(read))).toEqual(read);
      for (const host of [canonical, ...others]) expect(hostMatcher(read)({ host, port: 1 })).toBe(true);
      expect(hostMatcher(read)({ host: 'other.test', port: 1 })).toBe(false);
    }
  }
});

describe('a pattern with many *', () => {
  const matches = (pattern: string, host: string): boolean => {
    const read = readHostPattern(pattern);
    return !(read instanceof HostPatternProblem) && hostMatcher(read)({ host, port: 443 });
  };

  test('is held against a name in one go', () => {
    // By trying out every way to share out the name, this would take days.
    expect(matches(`*${'a*'.repeat(20)}b.test`, `${`${'a'.repeat(60)}.`.repeat(4)}test`)).toBe(false);
    expect(matches(`*${'a*'.repeat(20)}a.test`, `${`${'a'.repeat(60)}.`.repeat(4)}test`)).toBe(true);
  });

  test('matches what it did as an expression', () => {
    const letters = (extra: string[]) => fc.array(fc.constantFrom('a', 'b', ...extra), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(letters(['*', '*']), letters([]), (pattern, host) => {
        const expression = new RegExp(`^x${pattern.join('').replaceAll('*', '.*')}y$`);
        expect(matches(`x${pattern.join('')}y`, `x${host.join('')}y`)).toBe(expression.test(`x${host.join('')}y`));
      }),
    );
  });
});
