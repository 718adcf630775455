/** Names in options: whatever is accepted means the same hosts in every spelling, in every one of the options. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Authority } from '../../src/net/authority.js';
import { checkHosts, hostMap } from '../../src/net/host-map.js';
import { HostPatternProblem, hostList } from '../../src/net/host-pattern.js';
import { readOrigin } from '../../src/net/origin.js';
import { checkTlsPorts, tlsPort } from '../../src/net/tls-ports.js';
import { type ProxyOptions, resolveOptions } from '../../src/options.js';
import { parseBypass } from '../../src/upstream/dial/bypass.js';
import { named, spelled, written } from './spellings.js';

/** An option's view of an authority for which it has one entry; undefined where it refuses the entry. */
const PLACES: Record<string, (entry: string) => ((authority: Authority) => boolean) | undefined> = {
  hosts: (entry) => {
    if (checkHosts({ [entry]: '127.0.0.9' }) !== undefined) return undefined;
    const map = hostMap({ [entry]: '127.0.0.9' });
    return (authority) => map(authority).host === '127.0.0.9';
  },
  tlsPassthrough: (entry) => {
    const list = accepted(() => resolveOptions({ tlsPassthrough: [entry] }))?.tlsPassthrough;
    return list && hostList(list);
  },
  'tlsPassthrough, by SNI': (entry) => {
    const list = accepted(() => resolveOptions({ tlsPassthrough: [entry] }))?.tlsPassthrough;
    const names = list && hostList(list);
    return names && (({ host, port }) => names({ host: '192.0.2.1', port }, host));
  },
  'upstreamProxy.bypass': (entry) => {
    const bypass = parseBypass(entry);
    return bypass instanceof HostPatternProblem ? undefined : bypass;
  },
  'transparent.ports': (entry) => {
    if (checkTlsPorts({ [entry]: 1 }, 'x') !== undefined) return undefined;
    return ({ host }) => tlsPort({ [entry]: 1 }, host) === 1;
  },
};

function accepted<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}

const OTHER = { host: 'other.example', port: 443 };
const isName = ({ host }: { host: string }) => !/^[\d.]+$|:/.test(host);
// The list says more of these names than their spelling: this machine goes together.
const isLoopback = ({ host }: { host: string }) => ['localhost', '127.0.0.1', '::1', 'fe80::1%eth0'].includes(host);

describe.each(Object.entries(PLACES))('in %s', (place, compile) => {
  const hosts = place === 'transparent.ports' ? spelled.filter(isName) : spelled;
  const bracketed = (name: string) => (name.includes(':') && !name.startsWith('[') ? `[${name}]` : name);

  test('a host matches itself in every spelling', () => {
    fc.assert(
      fc.property(hosts, ({ one, other }) => {
        const matches = compile(one);
        expect(matches?.({ host: other.replace(/^\[|\]$/g, ''), port: 443 })).toBe(true);
        expect(matches?.(OTHER)).toBe(false);
      }),
    );
  });

  test('* stands for what is below a name, in every spelling, and alone for all', () => {
    fc.assert(
      fc.property(named, ({ one, other }) => {
        const matches = compile(`*.${one}`);
        expect(matches?.({ host: `www.${other}`, port: 443 })).toBe(true);
        expect(matches?.({ host: `a.b.${other}`, port: 443 })).toBe(true);
        expect(matches?.({ host: other, port: 443 })).toBe(false);
        expect(matches?.(OTHER)).toBe(false);
        expect(compile('*')?.({ host: other, port: 443 })).toBe(true);
      }),
    );
  });

  if (place !== 'transparent.ports') {
    test('a host with a port means that port alone', () => {
      fc.assert(
        fc.property(
          hosts.filter((host) => place !== 'upstreamProxy.bypass' || !isLoopback(host)),
          fc.integer({ min: 1, max: 65_535 }),
          ({ one, other }, port) => {
            const host = other.replace(/^\[|\]$/g, '');
            const matches = compile(`${bracketed(one)}:${port}`);
            expect(matches?.({ host, port })).toBe(true);
            expect(matches?.({ host, port: (port % 65_535) + 1 })).toBe(false);
          },
        ),
      );
    });
  }

  test('an entry that is refused can be written as it says', () => {
    let refused = 0;
    fc.assert(
      fc.property(
        written.filter((text) => !/[,;<]/.test(text) && text.trim() !== ''),
        (text) => {
          if (compile(text) !== undefined) return;
          refused += 1;
          const error = refusalOf(place, text);
          const write = /'([^']*)' for what|(?:tlsPassthrough: \[|ports: \{ |hosts: \{ )'([^']*)'/.exec(error);
          expect([text, error, compile(write?.[1] ?? write?.[2] ?? '[')]).toEqual([text, error, expect.any(Function)]);
          expect(error).not.toContain('secret');
        },
      ),
      { numRuns: 1000 },
    );
    expect(refused).toBeGreaterThan(200);
  });
});

/** The refusal of such an entry. */
function refusalOf(place: string, entry: string): string {
  const options: Record<string, ProxyOptions> = {
    hosts: { hosts: { [entry]: '127.0.0.1' } },
    tlsPassthrough: { tlsPassthrough: [entry] },
    'tlsPassthrough, by SNI': { tlsPassthrough: [entry] },
    'upstreamProxy.bypass': { upstreamProxy: { server: 'proxy.test', bypass: entry } },
    'transparent.ports': { transparent: { by: 'name', ports: { [entry]: 8443 } } },
  };
  try {
    resolveOptions(options[place]);
  } catch (error) {
    return (error as Error).message.split('. Write ').at(-1) ?? '';
  }
  return '';
}

describe('in clientCertificates.origin', () => {
  test('an origin is the same in every spelling, its default port left out or not', () => {
    fc.assert(
      fc.property(
        spelled,
        fc.constantFrom('https', 'HTTPS', 'http', 'Http'),
        fc.constantFrom('', '/'),
        ({ host, one }, scheme, end) => {
          const name = one.includes(':') ? `[${one.replace(/^\[|\]$/g, '')}]` : one;
          const port = scheme.toLowerCase() === 'https' ? 443 : 80;
          const origin = { scheme: scheme.toLowerCase(), host, port };
          expect(readOrigin(`${scheme}://${name}${end}`)).toEqual(origin);
          expect(readOrigin(`${scheme}://${name}:${port}${end}`)).toEqual(origin);
          expect(readOrigin(`${scheme}://${name}:8443${end}`)).toEqual({ ...origin, port: 8443 });
        },
      ),
    );
  });
});

describe('among several entries', () => {
  const hosts = {
    '*': '127.0.0.1',
    '*:8443': '127.0.0.2',
    '*.test': '127.0.0.3',
    '*.shop.test': '127.0.0.4:1',
    'shop.test': '127.0.0.5',
    'SHOP.test.:8443': '[::2]:2',
    'api.*': '127.0.0.6',
    'münchen.test': 'localhost',
  };
  test.each([
    ['other.example', 443, '127.0.0.1', 443],
    ['other.example', 8443, '127.0.0.2', 8443],
    ['10.1.2.3', 443, '127.0.0.1', 443],
    ['::1', 8443, '127.0.0.2', 8443],
    ['a.test', 8443, '127.0.0.3', 8443],
    ['a.shop.test', 443, '127.0.0.4', 1],
    ['shop.test.', 443, '127.0.0.5', 443],
    ['Shop.test', 8443, '::2', 2],
    ['api.example', 443, '127.0.0.6', 443],
    ['xn--mnchen-3ya.test.', 443, 'localhost', 443],
  ])('the most specific one says where %s:%i goes', (host, port, ...target) => {
    expect(checkHosts(hosts)).toBeUndefined();
    expect(Object.values(hostMap(hosts)({ host, port }))).toEqual(target);
  });

  test('two for the same host with different addresses are refused', () => {
    const twice = { 'API.test': '127.0.0.1', 'api.test.': '127.0.0.2' };
    expect(() => resolveOptions({ hosts: twice })).toThrow(/'API.test' and 'api.test.' are the same host/);
    expect(checkHosts({ ...twice, 'api.test.': '127.0.0.1' })).toBeUndefined();
  });

  test.each([
    ['http://127.0.0.1:8080', "'127.0.0.1:8080' }: the name of a host has no scheme"],
    [':8080', "'shop.test:8080' }: it has no name"],
    ['*', "'shop.test' }: one host is meant"],
  ])('the address %s is refused', (address, message) => {
    expect(() => resolveOptions({ hosts: { 'a.test': address } })).toThrow(message);
  });
});
