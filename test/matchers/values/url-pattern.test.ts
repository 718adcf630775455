import { URLPattern as Polyfill } from 'urlpattern-polyfill/urlpattern';
import { describe, expect, test } from 'vitest';
import { compilePattern, type Pattern } from '../../../matchers/pattern/pattern.js';
import type { UrlPatternLike } from '../../../matchers/values/url-pattern.js';
import { exchange } from '../wire.js';

type Class = new (init: string | Record<string, string>) => UrlPatternLike;

// Node has its own from 23.8 on.
const native = (globalThis as { URLPattern?: Class }).URLPattern;
const classes: [string, Class][] = [['urlpattern-polyfill', Polyfill as Class]];
if (native !== undefined) classes.push(['Node’s own', native]);

describe.each(classes)('with %s', (_, URLPattern) => {
  test.each<[string | Record<string, string>, string, boolean]>([
    ['https://*.pay.test/v1/:resource', 'https://api.pay.test/v1/charges', true],
    ['https://*.pay.test/v1/:resource', 'https://api.pay.test/v1/charges?expand=card', true],
    ['https://*.pay.test/v1/:resource', 'https://api.pay.test/v1/charges/1', false],
    ['https://*.pay.test/v1/:resource', 'https://api.pay.test:8443/v1/charges', false],
    ['http{s}?://shop.test/*', 'http://shop.test/a', true],
    [{ hostname: 'shop.test' }, 'https://shop.test:8443/a', true],
    [{ search: 'page=:n(\\d+)' }, 'https://shop.test/?page=2', true],
    [{ search: 'page=:n(\\d+)' }, 'https://shop.test/?page=x', false],
  ])('%o matches %s: %s', (init, url, matches) => {
    for (const pattern of [new URLPattern(init), { url: new URLPattern(init) }] as Pattern[]) {
      expect(compilePattern(pattern).matches(exchange({ url }))).toBe(matches);
      expect(compilePattern(pattern).verdict(exchange({ url })).pass).toBe(matches);
    }
  });

  test('a WebSocket’s URL has two spellings', () => {
    const live = exchange({ url: 'https://live.test/stock', websocket: true });
    expect(compilePattern(new URLPattern('wss://live.test/*')).matches(live)).toBe(true);
    expect(compilePattern(new URLPattern('https://live.test/*')).matches(live)).toBe(true);
    expect(
      compilePattern(new URLPattern('wss://live.test/*')).matches(exchange({ url: 'https://live.test/stock' })),
    ).toBe(false);
  });

  test('a pattern is shown as it reads, with the component that failed', () => {
    const pattern = compilePattern(new URLPattern('https://*.pay.test/v1/:resource'), { method: 'POST' });
    expect(String(pattern)).toBe(`URLPattern(https://*.pay.test/v1/:resource) { method: 'POST' }`);
    const verdict = pattern.verdict(exchange({ method: 'POST', url: 'https://api.pay.test:8443/v2/charges' }));
    expect(verdict.fields.find(({ field }) => field === 'url')).toMatchObject({
      expected: { text: 'URLPattern(https://*.pay.test/v1/:resource)' },
      differences: [
        { path: ['port'], expected: '', actual: '8443' },
        { path: ['pathname'], expected: '/v1/:resource', actual: '/v2/charges' },
      ],
    });
  });

  test.each<[string | Record<string, string>, string, number, boolean]>([
    ['https://*.pay.test/v1/*', 'api.pay.test', 443, true],
    ['https://*.pay.test/v1/*', 'api.pay.test', 8443, false],
    ['https://*.pay.test/v1/*', 'shop.test', 443, false],
    ['https://a.test:8443/*', 'a.test', 8443, true],
    ['wss://a.test/*', 'a.test', 443, true],
    [{ pathname: '/v1/*' }, 'shop.test', 8443, true],
    [{ hostname: '{a,b}.test' }, 'c.test', 443, false],
    [{ hostname: '*' }, '::1', 443, true],
  ])('%o may match at %s:%i: %s', (init, host, port, may) => {
    expect(compilePattern(new URLPattern(init)).mayMatch({ host, port })).toBe(may);
  });

  test.each<[string | Record<string, string>, string, boolean]>([
    ['https://*.pay.test:8443/v1/*', 'api.pay.test', true],
    ['https://*.pay.test:8443/v1/*', 'shop.test', false],
    [{ port: '8443' }, 'shop.test', true],
    [{ protocol: 'ftp', hostname: 'a.test' }, 'a.test', false],
  ])('%o may match at %s, whatever the port: %s', (init, host, may) => {
    expect(compilePattern(new URLPattern(init)).mayMatch({ host })).toBe(may);
  });

  test('a pattern whose path is open can be answered by a handshake', () => {
    const open = compilePattern(new URLPattern('https://*.pay.test/*'));
    expect(open.beyondAuthority).toEqual([]);
    expect(open.matchesAuthority({ host: 'api.pay.test', port: 443, serverName: undefined })).toBe(true);
    expect(open.matchesAuthority({ host: 'shop.test', port: 443, serverName: undefined })).toBe(false);
    expect(compilePattern(new URLPattern('https://*.pay.test/v1/*')).beyondAuthority).toEqual(['url']);
    expect(compilePattern(new URLPattern('http://*.pay.test/*')).beyondAuthority).toEqual(['url']);
  });

  test('a pattern with a fragment is refused', () => {
    expect(() => compilePattern(new URLPattern('https://shop.test/a#b'))).toThrow(
      'what follows # is never sent over the wire',
    );
  });
});
