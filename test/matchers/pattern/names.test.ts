/** Patterns mean the same in every spelling of a host, of a port and of what is percent-encoded. */
import fc from 'fast-check';
import { URLPattern as Polyfill } from 'urlpattern-polyfill/urlpattern';
import { describe, expect, test } from 'vitest';
import { compilePattern, type Pattern, type RequestPattern } from '../../../matchers/pattern/pattern.js';
import type { UrlPatternLike } from '../../../matchers/values/url-pattern.js';
import { makeExchange } from '../../journal/exchanges.js';
import { named, spelled, written } from '../../net/spellings.js';

/** Writes it as a URL does; the zone of an address cannot be there. */
const inUrl = (host: string) => (host.includes(':') ? `[${host.replace(/^\[|\]$/g, '')}]` : host);
const hosts = spelled.filter(({ host }) => !host.includes('%'));
const isName = ({ host }: { host: string }) => !/^[\d.]+$|:/.test(host);

const matches = (pattern: Pattern, url: string) => compilePattern(pattern).matches(makeExchange({ url }));
const mayMatch = (pattern: Pattern, host: string, port: number) => compilePattern(pattern).mayMatch({ host, port });

/** Ways to name a host in a pattern. */
const PLACES: Record<string, (host: string) => Pattern> = {
  host: (host) => ({ host }),
  'a list of hosts': (host) => ({ host: ['a.example', host] }),
  'a URL': (host) => `https://${inUrl(host)}/a`,
  'a URL with any path': (host) => `https://${inUrl(host)}/**`,
  'a URL with its default port': (host) => `https://${inUrl(host)}:443/a`,
  'a URL with any port': (host) => `https://${inUrl(host)}:*/a`,
  'a URL with any scheme': (host) => `*://${inUrl(host)}/a`,
  'a URL with one of two schemes': (host) => `http{,s}://${inUrl(host)}:{443,8443}/a`,
  'a URL with one of two hosts': (host) => `https://{${inUrl(host)},b.example}/a`,
  'a URL with one of two origins': (host) => `{http://a.example,https://${inUrl(host)}}/a`,
};

describe.each(Object.entries(PLACES))('a pattern of %s', (_, write) => {
  test('matches a host in every spelling', () => {
    fc.assert(
      fc.property(hosts, ({ one, other }) => {
        const pattern = write(one);
        const plain = other.replace(/^\[|\]$/g, '');
        expect([pattern, other, matches(pattern, `https://${inUrl(other)}/a`)]).toEqual([pattern, other, true]);
        expect([pattern, other, mayMatch(pattern, plain, 443)]).toEqual([pattern, other, true]);
        expect(matches(pattern, 'https://other.example/a')).toBe(false);
        expect(mayMatch(pattern, 'other.example', 443)).toBe(false);
      }),
    );
  });

  test('matches all below a name', () => {
    fc.assert(
      fc.property(named, ({ one, other }) => {
        const pattern = write(`*.${one}`);
        expect([pattern, other, matches(pattern, `https://www.${other}/a`)]).toEqual([pattern, other, true]);
        expect(mayMatch(pattern, `www.${other}`, 443)).toBe(true);
        expect(matches(pattern, `https://${other}/a`)).toBe(false);
        expect(mayMatch(pattern, other, 443)).toBe(false);
      }),
    );
  });
});

test('globs that leave the scheme open match a name in every spelling', () => {
  fc.assert(
    fc.property(named, fc.constantFrom('**/', '**//', '**://', '**', '**.', 'https://**'), ({ one, other }, before) => {
      const pattern = `${before}${one}/a`;
      const host = before === '**.' ? `www.${other}` : other;
      expect([pattern, host, matches(pattern, `https://${host}/a`)]).toEqual([pattern, host, true]);
      expect(compilePattern(pattern).mayMatch({ host, port: 443 })).toBe(true);
      expect(matches(pattern, `https://${host}.example/a`)).toBe(false);
    }),
  );
});

test('sni matches a name in every spelling', () => {
  fc.assert(
    fc.property(spelled.filter(isName), ({ one, other }) => {
      const { request } = makeExchange();
      const subject = { request, client: { tls: { serverName: other } } };
      expect([one, other, compilePattern({ sni: one }).matches(subject)]).toEqual([one, other, true]);
      const handshake = { host: '192.0.2.1', port: 443, serverName: other };
      expect(compilePattern({ sni: one, protocol: 'https' }).matchesAuthority(handshake)).toBe(true);
      expect(compilePattern({ host: one, protocol: 'https' }).matchesAuthority(handshake)).toBe(true);
    }),
  );
});

describe('with a port', () => {
  test.each([
    ['https://shop.test:443/x', 'https://shop.test/x', true],
    ['https://shop.test/x', 'https://shop.test:443/x', true],
    ['https://*.test:443/x', 'https://shop.test/x', true],
    ['https://*.test:443/x', 'https://shop.test:8443/x', false],
    ['https://*.test/x', 'https://shop.test:8443/x', false],
    ['http://*.test:80/x', 'http://shop.test/x', true],
    ['http://*.test:443/x', 'http://shop.test:443/x', true],
    ['http://*.test:443/x', 'http://shop.test/x', false],
    ['*://shop.test:443/x', 'https://shop.test/x', true],
    ['*://shop.test:443/x', 'http://shop.test:443/x', true],
    ['*://shop.test:443/x', 'http://shop.test/x', false],
    ['http{s,}://shop.test:80/x', 'http://shop.test/x', true],
    ['http://localhost:*/x', 'http://localhost/x', true],
    ['http://localhost:*/x', 'http://localhost:4310/x', true],
    ['http://localhost:{80,4310}/x', 'http://localhost/x', true],
    ['http://localhost:8*/x', 'http://localhost/x', true],
    ['http://localhost:8*/x', 'http://localhost:81/x', true],
    ['http://localhost:81*/x', 'http://localhost/x', false],
    ['https://*/x', 'https://shop.test:8443/x', true],
    ['https://shop.*/x', 'https://shop.test:8443/x', true],
    ['wss://shop.test:443/x', 'https://shop.test/x', false],
    ['*://shop.test', 'https://shop.test/', true],
  ])('%s matches %s: %s', (pattern, url, expected) => {
    expect(matches(pattern, url)).toBe(expected);
    const { hostname, port, protocol } = new URL(url);
    if (expected) expect(mayMatch(pattern, hostname, Number(port || (protocol === 'https:' ? 443 : 80)))).toBe(true);
  });
});

describe('a pattern that is percent-encoded', () => {
  test.each<[Pattern, string]>([
    ['https://shop.test/caf%c3%a9', 'https://shop.test/caf%C3%A9'],
    ['https://shop.test/café', 'https://shop.test/caf%c3%a9'],
    ['https://shop.test/café*', 'https://shop.test/caf%C3%A9-noir'],
    ['https://shop.test/{café,thé}/*', 'https://shop.test/th%C3%A9/1'],
    ['**/café', 'https://shop.test/caf%c3%a9'],
    ['**/café', 'https://shop.test/caf\u00c3\u00a9'],
    ['**/%7Euser', 'https://shop.test/~user'],
    ['**/~user', 'https://shop.test/%7euser'],
    ['https://shop.test/a?q=café', 'https://shop.test/a?q=caf%c3%a9'],
    ["**?q='a'", 'https://shop.test/?q=%27a%27'],
    ['**/a\\{b\\}', 'https://shop.test/a%7bb%7D'],
    ['**/a%2fb', 'https://shop.test/a%2Fb'],
    ['**/"a"', 'https://shop.test/%22a%22'],
    [{ path: '/café' }, 'https://shop.test/caf%c3%a9?q'],
    [{ path: '/café' }, 'https://shop.test/caf\u00c3\u00a9'],
    [{ path: '/caf%c3%a9/*' }, 'https://shop.test/caf%C3%A9/1'],
    [{ path: '/caf%c3%a9*' }, 'https://shop.test/caf%C3%A9'],
    [{ path: '/%7Euser' }, 'https://shop.test/~user'],
    [{ query: { q: 'café' } }, 'https://shop.test/?q=caf%c3%a9'],
    [{ query: { é: 'é' } }, 'https://shop.test/?%c3%a9=\u00c3\u00a9'],
  ])('matches: %j is %s', (pattern, url) => {
    expect(matches(pattern, url)).toBe(true);
  });

  test.each<[Pattern, string]>([
    ['**/a%2fb', 'https://shop.test/a/b'],
    ['**/cafe', 'https://shop.test/caf%C3%A9'],
    ['**/a%2a', 'https://shop.test/a*'],
    ['**/A', 'https://shop.test/a'],
    // These are asked of the URL as it was sent.
    [/caf%C3%A9/, 'https://shop.test/caf%c3%a9'],
    [{ url: /caf%C3%A9/ }, 'https://shop.test/caf%c3%a9'],
    [({ url }) => url.includes('%C3'), 'https://shop.test/caf%c3%a9'],
    [{ path: /^\/~/ }, 'https://shop.test/%7Euser'],
  ])('does not match: %j is not %s', (pattern, url) => {
    expect(matches(pattern, url)).toBe(false);
  });

  const char = fc.constantFrom(...'aZ0-._~é漢😀\'"()!,;=&+@:[]^|`<>');
  const spellings = (text: string): fc.Arbitrary<string> =>
    fc.tuple(...[...text].map((one) => fc.constantFrom(...encodings(one)))).map((parts) => parts.join(''));
  const twice = fc
    .array(char, { minLength: 1, maxLength: 8 })
    .map((chars) => chars.join(''))
    .chain((text) => fc.tuple(spellings(text), spellings(text)));

  test('is the same in every spelling, in URLs, paths and queries', () => {
    fc.assert(
      fc.property(twice, ([one, other]) => {
        for (const pattern of [
          `https://shop.test/a${one}`,
          `**/a${one}`,
          { path: `/a${one}` },
          { path: `/**/a${one}` },
        ]) {
          expect([pattern, other, matches(pattern, `https://shop.test/a${other}`)]).toEqual([pattern, other, true]);
        }
        const queried = `https://shop.test/?q=${one}`;
        expect([queried, other, matches(queried, `https://shop.test/?q=${other}`)]).toEqual([queried, other, true]);
      }),
      { numRuns: 300 },
    );
  });
});

/** Clients' ways to write a character: RFC 3986 lets unreserved ones be encoded, and asks it of those that no URI has. */
function encodings(char: string): string[] {
  const bytes = [...Buffer.from(char)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  const both = [bytes, bytes.toUpperCase()];
  if (/[A-Za-z0-9\-._~]/.test(char)) return [char, ...both];
  return /[!$&()*+,;=:@/?[\]]/.test(char) ? [char] : [...both, char];
}

type UrlPatternClass = new (init: Record<string, string>) => UrlPatternLike;

// Node has its own from 23.8 on.
const native = (globalThis as { URLPattern?: UrlPatternClass }).URLPattern;
const classes: [string, UrlPatternClass][] = [['urlpattern-polyfill', Polyfill as UrlPatternClass]];
if (native !== undefined) classes.push(['Node’s own', native]);

describe.each(classes)('a URLPattern, %s', (_, UrlPattern) => {
  test.each([
    [{ hostname: 'münchen.test' }, 'https://xn--mnchen-3ya.test./'],
    [{ hostname: 'shop.test.' }, 'https://shop.test/'],
    [{ hostname: '*.shop.test' }, 'https://www.shop.test./'],
    [{ pathname: '/caf%c3%a9/:id' }, 'https://shop.test/caf%C3%A9/1'],
    [{ pathname: '/café/:id' }, 'https://shop.test/caf%c3%a9/1'],
    [{ pathname: '/%7Euser' }, 'https://shop.test/~user'],
    [{ pathname: '/~user' }, 'https://shop.test/%7Euser'],
  ])('matches: %j is %s', (init, url) => {
    const pattern = new UrlPattern(init);
    expect(matches(pattern, url)).toBe(true);
    expect(mayMatch(pattern, new URL(url).hostname, 443)).toBe(true);
  });
});

describe('a pattern that is refused', () => {
  test.each<[RequestPattern | string, string]>([
    [{ host: 'http://localhost:4310' }, "{ host: 'localhost', port: 4310 }"],
    [{ host: 'localhost:4310' }, "{ host: 'localhost', port: 4310 }"],
    [{ host: '[::1]:80' }, "{ host: '::1', port: 80 }"],
    [{ host: 'https://me@shop.test/cart' }, "{ host: 'shop.test', path: '/cart' }"],
    [{ host: '{a,b}.test' }, "{ host: ['a.test', 'b.test'] }"],
    [{ host: '*.127.0.0.1' }, "{ host: '127.0.0.1' }"],
    [{ host: 'a..test' }, "{ host: 'a.test' }"],
    [{ sni: 'shop.test:443' }, "{ sni: 'shop.test' }"],
    ['https://*m\u00fcnchen.test/**', "'https://*.test/**'"],
    ['https://a..test/x', "'https://a.test/x'"],
    ['https://*.127.0.0.1/x', "'https://127.0.0.1/x'"],
    ['https://*.test:0/x', "'https://*.test/x'"],
    ['https://$HOST/x', "'https://shop.test/x'"],
    [
      'https://a.test/\\{}',
      "'https://shop.test/{cart,checkout}', or 'https://a.test/\\\\{\\\\}' for braces as they are",
    ],
    [
      'https://a.test/\\{{',
      "'https://shop.test/{cart,checkout}', or 'https://a.test/\\\\{\\\\{' for braces as they are",
    ],
  ])('says what to write: %j is to be written %s', (pattern, write) => {
    expect(() => compilePattern(pattern as Pattern)).toThrow(`Write ${write}.`);
  });

  test('can be written as it says', () => {
    let refused = 0;
    fc.assert(
      fc.property(written, fc.constantFrom('host', 'sni', 'url'), (text, key) => {
        const pattern = key === 'url' ? `https://${text.replaceAll(' ', '')}` : { [key]: text };
        let message = '';
        try {
          compilePattern(pattern as Pattern);
        } catch (error) {
          ({ message } = error as Error);
        }
        if (message === '') return;
        refused += 1;
        const write = /\. Write (.*)\.$/s.exec(message)?.[1] ?? '';
        const suggested = new Function(`return ${write.replace(/, or .*/s, '').replace(/^('\*\*') for .*/, '$1')}`)();
        expect(() => compilePattern(suggested), message).not.toThrow();
      }),
      { numRuns: 2000 },
    );
    expect(refused).toBeGreaterThan(500);
  });

  test('is refused as one, and fails in no other way, whatever is written', () => {
    const pieces = [
      'https://',
      '**',
      '::',
      ':443',
      'xn--',
      '\\d',
      '[0-9]',
      '%c3',
      ...'*.{}[]\\,:/?#@%a1\u00fc()+^$-_ |!',
    ];
    const anything = fc.oneof(
      fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((parts) => parts.join('')),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(anything, (text) => {
        const patterns = [text, `https://${text}`, `**/${text}`, { url: text }, { path: text }, { path: `/${text}` }];
        for (const pattern of [...patterns, { host: text }, { sni: text }]) {
          let code = 'WAYLAY_INVALID_PATTERN';
          try {
            compilePattern(pattern);
          } catch (error) {
            ({ code } = error as { code: string });
          }
          expect([pattern, code]).toEqual([pattern, 'WAYLAY_INVALID_PATTERN']);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
