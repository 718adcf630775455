/** Patterns as written for other tools: each works, is refused with what to write, or is hinted at where nothing matched. */
import { describe, expect, test } from 'vitest';
import { compilePattern, type Pattern, type RequestPattern } from '../../../matchers/pattern/pattern.js';
import { makeExchange } from '../../journal/exchanges.js';

const matches = (pattern: Pattern, url: string, narrowing?: RequestPattern) =>
  compilePattern(pattern, narrowing, { baseURL: undefined }).matches(makeExchange({ url }));

describe('with a url beside query', () => {
  const searched = 'https://shop.test/api/search?q=x&page=2';

  test.each<[Pattern, RequestPattern?]>([
    [{ url: 'https://shop.test/api/search', query: { q: 'x' } }],
    [{ url: '**/api/search', query: { q: 'x' } }],
    [{ url: 'https://shop.test/api/*', query: { page: '2' } }],
    [{ url: 'https://shop.test/api/search' }, { query: { q: 'x' } }],
    ['https://shop.test/api/search', { query: { q: 'x' } }],
    ['GET **/search', { query: { q: 'x' } }],
    [{ url: 'https://shop.test/api/search', query: { other: null } }],
    [{ url: 'https://shop.test/api/search', query: (all) => all.q === 'x' }],
    [{ url: 'https://shop.test/api/search?q=x&page=2', query: { q: 'x' } }],
  ])('%j %j matches by path and parameters', (pattern, narrowing) => {
    expect(matches(pattern, searched, narrowing)).toBe(true);
    const { pass } = compilePattern(pattern, narrowing).verdict(makeExchange({ url: searched }));
    expect(pass).toBe(true);
  });

  test.each<[Pattern, RequestPattern?]>([
    [{ url: 'https://shop.test/api/search', query: { q: 'y' } }],
    [{ url: 'https://shop.test/api', query: { q: 'x' } }],
    [{ url: 'https://shop.test/api/search?q=x', query: { q: 'x' } }],
    // Alone, a URL is the whole of it.
    ['https://shop.test/api/search'],
    [{ url: 'https://shop.test/api/search' }],
  ])('%j %j does not match', (pattern, narrowing) => {
    expect(matches(pattern, searched, narrowing)).toBe(false);
  });

  test.each<[RegExp, string, boolean]>([
    [/\/search$/, searched, true],
    [/\/search$/, 'https://shop.test/searches?q=x', false],
    [/\/api\/.*$/, searched, true],
    [/\/search\?q=x&page=2$/, searched, true],
    [/\/search\?q=x$/, searched, false],
    [/^(?!.*page).*search$/, searched, false],
    [/\/search[?]$/, searched, false],
  ])('%s matches %s: %s', (url, asked, expected) => {
    expect(matches({ url, query: { q: 'x' } }, asked)).toBe(expected);
    expect(matches(url, asked, { query: { q: 'x' } })).toBe(expected);
  });

  test('a URL whose query excludes what is asked of it is refused', () => {
    const refused = (pattern: Pattern, narrowing?: RequestPattern) => () => compilePattern(pattern, narrowing);
    const message =
      "a URL with a query has no other parameters than it says, and 'q' is another. Write { url: 'http://h.test/s', query: { z: '1', q: 'x' } }.";
    expect(refused({ url: 'http://h.test/s?z=1', query: { q: 'x' } })).toThrow(message);
    expect(refused('http://h.test/s?z=1', { query: { q: 'x' } })).toThrow(message);
    expect(refused({ url: 'http://h.test/s?z=1', query: { z: null } })).toThrow("and 'z' is another");
    for (const url of ['http://h.test/s?z=1&q=x', 'http://h.test/s?**', 'http://h.test/s?{z=1,q=x}']) {
      expect(refused({ url, query: { q: 'x' } })).not.toThrow();
    }
    expect(refused({ url: 'http://h.test/s?z=1', query: (all) => all.z === '1' })).not.toThrow();
  });

  test('a relative URL matches with a baseURL, and is refused without, with what to write', () => {
    const pattern = { url: '/api/search', query: { q: 'x' } };
    const exchange = makeExchange({ url: searched });
    expect(compilePattern(pattern, undefined, { baseURL: 'https://shop.test/' }).matches(exchange)).toBe(true);
    expect(() => compilePattern(pattern)).toThrow(
      "it is a path, and there is no baseURL to resolve it against. Write '**/api/search' without a query, { path: '/api/search' } with any, or the whole URL.",
    );
    expect(matches({ path: '/api/search', query: { q: 'x' } }, searched)).toBe(true);
    expect(() => compilePattern('GET /api/search')).toThrow("{ method: 'GET', path: '/api/search' } with any");
  });
});

describe('for the syntax of a RegExp', () => {
  test.each([
    ['https://shop.test/api/(.*)', 'https://shop.test/api/**'],
    ['**/users/[0-9]+', '**/users/*'],
    ['**/users/([0-9]+)/posts', '**/users/*/posts'],
    ['**/users/[a-f0-9-]+/x', '**/users/*/x'],
    ['**/users/[^/]+', '**/users/*'],
    ['**/users/\\d+', '**/users/*'],
    ['**/users/(\\d+)', '**/users/*'],
    ['**/v\\d{1,2}/x', '**/v*/x'],
    ['**/users/:id(\\d+)?', '**/users/*'],
  ])('%s is refused: %s', (glob, write) => {
    const message = `it has the syntax of a RegExp, and is a glob. Write '${write}', or a RegExp.`;
    expect(() => compilePattern(glob)).toThrow(message);
    expect(() => compilePattern(write)).not.toThrow();
    const path = glob.replace(/^https:..shop.test/, '');
    expect(() => compilePattern({ path })).toThrow(
      /the syntax of a RegExp, and is a glob\. Write \{ path: '[^']*' \}, or/,
    );
  });

  // Each of them is in the URLs of some real server.
  test.each([
    ['https://shop.test/v1/things:batch', 'https://shop.test/v1/things:batch'],
    ['https://shop.test/wiki/Foo_(bar)', 'https://shop.test/wiki/Foo_(bar)'],
    ['https://shop.test/app/[slug]/page.js', 'https://shop.test/app/[slug]/page.js'],
    ['https://shop.test/app/[...slug]*', 'https://shop.test/app/[...slug].js'],
    ['https://shop.test/?ids[]=*', 'https://shop.test/?ids[]=1'],
    ['https://shop.test/:id', 'https://shop.test/:id'],
    ['https://shop.test/{cart}', 'https://shop.test/cart'],
    ['https://shop.test/.*', 'https://shop.test/.well-known'],
    ['https://shop.test/api.*', 'https://shop.test/api.json'],
    ['https://shop.test/c++/a+b', 'https://shop.test/c++/a+b'],
    ['https://shop.test/a?', 'https://shop.test/a?'],
    ['https://shop.test/\\(\\.*\\)', 'https://shop.test/(.x)'],
    ['https://shop.test/a\\\\d', 'https://shop.test/a%5Cd'],
  ])('%s is a glob, and %s is meant', (glob, url) => {
    expect(matches(glob, url)).toBe(true);
  });
});

describe('a pattern that mostly does not mean what it says', () => {
  test.each<[Pattern, string]>([
    [
      'https://shop.test/users/:id',
      "':id' stands for itself in a glob; for what varies write 'https://shop.test/users/*'",
    ],
    ['**/users/:id/posts', "':id' stands for itself in a glob; for what varies write '**/users/*/posts'"],
    ['**/users/{id}', "'{id}' stands for itself in a glob; for what varies write '**/users/*'"],
    ['**/users/[id]', "'[id]' stands for itself"],
    ['**/api/.*', "'.*' stands for itself in a glob; for what varies write '**/api/**'"],
    ['**/.+/x', "'.+' stands for itself in a glob; for what varies write '**/*/x'"],
    ['**/items/?', "'?' stands for itself in a glob; for what varies write '**/items{/,}'"],
    [{ path: '/users/:id' }, "':id' stands for itself in a glob; for what varies write '/users/*'"],
    [{ url: '**/users/:id?token=secret' }, "for what varies write '**/users/*'"],
  ])('is hinted at: %j', (pattern, hint) => {
    const compiled = compilePattern(pattern);
    expect(compiled.hints.join()).toContain(hint);
    expect(compiled.hints.join()).not.toContain('secret');
    const { fields } = compiled.verdict(makeExchange({ url: 'https://shop.test/users/7' }));
    expect(
      fields
        .flatMap(({ differences }) => differences)
        .map(({ reason }) => reason)
        .join(),
    ).toContain(hint);
  });

  test.each(['**', 'https://shop.test/**', '**/things:batch', '**/{cart,checkout}', '**/api.*', '**/a?b=c', '**/a?b'])(
    'is none where it is %s',
    (pattern) => {
      expect(compilePattern(pattern).hints).toEqual([]);
    },
  );
});
