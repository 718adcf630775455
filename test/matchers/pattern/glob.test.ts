import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { escapeGlob, globToRegExp, globUrlEnd, resolveGlob } from '../../../matchers/pattern/glob.js';
import { globAuthority } from '../../../matchers/pattern/origin-glob.js';
import { seeded } from '../../journal/seeded.js';

// Playwright's own implementation, to be told apart from ours by nothing.
const { iso } = createRequire(import.meta.url)('playwright-core/lib/coreBundle') as {
  iso: {
    globToRegexPattern(glob: string): string;
    resolveGlobToRegexPattern(baseURL: string | undefined, glob: string): string;
  };
};

const pieces = [
  'https://',
  'http://',
  'HTTPS://',
  'ws://',
  'WSS://',
  '{http,https}:',
  '*://',
  'shop.test',
  'API.Pay.test',
  'bücher.test',
  'xn--bcher-kva.test',
  '127.1',
  '[::1]',
  '*.pay.test',
  ':443',
  ':8443',
  ':80',
  ':',
  '/',
  '/',
  '//',
  '**',
  '**/',
  '*',
  '?',
  '?a=1',
  '&b=*',
  '[',
  ']',
  '{',
  '}',
  '{a,b}',
  ',',
  '\\',
  '\\*',
  '\\?',
  '\\\\?',
  '.',
  '..',
  './',
  '../',
  'v1',
  'ä',
  ' ',
  '%20',
  '$_1_$',
  '$',
  '^',
  '+',
  '(',
  ')',
  '|',
  '#x',
  'about:',
  'data:',
  '@',
];

function outcome(run: () => string): string {
  try {
    return run();
  } catch {
    return 'refused';
  }
}

describe('in equivalence to playwright-core', () => {
  test('globs give the same expression, for 5,000 random ones', () => {
    const next = seeded(1);
    for (let round = 0; round < 5_000; round += 1) {
      const glob = Array.from(
        { length: 1 + Math.floor(next() * 7) },
        () => pieces[Math.floor(next() * pieces.length)],
      ).join('');
      const theirs = outcome(() => new RegExp(iso.globToRegexPattern(glob)).source);
      expect(
        outcome(() => globToRegExp(glob).source),
        glob,
      ).toBe(theirs);
      for (const base of [undefined, 'https://shop.test/app/', 'http://Bücher.test:8080/a/b?c', 'wss://shop.test']) {
        const resolved = outcome(() => new RegExp(iso.resolveGlobToRegexPattern(base, glob)).source);
        expect(
          outcome(() => globToRegExp(resolveGlob(glob, base)).source),
          `${glob} on ${base}`,
        ).toBe(resolved);
      }
    }
  });

  test('the generator reaches both valid and refused globs', () => {
    expect(outcome(() => iso.globToRegexPattern('{a{b}'))).toBe('refused');
    expect(outcome(() => iso.globToRegexPattern('{a,b}'))).not.toBe('refused');
  });
});

describe('by the rules', () => {
  test.each([
    ['https://shop.test/*', 'https://shop.test/cart', true],
    ['https://shop.test/*', 'https://shop.test/cart/1', false],
    ['https://shop.test/**', 'https://shop.test/cart/1', true],
    ['https://shop.test/**/x', 'https://shop.test/x', true],
    ['https://shop.test', 'https://shop.test/', true],
    ['https://SHOP.test:443/a', 'https://shop.test/a', true],
    ['https://shop.test/a/', 'https://shop.test/a', false],
    ['https://shop.test/a', 'https://shop.test/a/', false],
    ['https://shop.test/a/**', 'https://shop.test/a', false],
    ['https://shop.test/a{/,}', 'https://shop.test/a', true],
    ['https://bücher.test/käse', 'https://xn--bcher-kva.test/k%C3%A4se', true],
    ['http://shop.test:80/', 'http://shop.test/', true],
    ['https://shop.test:80/', 'https://shop.test/', false],
    ['https://shop.test:*/', 'https://shop.test:8443/', true],
    ['wss://shop.test:443/live', 'wss://shop.test/live', true],
    ['ws{s,}://shop.test/**', 'ws://shop.test/live', true],
    ['https://shop.test/a?b', 'https://shop.test/a?b', true],
    ['https://shop.test/a?b', 'https://shop.test/axb', false],
    ['https://shop.test/[ab]', 'https://shop.test/a', false],
    ['https://shop.test/{a,b}', 'https://shop.test/b', true],
    ['https://shop.test/\\*', 'https://shop.test/*', true],
    ['https://shop.test/\\*', 'https://shop.test/x', false],
  ])('%s matches %s: %s', (glob, url, matches) => {
    expect(globToRegExp(resolveGlob(glob)).test(url)).toBe(matches);
  });

  test.each([
    ['/api/*', 'https://shop.test/api/cart', true],
    ['api/*', 'https://shop.test/app/api/cart', true],
    ['../api', 'https://shop.test/api', true],
    ['*/api', 'https://shop.test/app/api', false],
  ])('%s relative to https://shop.test/app/ matches %s: %s', (glob, url, matches) => {
    expect(globToRegExp(resolveGlob(glob, 'https://shop.test/app/')).test(url)).toBe(matches);
  });

  test.each(['https://shop.test/a{b', 'https://shop.test/a}b', '{a,{b}}'])('%s is refused', (glob) => {
    expect(() => globToRegExp(glob)).toThrow(SyntaxError);
  });

  test('an escaped URL matches itself and nothing else', () => {
    const url = 'https://shop.test/a*b{c,d}\\e?f=[g]';
    expect(globToRegExp(escapeGlob(url)).test(url)).toBe(true);
    expect(globToRegExp(escapeGlob(url)).test('https://shop.test/axbc\\e?f=[g]')).toBe(false);
  });
});

describe('for the authority of a glob', () => {
  test.each([
    ['https://api.pay.test/v1/**', 'api.pay.test', 443, true],
    ['https://api.pay.test/v1/**', 'api.pay.test', 80, false],
    ['https://api.pay.test/v1/**', 'shop.test', 443, false],
    ['http://api.pay.test/', 'api.pay.test', 80, true],
    ['https://api.pay.test:8443/**', 'api.pay.test', 8443, true],
    ['https://*.pay.test/**', 'api.pay.test', 443, true],
    ['https://*.pay.test/**', 'pay.test', 443, false],
    ['https://{a,b}.test/**', 'b.test', 443, true],
    ['https://{a,b}.test/**', 'c.test', 443, false],
    ['http{s,}://a.test/**', 'a.test', 80, true],
    ['*://a.test/**', 'a.test', 443, true],
    ['*://a.test/**', 'b.test', 443, false],
    ['https://[::1]:8443/**', '::1', 8443, true],
    ['wss://a.test/live', 'a.test', 443, true],
  ])('%s may match at %s:%i: %s', (glob, host, port, may) => {
    expect(globAuthority(resolveGlob(glob))?.({ host, port })).toBe(may);
  });

  test.each([
    '**',
    '**/cart',
    '**.pay.test/x',
    '{https://a.test/,https://b.test/}x',
    'https://{a.test/x,b.test/y}/z',
    '*',
  ])('%s is not pinned', (glob) => {
    expect(globAuthority(resolveGlob(glob))).toBeUndefined();
  });

  test('never says no where a URL at the authority matches', () => {
    const next = seeded(2);
    const pick = <T>(list: readonly T[]) => list[Math.floor(next() * list.length)] as T;
    let matched = 0;
    for (let round = 0; round < 5_000; round += 1) {
      const scheme = pick(['https', 'http', '*', 'http{s,}', '{http,https}', '**', 'h\\ttps']);
      const host = pick([
        'a.test',
        '*.test',
        '{a,b}.test',
        'a.test:8443',
        '**',
        '*',
        'a.*:*',
        '**.test',
        '{a.test/x,b.test}',
        '*t',
      ]);
      const glob = `${scheme}://${host}/${pick(['', '**', 'x', '*/y'])}`;
      const authority = { host: pick(['a.test', 'b.test', 'c.b.test']), port: pick([443, 80, 8443]) };
      const name = pick(['https', 'http']);
      const port = authority.port === (name === 'https' ? 443 : 80) ? '' : `:${authority.port}`;
      const url = `${name}://${authority.host}${port}/${pick(['', 'x', 'x/y'])}`;
      const resolved = resolveGlob(glob);
      if (!globToRegExp(resolved).test(url)) continue;
      matched += 1;
      expect(globAuthority(resolved)?.(authority) ?? true, `${glob} on ${url}`).toBe(true);
    }
    expect(matched).toBeGreaterThan(250);
  });
});

describe('the end of the URLs of a glob', () => {
  test.each([
    ['https://a.test/v1/charges', 'charges'],
    ['https://a.test', ''],
    ['https://a.test:*/v1/', ''],
    ['**/cart', 'cart'],
    ['https://a.test/**/cart?page=1', 'cart?page=1'],
    ['https://a.test/cart?next=/home', 'home'],
    ['https://{a,b}.test/x/{1,2}/cart', 'cart'],
    ['https://a.test/\\*/cart', 'cart'],
  ])('is, for %s, %j', (glob, end) => {
    expect(globUrlEnd(resolveGlob(glob))).toBe(end);
  });

  test.each([
    '**',
    'https://a.test/*',
    'https://a.test/cart**',
    '**cart',
    'https://a.test/{a,b/c}',
    'https://a.test/\\*',
  ])('is open in %s', (glob) => {
    expect(globUrlEnd(resolveGlob(glob))).toBeUndefined();
  });

  test('is that of every URL that matches', () => {
    const next = seeded(3);
    const pick = <T>(list: readonly T[]) => list[Math.floor(next() * list.length)] as T;
    const some = (list: readonly string[]) => Array.from({ length: 1 + next() * 4 }, () => pick(list)).join('');
    let told = 0;
    for (let round = 0; round < 10_000; round += 1) {
      const glob = some(['/', '/', 'a', 'b', '?', '*', '**', '**/', '{a,/b}', '{/,a}', '{a,b/}', '\\/', '\\a', '\\*']);
      const url = some(['/', '/', 'a', 'b', '?', '*', '\\']);
      if (!globToRegExp(glob).test(url)) continue;
      const end = globUrlEnd(glob);
      if (end === undefined) continue;
      told += 1;
      expect(url.slice(url.lastIndexOf('/') + 1), `${glob} on ${url}`).toBe(end);
      expect(url).toContain('/');
    }
    expect(told).toBeGreaterThan(100);
  });
});
