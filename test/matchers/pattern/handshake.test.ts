import { describe, expect, test } from 'vitest';
import { compilePattern, type Pattern } from '../../../matchers/pattern/pattern.js';
import { parseAuthority } from '../../../src/net/authority.js';

function handshake(authority: string, serverName?: string) {
  const { host, port } = parseAuthority(authority) ?? { host: '', port: 0 };
  return { host, port, serverName };
}

describe('for a handshake', () => {
  test.each<[Pattern, string, string | undefined, boolean]>([
    ['**', 'api.pay.test:443', undefined, true],
    ['https://api.pay.test/**', 'api.pay.test:443', 'api.pay.test', true],
    ['https://api.pay.test/**', 'api.pay.test:8443', 'api.pay.test', false],
    ['https://api.pay.test:8443/**', 'api.pay.test:8443', 'api.pay.test', true],
    ['https://*.pay.test/**', 'api.pay.test:443', undefined, true],
    ['https://*.pay.test/**', 'shop.test:443', undefined, false],
    ['http{s,}://api.pay.test/**', 'api.pay.test:443', undefined, true],
    ['*://api.pay.test/**', 'api.pay.test:443', undefined, true],
    ['*://api.pay.test/**', 'api.pay.test:80', undefined, false],
    [{ host: 'api.pay.test' }, 'api.pay.test:8443', undefined, true],
    [{ host: ['a.test', 'b.test'] }, 'b.test:443', undefined, true],
    [{ host: 'api.pay.test' }, '127.0.0.1:443', 'api.pay.test', true],
    [{ host: '127.0.0.1' }, '127.0.0.1:443', 'api.pay.test', true],
    [{ host: 'api.pay.test' }, 'shop.test:443', 'api.pay.test', false],
    [{ host: (host) => host.endsWith('.test') }, 'api.pay.test:443', undefined, true],
    [{ host: 'api.pay.test', port: 8443 }, 'api.pay.test:443', undefined, false],
    [{ sni: '*.pay.test' }, '127.0.0.1:443', 'api.pay.test', true],
    [{ sni: null }, '127.0.0.1:443', undefined, true],
    [{ sni: null }, '127.0.0.1:443', 'api.pay.test', false],
    [{ protocol: 'https' }, 'api.pay.test:443', undefined, true],
    [{ protocol: ['https', 'h2'], port: 444 }, 'api.pay.test:443', undefined, false],
    [{ port: [443, 8443] }, 'api.pay.test:443', undefined, true],
  ])('%s matches %s (%s): %s', (pattern, authority, serverName, matches) => {
    const compiled = compilePattern(pattern);
    expect(compiled.beyondAuthority).toEqual([]);
    expect(compiled.matchesAuthority(handshake(authority, serverName))).toBe(matches);
  });
});

describe('a pattern needs a request', () => {
  test.each<[Pattern, string[]]>([
    ['POST https://api.pay.test/**', ['method']],
    ['https://api.pay.test/v1/**', ['url']],
    ['https://api.pay.test/', ['url']],
    ['https://api.pay.test/*', ['url']],
    ['http://api.pay.test/**', ['url']],
    ['wss://api.pay.test/**', ['url']],
    ['**/cart', ['url']],
    [/pay/, ['url']],
    [{ protocol: 'h2' }, ['protocol']],
    [{ protocol: 'http' }, ['protocol']],
    [{ protocol: 'wss', sni: 'a.test' }, ['protocol']],
    [() => true, ['predicate']],
    [{ url: () => true }, ['url']],
    [{ host: 'api.pay.test', path: '/v1', query: { a: 'b' }, json: {} }, ['path', 'query', 'json']],
    [
      { method: 'GET', headers: { a: 'b' }, cookies: { a: 'b' }, websocket: false },
      ['method', 'headers', 'cookies', 'websocket'],
    ],
  ])('where %s says %j', (pattern, beyond) => {
    const compiled = compilePattern(pattern);
    expect(compiled.beyondAuthority).toEqual(beyond);
    expect(compiled.matchesAuthority(handshake('api.pay.test:443', 'api.pay.test'))).toBe(false);
  });
});
