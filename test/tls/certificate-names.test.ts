import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildCertificate, type CertificateContent } from '../../src/tls/certificate.js';
import { readCertificateNames } from '../../src/tls/certificate-names.js';
import { createSigningKey } from '../../src/tls/signing-key.js';
import { requireTool, run } from '../tools.js';
import { seededRandom } from './hello-bytes.js';

const key = createSigningKey();
const issuer = { name: { commonName: 'Issuer' }, key };

function build(fields: Partial<CertificateContent>): Buffer {
  const content: CertificateContent = {
    subject: { commonName: 'shop.test', organization: 'Shop' },
    key,
    notBefore: new Date('2020-01-01T00:00:00Z'),
    notAfter: new Date('2040-01-01T00:00:00Z'),
    use: { dnsNames: ['shop.test'], ipAddresses: ['127.0.0.1', '::1'] },
    ...fields,
  };
  return buildCertificate(content, issuer);
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'waylay-names-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A self-signed certificate that openssl makes to order. */
async function fromOpenssl(config: string): Promise<Buffer> {
  const [configFile, keyFile] = [join(folder, 'req.cnf'), join(folder, 'key.pem')];
  await writeFile(configFile, config);
  await writeFile(keyFile, key.pem);
  const args = ['req', '-x509', '-config', configFile, '-key', keyFile, '-utf8'];
  const { code, stdout, stderr } = await run('openssl', args);
  if (code !== 0) throw new Error(stderr);
  return new X509Certificate(stdout).raw;
}

const config = (mask: string, subject: string, altName: string) => `
[req]
prompt = no
string_mask = ${mask}
distinguished_name = dn
x509_extensions = ext
[dn]
${subject}
[ext]
${altName}
`;

describe('the names in a certificate', () => {
  test('are those that were put in', () => {
    expect(readCertificateNames(build({}))).toEqual({
      subject: expect.stringMatching(/^0.*Shop.*shop\.test$/s),
      commonNames: ['shop.test'],
      commonName: 'shop.test',
      organization: 'Shop',
      dnsNames: ['shop.test'],
      ipAddresses: ['127.0.0.1', '::1'],
    });
  });

  test('may all be missing', () => {
    expect(readCertificateNames(build({ subject: {}, use: 'authority' }))).toEqual({
      subject: '0\0',
      commonNames: [],
      commonName: undefined,
      organization: undefined,
      dnsNames: [],
      ipAddresses: [],
    });
  });

  test.for([
    ['UTF8String', 'utf8only', 12, 'Bücher 𝕏', Buffer.from('Bücher 𝕏')],
    ['PrintableString', 'MASK:0x2', 19, 'Books', Buffer.from('Books')],
    ['T61String, in practice Latin-1', 'MASK:0x4', 20, 'Bücher', Buffer.from('Bücher', 'latin1')],
    ['BMPString', 'MASK:0x800', 30, 'Bücher €', Buffer.from('Bücher €', 'utf16le').swap16()],
  ] as const)('come as %s', async ([, mask, tag, name, bytes], ctx) => {
    requireTool(ctx, 'openssl');
    const der = await fromOpenssl(config(mask, `O=${name}\nCN=${name}`, 'subjectAltName=DNS:shop.test'));
    expect(der.includes(Buffer.concat([Buffer.from([tag, bytes.length]), bytes]))).toBe(true);
    expect(readCertificateNames(der)).toMatchObject({ commonName: name, organization: name, dnsNames: ['shop.test'] });
  });

  test('leave out other kinds of names', async (ctx) => {
    requireTool(ctx, 'openssl');
    const altName =
      'subjectAltName=critical,email:a@b.test,URI:https://c.test,DNS:shop.test,RID:1.2.3,IP:10.0.0.1,otherName:1.2.3.4;UTF8:x';
    const der = await fromOpenssl(config('utf8only', 'C=DE\n0.CN=first\n1.CN=last', altName));
    expect(readCertificateNames(der)).toEqual({
      subject: expect.stringMatching(/^0.*DE.*first.*last$/s),
      commonNames: ['first', 'last'],
      commonName: 'last',
      organization: undefined,
      dnsNames: ['shop.test'],
      ipAddresses: ['10.0.0.1'],
    });
  });

  test('are none in a certificate of version 1, which has no extensions', async (ctx) => {
    requireTool(ctx, 'openssl');
    const keyFile = join(folder, 'key.pem');
    await writeFile(keyFile, key.pem);
    const { stdout } = await run('openssl', ['req', '-new', '-key', keyFile, '-subj', '/O=Shop/CN=shop.test']);
    const signed = await run('openssl', ['x509', '-req', '-signkey', keyFile], { input: stdout });
    const der = new X509Certificate(signed.stdout).raw;
    expect(readCertificateNames(der)).toMatchObject({ commonName: 'shop.test', organization: 'Shop', dnsNames: [] });
  });

  test('are none in what is not DER', () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from('hello'), Buffer.from([0x30, 0x80]), Buffer.alloc(3000, 0x30)]) {
      expect(readCertificateNames(bytes) ?? 'none').toBe('none');
    }
  });

  test('never throw, whatever is done to one', () => {
    const random = seededRandom(11);
    const der = build({});
    const outcomes = new Set<boolean>();
    for (let round = 0; round < 3000; round += 1) {
      const mutant = Buffer.from(der);
      for (let change = random(3); change >= 0; change -= 1) mutant[random(mutant.length)] = random(256);
      outcomes.add(
        readCertificateNames(random(5) === 0 ? mutant.subarray(0, random(mutant.length)) : mutant) !== undefined,
      );
    }
    expect(outcomes.size).toBe(2);
  });
});
