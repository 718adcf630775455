import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tls from 'node:tls';
import { describe, expect, test } from 'vitest';
import {
  buildCertificate,
  type CertificateContent,
  certificatePem,
  type DistinguishedName,
  type Issuer,
} from '../../src/tls/certificate.js';
import { CertificateAuthority } from '../../src/tls/certificate-authority.js';
import { leafTemplate } from '../../src/tls/leaf.js';
import { createSigningKey } from '../../src/tls/signing-key.js';
import { type Defect, readUpstreamCertificate } from '../../src/tls/upstream-certificate.js';
import { requireTool, run } from '../tools.js';
import { handshake, nodeVerdict, serve } from './handshakes.js';

const DAY = 86_400_000;
const now = Date.now();
const day = (offset: number) => new Date(Math.floor(now / 1000) * 1000 + offset * DAY);
const valid = { notBefore: day(-10), notAfter: day(10) };
const expired = { notBefore: day(-20), notAfter: day(-10) };
const early = { notBefore: day(10), notAfter: day(20) };

/** An issuer and its certificate, signed by another one or by itself. */
function issuer(commonName: string, above?: Issuer, dates = valid): Issuer & { pem: string } {
  const own: Issuer = { name: { commonName }, key: createSigningKey() };
  const content: CertificateContent = { subject: own.name, key: own.key, ...dates, use: 'authority' };
  return { ...own, pem: certificatePem(buildCertificate(content, above ?? own)) };
}

const root = issuer('Root');
const stranger = issuer('Stranger');
const oldIssuer = issuer('Old', stranger, expired);
const key = createSigningKey();

interface Origin {
  subject?: DistinguishedName;
  dates?: typeof valid;
  dnsNames?: string[];
  ipAddresses?: string[];
  /** Undefined: itself. */
  by?: Issuer | undefined;
  chain?: string;
}

function originContext(origin: Origin): tls.SecureContext {
  const { subject = { commonName: 'shop.test', organization: 'Shop' }, dates = valid } = origin;
  const use = { dnsNames: origin.dnsNames ?? ['shop.test', '*.shop.test'], ipAddresses: origin.ipAddresses ?? [] };
  const by = 'by' in origin ? (origin.by ?? { name: subject, key }) : root;
  const pem = certificatePem(buildCertificate({ subject, key, ...dates, use }, by)) + (origin.chain ?? '');
  return tls.createSecureContext({ key: key.pem, cert: pem });
}

/** Reads the certificate as the proxy does: nothing is refused, the name is checked afterwards. */
function readFrom(port: number, ca: string | string[], name: string) {
  const options = { ca, servername: name, rejectUnauthorized: false, checkServerIdentity: () => undefined };
  return handshake(port, options, (socket) => readUpstreamCertificate(socket, name));
}

describe('a sound certificate', () => {
  test('is read', async () => {
    const ipAddresses = ['127.0.0.1', '2001:db8::1'];
    await using server = await serve(originContext({ ipAddresses }));
    expect(await readFrom(server.port, root.pem, 'shop.test')).toEqual({
      subject: expect.stringMatching(/Shop.*shop\.test$/s),
      commonNames: ['shop.test'],
      commonName: 'shop.test',
      organization: 'Shop',
      dnsNames: ['shop.test', '*.shop.test'],
      ipAddresses,
      validFrom: valid.notBefore,
      validTo: valid.notAfter,
      defect: undefined,
      info: {
        subject: 'O=Shop, CN=shop.test',
        issuer: 'CN=Root',
        subjectAltName: 'DNS:shop.test, DNS:*.shop.test, IP Address:127.0.0.1, IP Address:2001:DB8:0:0:0:0:0:1',
        validFrom: valid.notBefore,
        validTo: valid.notAfter,
        defect: undefined,
      },
    });
  });

  test('that comes again is judged again, and has dates of its own', async () => {
    await using server = await serve(originContext({}));
    const first = await readFrom(server.port, root.pem, 'shop.test');
    first?.info.validFrom.setFullYear(1970);
    first?.validTo.setFullYear(1970);
    expect(await readFrom(server.port, root.pem, 'shop.test')).toMatchObject({
      validFrom: valid.notBefore,
      validTo: valid.notAfter,
      info: { validFrom: valid.notBefore, validTo: valid.notAfter },
      defect: undefined,
    });
    expect(await readFrom(server.port, root.pem, 'other.test')).toMatchObject({ defect: 'wrong-host' });
    expect(await readFrom(server.port, stranger.pem, 'shop.test')).toMatchObject({ defect: 'untrusted' });
  });

  test('keeps names with commas and quotes as they are', async () => {
    const dnsNames = ['shop.test', 'a, DNS:evil.test', 'q"uote', 'IP Address:1.2.3.4'];
    await using server = await serve(originContext({ dnsNames }));
    expect(await readFrom(server.port, root.pem, 'shop.test')).toMatchObject({
      dnsNames,
      ipAddresses: [],
      defect: undefined,
    });
    expect(await readFrom(server.port, root.pem, 'evil.test')).toMatchObject({ dnsNames, defect: 'wrong-host' });
  });

  test('has UTF-8 in its subject', async () => {
    await using server = await serve(
      originContext({ subject: { commonName: 'Bücher 𝕏', organization: 'Läden, "AG"' } }),
    );
    expect(await readFrom(server.port, root.pem, 'shop.test')).toMatchObject({
      commonName: 'Bücher 𝕏',
      organization: 'Läden, "AG"',
    });
  });

  /** Signed by itself, without alternative names. */
  async function certificateOf(subject: string): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'waylay-upstream-'));
    try {
      const keyFile = join(folder, 'key.pem');
      await writeFile(keyFile, key.pem);
      return (await run('openssl', ['req', '-x509', '-key', keyFile, '-subj', subject])).stdout;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  test('may have attributes that occur several times', async (ctx) => {
    requireTool(ctx, 'openssl');
    const cert = await certificateOf('/OU=one/OU=two/CN=shop.test');
    await using server = await serve(tls.createSecureContext({ key: key.pem, cert }));
    const certificate = await readFrom(server.port, root.pem, 'shop.test');
    expect(certificate).toMatchObject({ defect: 'self-signed', info: { subject: 'OU=one, OU=two, CN=shop.test' } });
  });

  test('has each of its common names count where it has no alternative names', async (ctx) => {
    requireTool(ctx, 'openssl');
    const cert = await certificateOf('/CN=shop.test/CN=other.test+OU=one');
    await using server = await serve(tls.createSecureContext({ key: key.pem, cert }));
    expect((await readFrom(server.port, cert, 'shop.test'))?.info).toMatchObject({
      subject: expect.stringContaining('CN=shop.test, '),
      defect: undefined,
    });
    expect((await readFrom(server.port, cert, 'other.test'))?.defect).toBeUndefined();
    expect((await readFrom(server.port, cert, 'third.test'))?.defect).toBe('wrong-host');
  });

  test('is judged by its name, not by what Node made of another one', async () => {
    await using server = await serve(originContext({ ipAddresses: ['10.0.0.1'] }));
    const read = (servername: string, name?: string) =>
      handshake(server.port, { ca: root.pem, servername, rejectUnauthorized: false }, (socket) => {
        return readUpstreamCertificate(socket, name)?.defect;
      });
    expect(await read('other.test')).toBe('wrong-host');
    expect(await read('other.test', 'shop.test')).toBeUndefined();
    expect(await read('shop.test')).toBeUndefined();
    expect(await read('shop.test', 'other.test')).toBe('wrong-host');
    expect(await read('shop.test', '10.0.0.1')).toBeUndefined();
    expect(await read('shop.test', '10.0.0.2')).toBe('wrong-host');
  });

  test('is not shown again in a resumed session', async () => {
    await using server = await serve(originContext({}));
    const options = { ca: root.pem, servername: 'shop.test' };
    const session = await handshake(server.port, options, async (socket) => (await once(socket, 'session'))[0]);
    await handshake(server.port, { ...options, session }, (socket) => {
      expect(socket.isSessionReused()).toBe(true);
      expect(readUpstreamCertificate(socket, 'shop.test')).toBeUndefined();
    });
  });

  test.each(['Läden, "AG"', ' #1 ', 'a+b\\c;<d>=e', 'Bücher 𝕏'])(
    'has its names as they are: %s',
    async (organization) => {
      await using server = await serve(originContext({ subject: { organization, commonName: 'shop.test' } }));
      const certificate = await readFrom(server.port, root.pem, 'shop.test');
      expect(certificate).toMatchObject({ organization, info: { subject: `O=${organization}, CN=shop.test` } });
    },
  );

  test('is undefined where there is none at all', async () => {
    const ciphers = 'ADH-AES128-GCM-SHA256:@SECLEVEL=0';
    const context = tls.createSecureContext({ ciphers, dhparam: 'auto', maxVersion: 'TLSv1.2' });
    await using server = await serve(context);
    const options = {
      ciphers,
      maxVersion: 'TLSv1.2',
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    } as const;
    expect(
      await handshake(server.port, options, (socket) => readUpstreamCertificate(socket, 'shop.test')),
    ).toBeUndefined();
  });
});

const self = { by: undefined };
const broken: [what: string, origin: Origin, defect: Defect, code: string, words: RegExp][] = [
  ['expired', { dates: expired }, 'expired', 'CERT_HAS_EXPIRED', /^expired on \d{4}-\S+Z \(CERT_HAS_EXPIRED\)$/],
  ['not yet valid', { dates: early }, 'not-yet-valid', 'CERT_NOT_YET_VALID', /^not valid before \S+Z \(CERT_NOT/],
  [
    'for another host',
    { dnsNames: ['other.test'] },
    'wrong-host',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    /^not for shop.test, but for other.test \(/,
  ],
  [
    'for its subject only',
    { subject: { commonName: 'other.test' }, dnsNames: [] },
    'wrong-host',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    /but for other.test/,
  ],
  ['for nobody', { subject: {}, dnsNames: [] }, 'wrong-host', 'ERR_TLS_CERT_ALTNAME_INVALID', /but for no name/],
  [
    'for another host but for its subject',
    { dnsNames: ['other.test'], subject: { commonName: 'shop.test' } },
    'wrong-host',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    /but for other.test/,
  ],
  ['self-signed', self, 'self-signed', 'DEPTH_ZERO_SELF_SIGNED_CERT', /^self-signed \(DEPTH/],
  [
    'self-signed and expired',
    { ...self, dates: expired },
    'self-signed',
    'CERT_HAS_EXPIRED',
    /^self-signed, expired on .* \(CERT_HAS/,
  ],
  [
    'self-signed and early',
    { ...self, dates: early },
    'self-signed',
    'CERT_NOT_YET_VALID',
    /^self-signed, not valid before/,
  ],
  [
    'of an unknown issuer',
    { by: stranger },
    'untrusted',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    /^not issued by a trusted authority \(UNABLE/,
  ],
  ['expired, of an unknown issuer', { by: stranger, dates: expired }, 'expired', 'CERT_HAS_EXPIRED', /^expired on/],
  [
    'expired, and for another host',
    { dates: expired, dnsNames: ['other.test'] },
    'expired',
    'CERT_HAS_EXPIRED',
    /^expired on/,
  ],
];

describe('a certificate that is', () => {
  const authority = CertificateAuthority.create(now);
  /** The defect in a leaf that mirrors the origin's certificate, as Node reports it to who trusts the authority. */
  async function mirrored(port: number, ca: string | string[]): Promise<string> {
    const upstream = await readFrom(port, ca, 'shop.test');
    const template = leafTemplate({ serverName: 'shop.test', host: '127.0.0.1', upstream, now });
    await using proxy = await serve(authority.leaf(template).context);
    return await nodeVerdict(proxy.port, authority.pem, 'shop.test');
  }

  test.for(broken)('%s has its defect named, and its leaf has the same', async ([, origin, defect, code, words]) => {
    await using server = await serve(originContext(origin));
    const certificate = await readFrom(server.port, root.pem, 'shop.test');
    expect(certificate?.defect).toBe(defect);
    expect(certificate?.info.defect).toMatch(words);
    expect(await nodeVerdict(server.port, root.pem, 'shop.test')).toBe(code);
    expect(await mirrored(server.port, root.pem)).toBe(code);
  });

  test('sound has a sound leaf', async () => {
    await using server = await serve(originContext({}));
    expect(await mirrored(server.port, root.pem)).toBe('ok');
  });

  test('self-signed, trusted, and for another host is only that', async () => {
    const name = { commonName: 'Own' };
    const use = { dnsNames: ['other.test'], ipAddresses: [] };
    const pem = certificatePem(buildCertificate({ subject: name, key, ...valid, use }, { name, key }));
    await using server = await serve(tls.createSecureContext({ key: key.pem, cert: pem }));
    expect(await readFrom(server.port, pem, 'shop.test')).toMatchObject({ defect: 'wrong-host' });
    expect(await readFrom(server.port, pem, 'other.test')).toMatchObject({ defect: undefined });
    expect(await mirrored(server.port, pem)).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  test('sent with an unknown root is untrusted', async () => {
    await using server = await serve(originContext({ by: stranger, chain: stranger.pem }));
    const certificate = await readFrom(server.port, root.pem, 'shop.test');
    expect(certificate).toMatchObject({ defect: 'untrusted', info: { defect: expect.stringContaining('IN_CHAIN') } });
    expect(await mirrored(server.port, root.pem)).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  });

  // Its own dates are fine: a leaf with the same dates from the trusted authority would pass for sound.
  test('of an issuer that has expired is untrusted', async () => {
    await using server = await serve(originContext({ by: oldIssuer, chain: oldIssuer.pem }));
    expect(await nodeVerdict(server.port, stranger.pem, 'shop.test')).toBe('CERT_HAS_EXPIRED');
    const certificate = await readFrom(server.port, stranger.pem, 'shop.test');
    expect(certificate).toMatchObject({
      defect: 'untrusted',
      info: { defect: expect.stringContaining('CERT_HAS_EXPIRED') },
    });
    expect(await mirrored(server.port, stranger.pem)).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  });

  test('forgiven has a sound leaf for what was asked', async () => {
    await using server = await serve(originContext({ ...self, dates: expired, dnsNames: ['other.test'] }));
    const certificate = await readFrom(server.port, root.pem, 'shop.test');
    const upstream = certificate && { ...certificate, defect: undefined };
    const template = leafTemplate({ serverName: 'shop.test', host: '127.0.0.1', upstream, now });
    await using proxy = await serve(authority.leaf(template).context);
    expect(await nodeVerdict(proxy.port, authority.pem, 'shop.test')).toBe('ok');
    expect(await nodeVerdict(proxy.port, authority.pem, '127.0.0.1')).toBe('ok');
  });
});
