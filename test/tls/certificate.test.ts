import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { buildCertificate, type CertificateContent, certificatePem } from '../../src/tls/certificate.js';
import { createSigningKey } from '../../src/tls/signing-key.js';
import { requireTool, run } from '../tools.js';

const issuer = { name: { commonName: 'Issuer', organization: 'Waylay' }, key: createSigningKey() };
const key = createSigningKey();

const content: CertificateContent = {
  subject: { commonName: 'shop.test' },
  key,
  notBefore: new Date('2020-01-01T00:00:00Z'),
  notAfter: new Date('2040-01-01T00:00:00Z'),
  use: { dnsNames: ['shop.test'], ipAddresses: [] },
};

const build = (fields: Partial<CertificateContent> = {}) =>
  certificatePem(buildCertificate({ ...content, ...fields }, issuer));

/** The certificate as openssl prints it. */
const text = async (pem: string) =>
  (await run('openssl', ['x509', '-noout', '-text', '-nameopt', 'show_type,sep_comma_plus_space'], { input: pem }))
    .stdout;

describe('a certificate', () => {
  test('is signed by its issuer', () => {
    const certificate = new X509Certificate(build());
    expect(certificate.issuer).toBe('O=Waylay\nCN=Issuer');
    expect(certificate.subject).toBe('CN=shop.test');
    const issuing = new X509Certificate(build({ subject: issuer.name, key: issuer.key, use: 'authority' }));
    expect(certificate.checkIssued(issuing)).toBe(true);
    expect(certificate.verify(issuing.publicKey)).toBe(true);
    expect(issuing.verify(issuing.publicKey)).toBe(true);
  });

  test('has a positive random serial number of 16 octets', () => {
    const serials = Array.from({ length: 50 }, () => new X509Certificate(build()).serialNumber);
    expect(new Set(serials).size).toBe(50);
    for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9A-F]{31}$/);
  });

  test('is read by openssl as that of a server', async (ctx) => {
    requireTool(ctx, 'openssl');
    const names = { dnsNames: ['shop.test', '*.shop.test'], ipAddresses: ['127.0.0.1', '::1'] };
    const printed = await text(build({ use: names, subject: { commonName: 'Bücher', organization: 'Läden' } }));
    expect(printed).toContain('Version: 3 (0x2)');
    expect(printed.match(/Signature Algorithm: ecdsa-with-SHA256/g)).toHaveLength(2);
    expect(printed).toContain('NIST CURVE: P-256');
    expect(printed).toContain('Issuer: O=UTF8STRING:Waylay, CN=UTF8STRING:Issuer');
    expect(printed).toMatch(/Subject: O=UTF8STRING:L\S+den, CN=UTF8STRING:B\S+cher\n/);
    expect(printed).toMatch(/Basic Constraints: critical\s+CA:FALSE/);
    expect(printed).toMatch(/X509v3 Key Usage: critical\s+Digital Signature\n/);
    expect(printed).toMatch(/Extended Key Usage: *\n\s+TLS Web Server Authentication\n/);
    expect(printed).toMatch(/Subject Key Identifier: *\n\s+/);
    expect(printed).toContain(colons(key.keyId));
    expect(printed).toMatch(/Authority Key Identifier: *\n\s+/);
    expect(printed).toContain(colons(issuer.key.keyId));
    expect(printed).toMatch(
      /Alternative Name: *\n\s+DNS:shop\.test, DNS:\*\.shop\.test, IP Address:127\.0\.0\.1, IP Address:0:0:0:0:0:0:0:1\n/,
    );
  });

  test('is read by openssl as that of an authority', async (ctx) => {
    requireTool(ctx, 'openssl');
    const printed = await text(build({ use: 'authority' }));
    expect(printed).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:0\n/);
    expect(printed).toMatch(/X509v3 Key Usage: critical\s+Certificate Sign, CRL Sign\n/);
    expect(printed).not.toMatch(/Extended Key Usage|Alternative Name/);
  });

  test('has critical alternative names exactly where it has no subject', async (ctx) => {
    requireTool(ctx, 'openssl');
    expect(await text(build())).toMatch(/Alternative Name: *\n/);
    expect(await text(build({ subject: { organization: 'Läden' } }))).toMatch(/Alternative Name: *\n/);
    expect(await text(build({ subject: {} }))).toMatch(/Alternative Name: critical *\n/);
  });

  test('leaves the alternative names out where there are none', async (ctx) => {
    requireTool(ctx, 'openssl');
    expect(await text(build({ use: { dnsNames: [], ipAddresses: [] } }))).not.toMatch(/Alternative Name/);
  });

  // RFC 5280, section 4.1.2.5.
  test.for([
    ['1949-12-31T23:59:59Z', 'GENERALIZEDTIME:19491231235959Z'],
    ['1950-01-01T00:00:00Z', 'UTCTIME:500101000000Z'],
    ['2026-03-04T05:06:07.999Z', 'UTCTIME:260304050607Z'],
    ['2049-12-31T23:59:59Z', 'UTCTIME:491231235959Z'],
    ['2050-01-01T00:00:00Z', 'GENERALIZEDTIME:20500101000000Z'],
    ['9999-12-31T23:59:59Z', 'GENERALIZEDTIME:99991231235959Z'],
    ['+010000-01-01T00:00:00Z', 'GENERALIZEDTIME:99991231235959Z'],
  ] as const)('writes %s as %s', async ([date, written], ctx) => {
    requireTool(ctx, 'openssl');
    const { stdout } = await run('openssl', ['asn1parse'], { input: build({ notAfter: new Date(date) }) });
    expect(stdout.replace(/TIME +:/g, 'TIME:')).toContain(written);
  });
});

function colons(bytes: Buffer): string {
  return bytes
    .toString('hex')
    .toUpperCase()
    .replace(/..(?!$)/g, '$&:');
}
