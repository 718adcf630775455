/** A pattern that a refusal or a hint says to write is accepted, has no further hint, and matches the URL that was meant. */
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { compilePattern, type Pattern } from '../../../matchers/pattern/pattern.js';
import { makeExchange } from '../../journal/exchanges.js';

const BASE = 'https://shop.test';

/** All that a message says to write, each as the pattern that it is. */
function suggestions(message: string): Pattern[] {
  const start = Math.max(message.lastIndexOf('. Write '), message.lastIndexOf('; for what varies write '));
  const said = message.slice(message.indexOf('rite ', start) + 'rite '.length);
  const literals =
    said.match(/\{ [^{}]*(?:\{[^{}]*\}[^{}]*|'[^']*'[^{}']*)*\}|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"/g) ?? [];
  return literals.map((literal) => runInNewContext(`(${literal})`));
}

/** Hints on a pattern: why it is refused, or what may be wrong with it. */
function told(pattern: Pattern, baseURL?: string): string[] {
  try {
    return [...compilePattern(pattern, undefined, { baseURL }).hints];
  } catch (error) {
    return [(error as Error).message];
  }
}

function check(pattern: Pattern, url: string, baseURL: string | undefined, needed = true): void {
  const messages = told(pattern, baseURL);
  if (needed) expect([pattern, messages.length]).toEqual([pattern, 1]);
  for (const message of messages) {
    const written = suggestions(message);
    if (!/a RegExp, or a predicate/.test(message)) expect([message, written.length > 0]).toEqual([message, true]);
    for (const literal of written) {
      // A hint is about the key that it stands below.
      const isOfPath = typeof pattern === 'object' && 'path' in pattern && !message.startsWith('Invalid');
      const one = isOfPath ? { path: literal as string } : literal;
      // Written for what is mostly meant, beside what it may be.
      if (/for braces as they are|for the path/.test(message) && literal !== written[0]) continue;
      expect([message, one, told(one, baseURL)]).toEqual([message, one, []]);
      const compiled = compilePattern(one, undefined, { baseURL });
      // An example stands for what a glob cannot say.
      if (typeof pattern === 'string' && pattern.includes('(?!') && String(one).includes('api.pay.test')) continue;
      const method = /^Invalid pattern (?:\{ method: )?'(POST|GET)/i.exec(message)?.[1]?.toUpperCase() ?? 'GET';
      expect([message, one, url, compiled.matches(makeExchange({ url, method }))]).toEqual([message, one, url, true]);
    }
  }
}

/** Paths as written for another tool, and a path that is meant. */
const PATHS: readonly (readonly [tool: string, path: string, meant: string])[] = [
  ['express', '/users/:id', '/users/7'],
  ['express', '/users/:id/posts/:post', '/users/7/posts/8'],
  ['express', '/users/:id(\\d+)', '/users/7'],
  ['express', '/users/:id?', '/users/7'],
  ['express', '/users/:id.json', '/users/7.json'],
  ['express', '/flights/:from-:to', '/flights/LAX-SFO'],
  ['express', '/:lang(en|de)/x', '/de/x'],
  ['express', '/:lang(en|de)?/x', '/x'],
  ['express', '/:lang(en|de)?/x', '/en/x'],
  ['express', '/:lang?/x', '/en/x'],
  ['express', '/:lang?/x', '/x'],
  ['express', '/files/*splat', '/files/a/b'],
  ['path-to-regexp', '/users/:path*', '/users/a/b'],
  ['path-to-regexp', '/users/:path+', '/users/a/b'],
  ['path-to-regexp', '/a{/:b}?', '/a/b'],
  ['path-to-regexp', '/a{/:b}?', '/a'],
  ['path-to-regexp', '/a{/:b}', '/a/b'],
  ['path-to-regexp', '/users/(.*)', '/users/a/b'],
  ['path-to-regexp', '/api(/v1)?/x', '/api/v1/x'],
  ['path-to-regexp', '/api(/v1)?/x', '/api/x'],
  ['msw', '/users/:id?x=:x', '/users/7?x=1'],
  ['msw', '/search?q=:q', '/search?q=a'],
  ['cypress', '/users/+(a|b)', '/users/a'],
  ['cypress', '/users/@(a|b)', '/users/b'],
  ['cypress', '/users/?(a|b)', '/users/b'],
  ['cypress', '/users/!(me)', '/users/you'],
  ['cypress', '/users/[abc]', '/users/a'],
  ['cypress', '/users/[!abc]', '/users/x'],
  ['cypress', '/items?', '/items'],
  ['OpenAPI', '/users/{id}', '/users/7'],
  ['OpenAPI', '/users/{id}/posts', '/users/7/posts'],
  ['Spring', '/users/{id:\\d+}', '/users/7'],
  ['Next.js', '/users/[id]', '/users/7'],
  ['Next.js', '/docs/[...slug]', '/docs/a/b'],
  ['Next.js', '/docs/[[...slug]]', '/docs/a/b'],
  ['Flask', '/users/<id>', '/users/7'],
  ['Flask', '/users/<int:id>', '/users/7'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what is forgotten to be one
  ['a template', '/users/${id}', '/users/7'],
  ['nock', '/users/\\d+', '/users/7'],
  ['a RegExp', '/api/.*', '/api/a/b'],
  ['a RegExp', '/api/.+', '/api/a/b'],
  ['a RegExp', '/api/.*/x', '/api/a/x'],
  ['a RegExp', '/api/(.*)', '/api/a/b'],
  ['a RegExp', '/api/.*\\?x=1', '/api/a?x=1'],
  ['a RegExp', '/users/(?<id>\\d+)', '/users/7'],
  ['a RegExp', '/users/(?:\\d+)', '/users/7'],
  ['a RegExp', '/users/(?:a|b)', '/users/b'],
  ['a RegExp', '/users/[0-9]+', '/users/7'],
  ['a RegExp', '/users/[^/]+/x', '/users/7/x'],
  ['a RegExp', '/(a|b)', '/a'],
  ['a RegExp', '/(users|posts)/:id', '/posts/7'],
  ['a RegExp', '/users/(a|b)?', '/users/'],
  ['a RegExp', '/a|b', '/b'],
  ['a RegExp', '/users$', '/users'],
  ['a RegExp', '/users/?$', '/users'],
  ['a RegExp', '/users/?', '/users'],
  ['a RegExp', '/users/?', '/users/'],
  ['a RegExp', '/(?!api).*', '/x'],
  ['a RegExp', '/^users', '/users'],
  ['a RegExp', '^/users', '/users'],
  ['a RegExp', '^/users', '/users/7'],
  ['a RegExp', '^/users/\\d+$', '/users/7'],
  ['a RegExp', '^/items?$', '/item'],
  ['a RegExp', '/^\\/users$/', '/users'],
  ['a RegExp', '/\\/users\\/(\\d+)/i', '/users/7'],
  ['a RegExp', '.*', '/a/b'],
  ['a RegExp', '.*/users', '/a/users'],
  ['a word', 'users/:id', '/users/7'],
];

const WITH_ORIGIN = PATHS.filter(([, path]) => /^\/(?!\^|\\)/.test(path));

describe.each(PATHS)('the suggestion for %s, %s, matches %s', (_, path, meant) => {
  test('as a URL, with and without a baseURL', () => {
    check(path, BASE + meant, undefined);
    check(path, BASE + meant, BASE);
    if (path.includes(' ')) return;
    check(`POST ${path}`, BASE + meant, undefined);
    check(`post ${path}`, BASE + meant, undefined);
    check(`post ${path}`, BASE + meant, BASE);
    check({ method: 'GET', url: path }, BASE + meant, BASE);
  });

  test('as a path', () => {
    check({ path }, BASE + meant, undefined);
  });
});

test.each(WITH_ORIGIN)('the suggestion for %s, %s below an origin, matches %s', (_, path, meant) => {
  for (const origin of [BASE, 'https://*.test', 'http{s,}://shop.test', '**'])
    check(origin + path, BASE + meant, undefined);
  check(`${BASE}${path}`, BASE + meant, 'http://other.test');
  check({ url: BASE + path }, BASE + meant, undefined);
  check({ path: BASE + path }, BASE + meant, undefined);
  check({ path: `**${path}` }, BASE + meant, undefined);
});

test.each([
  // Paths of no other tool, refused as they are.
  ['/users', '/users'],
  ['/users/*', '/users/7'],
  ['/users?x=1', '/users?x=1'],
  ['/users?x=1&y=2', '/users?x=1&y=2'],
  ['users', '/users'],
  ['users/7', '/users/7'],
  ['/a b', '/a%20b'],
  ['/users#top', '/users'],
  ['#top', '/'],
  ['*/users', '/users'],
])('the suggestion for %s without a baseURL matches %s', (path, meant) => {
  check(path, BASE + meant, undefined);
  check({ path }, BASE + meant, undefined, false);
  if (!path.includes(' ')) check(`get ${path}`, BASE + meant, undefined);
});

test.each([
  ['shop.test/users/:id', 'https://shop.test/users/7'],
  ['shop.test', 'https://shop.test/'],
  ['localhost:3000/users/:id', 'http://localhost:3000/users/7'],
  ['//shop.test/users/:id', 'https://shop.test/users/7'],
  ['https://:host/users', 'https://shop.test/users'],
  ['https://{host}/users', 'https://shop.test/users'],
  ['https://shop.test:port/users', 'https://shop.test:8443/users'],
  ['https://(shop|pay).test/users', 'https://pay.test/users'],
  ['https://.*.test/users', 'https://shop.test/users'],
  ['https://.*\\.test/users', 'https://shop.test/users'],
  ['^https://shop.test/.*', 'https://shop.test/a/b'],
  ['^https?://shop\\.test/.*$', 'http://shop.test/a/b'],
  ['https?://shop.test/users', 'https://shop.test/users'],
  ['(http|https)://shop.test/users', 'https://shop.test/users'],
  ['https:\\/\\/shop\\.test\\/users', 'https://shop.test/users'],
  ['/^https?:\\/\\/shop\\.test\\/users\\/\\d+$/i', 'https://shop.test/users/7'],
  ['ftp://shop.test/:id', 'https://shop.test/7'],
  ['https://ada:pw@shop.test/:id', 'https://shop.test/7'],
  ['https://shop.test:99999/:id', 'https://shop.test/7'],
  ['https://shop.test/:id#top', 'https://shop.test/7'],
  ['https://shop.test/:id/a b', 'https://shop.test/7/a%20b'],
  ['http://shop.test/(a|b)', 'http://shop.test/b'],
])('the suggestion for the glob %s matches %s', (glob, url) => {
  check(glob, url, undefined);
  check({ url: glob }, url, undefined);
  check({ url: glob }, url, 'https://other.test', false);
});

test.each<[Pattern, string]>([
  [{ host: 'shop.test/users' }, 'https://shop.test/users'],
  [{ host: 'shop.test/users/:id' }, 'https://shop.test/users/7'],
  [{ host: 'https://shop.test/users?x=1' }, 'https://shop.test/users'],
  [{ host: 'shop.test:8443/users' }, 'https://shop.test:8443/users'],
  [{ host: 'shop.test:8443' }, 'https://shop.test:8443/users'],
  [{ host: '/users' }, 'https://shop.test/users'],
  [{ host: '//shop.test' }, 'https://shop.test/users'],
  [{ host: ':host' }, 'https://shop.test/users'],
  [{ host: '.*' }, 'https://shop.test/users'],
  [{ host: '.*\\.test' }, 'https://shop.test/users'],
  [{ host: '(shop|pay).test' }, 'https://shop.test/users'],
  [{ host: '{shop,pay}.test' }, 'https://shop.test/users'],
  [{ host: '^shop.test$' }, 'https://shop.test/users'],
  [{ host: 'shop\\.test' }, 'https://shop.test/users'],
  [{ method: 'GET|POST' }, 'https://shop.test/users'],
  [{ method: '(GET|POST)' }, 'https://shop.test/users'],
  [{ method: 'get' }, 'https://shop.test/users'],
  ['GET|POST /users/:id', 'https://shop.test/users/7'],
  ['get /users/:id', 'https://shop.test/users/7'],
  ['GET /users/:id', 'https://shop.test/users/7'],
  [{ path: '/users?x=1&y=a%20b&y=2' }, 'https://shop.test/users?x=1&y=a%20b&y=2'],
  [{ path: 'users?x=*' }, 'https://shop.test/users?x=1'],
  [{ url: 'https://shop.test/s?z=1', query: { q: 'x' } }, 'https://shop.test/s?z=1&q=x'],
  [{ url: 'https://shop.test/s?z=1&z=2&a', query: { q: /x/ } }, 'https://shop.test/s?z=1&z=2&a&q=x'],
  [{ url: 'https://shop.test/s?q=1', query: { q: 'x' } }, 'https://shop.test/s?q=x'],
])('the suggestion for the pattern %j matches %s', (pattern, url) => {
  check(pattern, url, undefined);
});

test.each<[string, string]>([
  ['(shop|pay).test', 'pay.test'],
  ['.*\\.test', 'pay.test'],
  ['https://pay.test/x', 'pay.test'],
  ['pay.test:443', 'pay.test'],
])('the suggestion for { sni: %j } matches %s', (sni, serverName) => {
  const [message = ''] = told({ sni });
  const written = suggestions(message);
  expect(written).toHaveLength(1);
  const { request } = makeExchange();
  expect(compilePattern(written[0] as Pattern).matches({ request, client: { tls: { serverName } } })).toBe(true);
});

test('an sni with the dot of the root is the name without it', () => {
  const { request } = makeExchange();
  const compiled = compilePattern({ sni: 'pay.test.' });
  expect(compiled.hints).toEqual([]);
  expect(compiled.matches({ request, client: { tls: { serverName: 'pay.test' } } })).toBe(true);
});

test('a path below no host is told of as one', () => {
  expect(told('/users/:id')).toEqual([
    "Invalid pattern '/users/:id': it is a path, and there is no baseURL to resolve it against. Write '**/users/*' without a query, { path: '/users/*' } with any, or the whole URL.",
  ]);
  expect(told({ path: '^/users' })).toEqual([
    "Invalid pattern { path: '^/users' }: it has the syntax of a RegExp, and is a glob. Write { path: '/users**' }, or a RegExp.",
  ]);
  expect(told('http://api.test/(a|b)')).toEqual([
    "'(a|b)' stands for itself in a glob; for what varies write 'http://api.test/{a,b}'",
  ]);
});
