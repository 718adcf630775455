import { describe, expect, test } from 'vitest';
import { defectiveTemplate, type LeafSource, leafTemplate, templateKey } from '../../src/tls/leaf.js';
import type { Defect, UpstreamCertificate } from '../../src/tls/upstream-certificate.js';

const DAY = 86_400_000;
const NOW = Date.parse('2026-03-04T15:16:17.890Z');

function upstream(fields: Partial<UpstreamCertificate> = {}): UpstreamCertificate {
  const validFrom = new Date('2026-01-01T00:00:00Z');
  const validTo = new Date('2026-12-31T23:59:59Z');
  return {
    commonName: undefined,
    organization: undefined,
    dnsNames: [],
    ipAddresses: [],
    validFrom,
    validTo,
    info: { subject: '', issuer: '', subjectAltName: '', validFrom, validTo, defect: undefined },
    defect: undefined,
    ...fields,
  };
}

const template = (source: Partial<LeafSource>) =>
  leafTemplate({ serverName: undefined, host: 'shop.test', upstream: undefined, now: NOW, ...source });

describe('the names of a leaf without an upstream', () => {
  test('are the name asked for', () => {
    expect(template({ serverName: 'shop.test' })).toMatchObject({
      commonName: 'shop.test',
      organization: undefined,
      dnsNames: ['shop.test'],
      ipAddresses: [],
      defect: undefined,
    });
  });

  test('are the server name first, then the host', () => {
    const { commonName, dnsNames } = template({ serverName: 'shop.test', host: 'edge.test' });
    expect([commonName, dnsNames]).toEqual(['shop.test', ['shop.test', 'edge.test']]);
  });

  test.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::1', '::1'],
    ['2001:DB8:0::1', '2001:db8::1'],
    ['fe80::1%lo', 'fe80::1'],
  ])('are the address %s', (host, address) => {
    expect(template({ host })).toMatchObject({ commonName: address, dnsNames: [], ipAddresses: [address] });
  });

  test('are a name and an address', () => {
    const { commonName, dnsNames, ipAddresses } = template({ serverName: 'shop.test', host: '10.0.0.1' });
    expect([commonName, dnsNames, ipAddresses]).toEqual(['shop.test', ['shop.test'], ['10.0.0.1']]);
  });

  test('are an address sent as server name, against RFC 6066', () => {
    expect(template({ serverName: '10.0.0.1', host: '10.0.0.1' })).toMatchObject({
      dnsNames: [],
      ipAddresses: ['10.0.0.1'],
    });
  });

  test.each([
    ['SHOP.test', 'shop.test'],
    ['shop.test.', 'shop.test'],
    ['bücher.test', 'xn--bcher-kva.test'],
    ['BÜCHER.test', 'xn--bcher-kva.test'],
    ['xn--bcher-kva.test', 'xn--bcher-kva.test'],
    ['my_service.test', 'my_service.test'],
    ['localhost', 'localhost'],
  ])('have %s become %s', (host, name) => {
    expect(template({ host }).dnsNames).toEqual([name]);
  });

  test.each([
    '',
    '.',
    'a..test',
    'a b.test',
    'a/b',
    'ü/b.test',
    'a,b.test',
    'a"b.test',
    'a:80',
    'a@b',
    `${'a'.repeat(64)}.test`,
    'a.'.repeat(130),
  ])('drop "%s"', (host) => {
    expect(template({ host, serverName: 'shop.test' })).toMatchObject({ dnsNames: ['shop.test'], ipAddresses: [] });
  });

  test('have a common name of at most 64 characters', () => {
    const fits = `${'a'.repeat(59)}.test`;
    const longer = `${'a'.repeat(60)}.test`;
    expect(template({ host: fits })).toMatchObject({ commonName: fits, dnsNames: [fits] });
    expect(template({ host: longer })).toMatchObject({ commonName: undefined, dnsNames: [longer] });
  });
});

describe('the names of a leaf with an upstream', () => {
  test('are its names, then those that are missing', () => {
    const certificate = upstream({
      commonName: 'www.shop.test',
      organization: 'Läden & Söhne',
      dnsNames: ['shop.test', '*.cdn.test', 'BÜCHER.test', 'bad name'],
      ipAddresses: ['192.0.2.1', '2001:db8::1'],
    });
    expect(template({ serverName: 'other.test', host: '127.0.0.1', upstream: certificate })).toMatchObject({
      commonName: 'www.shop.test',
      organization: 'Läden & Söhne',
      dnsNames: ['shop.test', '*.cdn.test', 'xn--bcher-kva.test', 'www.shop.test', 'other.test'],
      ipAddresses: ['192.0.2.1', '2001:db8::1', '127.0.0.1'],
    });
  });

  test('keep a common name that is no host name, and have an address become one', () => {
    expect(template({ upstream: upstream({ commonName: 'Müller GmbH' }) })).toMatchObject({
      commonName: 'Müller GmbH',
      dnsNames: ['shop.test'],
    });
    expect(template({ upstream: upstream({ commonName: '192.0.2.7' }) }).ipAddresses).toEqual(['192.0.2.7']);
  });

  test('are counted in characters, not in bytes', () => {
    const long = '𝕏'.repeat(64);
    expect(template({ upstream: upstream({ commonName: long, organization: `${long}a` }) })).toMatchObject({
      commonName: long,
      organization: undefined,
    });
  });

  test('have no common name where there is none', () => {
    expect(template({ upstream: upstream({ dnsNames: ['shop.test'] }) }).commonName).toBeUndefined();
  });

  test('are those of all hosts of a wildcard', () => {
    const certificate = upstream({ dnsNames: ['*.shop.test'] });
    const [a, b] = ['a.shop.test', 'b.shop.test'].map((host) =>
      template({ host, serverName: host, upstream: certificate }),
    );
    expect(a?.dnsNames).toEqual(['*.shop.test']);
    expect(a && b && templateKey(a) === templateKey(b)).toBe(true);
  });

  test.each([
    ['*.shop.test', 'shop.test'],
    ['*.shop.test', 'a.b.shop.test'],
    ['*.test', 'shop.test'], // no client takes it
    ['*', 'localhost'],
    ['*.0.0.1', '127.0.0.1'],
  ])('are added to where %s does not cover %s', (wildcard, host) => {
    const { dnsNames, ipAddresses } = template({ host, upstream: upstream({ dnsNames: [wildcard] }) });
    expect([...dnsNames, ...ipAddresses]).toEqual([wildcard, host]);
  });
});

describe('a defect of the upstream', () => {
  test.each<Defect>(['expired', 'not-yet-valid', 'wrong-host', 'self-signed', 'untrusted'])(
    'leaves the same names and dates, and nothing that was asked for: %s',
    (defect) => {
      const certificate = upstream({
        commonName: 'shop.test',
        dnsNames: ['other.test'],
        validFrom: new Date('2001-02-03T04:05:06Z'),
        validTo: new Date('2051-02-03T04:05:06Z'),
        defect,
      });
      expect(template({ serverName: 'shop.test', host: '127.0.0.1', upstream: certificate })).toEqual({
        commonName: 'shop.test',
        organization: undefined,
        // A name that is only in the subject is not for clients that look at the others.
        dnsNames: ['other.test'],
        ipAddresses: [],
        notBefore: certificate.validFrom,
        notAfter: certificate.validTo,
        defect,
      });
    },
  );

  test('has other dates where its own cannot be read', () => {
    const certificate = upstream({ validFrom: new Date('?'), validTo: new Date('?'), defect: 'untrusted' });
    const { notBefore, notAfter } = template({ upstream: certificate });
    expect(notBefore.getTime()).toBeLessThan(NOW);
    expect(notAfter.getTime()).toBeGreaterThan(NOW);
  });
});

describe('a defect that is asked for', () => {
  const source = { serverName: 'shop.test', host: '127.0.0.1', now: NOW };
  const sound = leafTemplate({ ...source, upstream: undefined });

  test('is sound until the day before where it is expired', () => {
    expect(defectiveTemplate(source, 'expired')).toEqual({
      ...sound,
      notBefore: new Date('2025-12-03T00:00:00.000Z'),
      notAfter: new Date('2026-03-03T00:00:00.000Z'),
      defect: 'expired',
    });
  });

  test('has no name that was asked for where it is the wrong host', () => {
    expect(defectiveTemplate(source, 'wrong-host')).toEqual({
      ...sound,
      commonName: 'wrong.host.invalid',
      dnsNames: ['wrong.host.invalid'],
      ipAddresses: [],
      defect: 'wrong-host',
    });
  });

  test('is sound but for the signature where it is self-signed', () => {
    expect(defectiveTemplate(source, 'self-signed')).toEqual({ ...sound, defect: 'self-signed' });
  });
});

describe('the validity of a leaf', () => {
  const range = (source: Partial<LeafSource>) => {
    const { notBefore, notAfter } = template(source);
    return [notBefore.toISOString(), notAfter.toISOString()];
  };

  test('is from yesterday, for less than 398 days', () => {
    expect(range({})).toEqual(['2026-03-03T00:00:00.000Z', '2026-06-02T00:00:00.000Z']);
  });

  test('is no longer than that of the upstream', () => {
    const validTo = new Date(NOW + 1000);
    expect(range({ upstream: upstream({ validTo }) })[1]).toBe(validTo.toISOString());
    expect(range({ upstream: upstream() })[1]).toBe('2026-06-02T00:00:00.000Z');
  });

  test('is its own where the dates of the upstream are forgiven', () => {
    const expired = upstream({ validTo: new Date(NOW - 1) });
    const early = upstream({ validFrom: new Date(NOW + 100 * DAY), validTo: new Date(NOW + 200 * DAY) });
    expect(range({ upstream: expired })).toEqual(range({}));
    expect(range({ upstream: early })).toEqual(range({}));
    expect(range({ upstream: upstream({ validTo: new Date('?') }) })).toEqual(range({}));
  });

  test.each([0, 1, DAY - 1, DAY, 1.5 * DAY + 0.25])('holds at any time of day (%d)', (offset) => {
    const now = Math.floor(NOW / DAY) * DAY + offset;
    const { notBefore, notAfter } = template({ now });
    expect(now - notBefore.getTime()).toBeGreaterThanOrEqual(DAY);
    expect(notAfter.getTime() - now).toBeGreaterThan(80 * DAY);
    expect(notAfter.getTime() - notBefore.getTime()).toBeLessThan(398 * DAY);
  });
});

describe('the key of a template', () => {
  const base = template({ upstream: upstream({ commonName: 'a', organization: 'b', dnsNames: ['c.test'] }) });

  test('is the same all day', () => {
    expect(templateKey(template({ now: NOW }))).toBe(templateKey(template({ now: NOW + 3_600_000 })));
    expect(templateKey(base)).toBe(templateKey({ ...base }));
  });

  test.each<[string, Partial<typeof base>]>([
    ['commonName', { commonName: undefined }],
    ['organization', { organization: 'x' }],
    ['dnsNames', { dnsNames: [...base.dnsNames, 'x.test'] }],
    ['the order of names', { dnsNames: [...base.dnsNames].reverse() }],
    ['ipAddresses', { ipAddresses: ['127.0.0.1'] }],
    ['notBefore', { notBefore: new Date(0) }],
    ['notAfter', { notAfter: new Date(NOW) }],
    ['defect', { defect: 'untrusted' }],
    ['which attribute', { commonName: 'b', organization: 'a' }],
  ])('differs by %s', (_what, change) => {
    expect(templateKey({ ...base, ...change })).not.toBe(templateKey(base));
  });
});
