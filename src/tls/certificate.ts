/** Builds X.509 certificates (RFC 5280): DER by node-forge, keys and signatures by node:crypto. */
import { randomBytes, sign } from 'node:crypto';
import asn1, { type Asn1 } from 'node-forge/lib/asn1.js';
import { ipBytes } from '../net/ip-address.js';
import type { SigningKey } from './signing-key.js';

/** The attributes of a name that Waylay writes; at most 64 characters each (RFC 5280, appendix A). */
export interface DistinguishedName {
  /** All of it, taken from another certificate, in place of the attributes: DER, a byte a character. */
  readonly der?: string | undefined;
  readonly commonName?: string | undefined;
  readonly organization?: string | undefined;
}

/** The signer: the subject and the key of the certificate above, or of this one. */
export interface Issuer {
  readonly name: DistinguishedName;
  readonly key: SigningKey;
}

/** The content of a certificate. */
export interface CertificateContent {
  readonly subject: DistinguishedName;
  readonly key: Pick<SigningKey, 'spki' | 'keyId'>;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** An authority that signs leaves only, or a server's certificate for these names. */
  readonly use: 'authority' | { readonly dnsNames: readonly string[]; readonly ipAddresses: readonly string[] };
}

/** The certificate, signed with ECDSA and SHA-256, in DER. */
export function buildCertificate(content: CertificateContent, issuer: Issuer): Buffer {
  const tbs = sequence(
    explicit(0, integer('\x02')), // v3
    integer(serialNumber()),
    ecdsaWithSha256(),
    distinguishedName(issuer.name),
    sequence(time(content.notBefore), time(content.notAfter)),
    distinguishedName(content.subject),
    asn1.fromDer(content.key.spki.toString('latin1'), { decodeBitStrings: false }),
    explicit(3, sequence(...extensions(content, issuer))),
  );
  const signature = sign('sha256', der(tbs), issuer.key.privateKey).toString('latin1');
  return der(sequence(tbs, ecdsaWithSha256(), bitString(signature)));
}

/** The certificate in PEM (RFC 7468). */
export function certificatePem(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

// Section 4.1.2.2: positive, unique, at most 20 octets. Here always 16, the first neither zero nor negative.
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes.writeUInt8((bytes.readUInt8(0) & 0x7f) | 0x40, 0);
  return bytes.toString('latin1');
}

function extensions({ subject, key, use }: CertificateContent, issuer: Issuer): Asn1[] {
  const keyIds = [
    extension('2.5.29.14', false, octetString(key.keyId)),
    extension('2.5.29.35', false, sequence(tagged(0, issuer.key.keyId))),
  ];
  if (use === 'authority') {
    return [
      extension('2.5.29.19', true, sequence(boolean(true), integer('\0'))), // cA, pathLenConstraint 0
      extension('2.5.29.15', true, bitString('\x06', 1)), // keyCertSign, cRLSign
      ...keyIds,
    ];
  }
  const leaf = [
    extension('2.5.29.19', true, sequence()),
    extension('2.5.29.15', true, bitString('\x80', 7)), // digitalSignature
    extension('2.5.29.37', false, sequence(oid('1.3.6.1.5.5.7.3.1'))), // serverAuth
    ...keyIds,
  ];
  const names = [
    ...use.dnsNames.map((name) => tagged(2, Buffer.from(name, 'latin1'))),
    ...use.ipAddresses.flatMap((address) => {
      const bytes = ipBytes(address);
      return bytes === undefined ? [] : [tagged(7, bytes)];
    }),
  ];
  // Section 4.2.1.6: critical where the subject is empty; never an empty list.
  if (names.length > 0) leaf.push(extension('2.5.29.17', isEmptyName(subject), sequence(...names)));
  return leaf;
}

const EMPTY_SEQUENCE = '\x30\0';

/** The name has no attributes. */
export function isEmptyName({ der, commonName, organization }: DistinguishedName): boolean {
  return der === undefined ? commonName === undefined && organization === undefined : der === EMPTY_SEQUENCE;
}

// Tag classes (X.690, section 8.1.2.2); below, the universal types by their number.
const UNIVERSAL = 0x00;
const CONTEXT_SPECIFIC = 0x80;

function der(value: Asn1): Buffer {
  return Buffer.from(asn1.toDer(value).getBytes(), 'latin1');
}

function primitive(type: number, value: string): Asn1 {
  return asn1.create(UNIVERSAL, type, false, value);
}

function sequence(...elements: Asn1[]): Asn1 {
  return asn1.create(UNIVERSAL, 16, true, elements);
}

function explicit(tag: number, element: Asn1): Asn1 {
  return asn1.create(CONTEXT_SPECIFIC, tag, true, [element]);
}

function tagged(tag: number, bytes: Buffer): Asn1 {
  return asn1.create(CONTEXT_SPECIFIC, tag, false, bytes.toString('latin1'));
}

function boolean(value: boolean): Asn1 {
  return primitive(1, value ? '\xff' : '\0');
}

function integer(bytes: string): Asn1 {
  return primitive(2, bytes);
}

function bitString(bytes: string, unusedBits = 0): Asn1 {
  return primitive(3, String.fromCharCode(unusedBits) + bytes);
}

function octetString(bytes: Buffer): Asn1 {
  return primitive(4, bytes.toString('latin1'));
}

function oid(dotted: string): Asn1 {
  return primitive(6, asn1.oidToDer(dotted).getBytes());
}

function extension(id: string, isCritical: boolean, value: Asn1): Asn1 {
  return sequence(oid(id), ...(isCritical ? [boolean(true)] : []), octetString(der(value)));
}

function ecdsaWithSha256(): Asn1 {
  return sequence(oid('1.2.840.10045.4.3.2'));
}

function distinguishedName({ der, organization, commonName }: DistinguishedName): Asn1 {
  if (der !== undefined) return asn1.fromDer(der, { decodeBitStrings: false });
  const attributes: Asn1[] = [];
  for (const [id, value] of [
    ['2.5.4.10', organization],
    ['2.5.4.3', commonName],
  ] as const) {
    if (value === undefined) continue;
    const text = primitive(12, Buffer.from(value, 'utf8').toString('latin1'));
    attributes.push(asn1.create(UNIVERSAL, 17, true, [sequence(oid(id), text)]));
  }
  return sequence(...attributes);
}

// Section 4.1.2.5: UTCTime from 1950 to 2049, GeneralizedTime otherwise; 9999-12-31 stands for no end.
function time(date: Date): Asn1 {
  const year = date.getUTCFullYear();
  if (year > 9999) return primitive(24, '99991231235959Z');
  const digits = date.toISOString().replace(/\.\d+|[-:T]/g, '');
  return year >= 1950 && year < 2050 ? primitive(23, digits.slice(2)) : primitive(24, digits);
}
