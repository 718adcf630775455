/**
 * Reads the names in a certificate from its DER. Node prints them in one string, in which a name
 * with a comma or a quote is hard to tell from two names.
 */
import asn1, { type Asn1 } from 'node-forge/lib/asn1.js';
import { ipText } from '../net/ip-address.js';

/** The names a certificate is for, as they are in it. */
export interface CertificateNames {
  /** The whole subject, as it is in the certificate: DER, a byte a character. */
  readonly subject?: string | undefined;
  /** All of the subject's, in its order. */
  readonly commonNames?: readonly string[];
  /** The most specific one. */
  readonly commonName: string | undefined;
  readonly organization: string | undefined;
  readonly dnsNames: readonly string[];
  /** IP addresses in canonical form (RFC 5952). */
  readonly ipAddresses: readonly string[];
}

const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';
const SUBJECT_ALT_NAME = '2.5.29.17';

/** The names; undefined where the bytes cannot be read as a certificate (RFC 5280, section 4.1). */
export function readCertificateNames(certificate: Buffer): CertificateNames | undefined {
  try {
    const [tbs] = elements(parse(certificate.toString('latin1')));
    const fields = elements(tbs);
    // The version is optional and tagged; then serial number, signature, issuer, validity, subject.
    const subject = fields[isTagged(fields[0], 0) ? 5 : 4];
    const altNames = subjectAltNames(fields.find((field) => isTagged(field, 3)));
    const commonNames = attributes(subject, COMMON_NAME);
    return {
      subject: subject && asn1.toDer(subject).getBytes(),
      commonNames,
      // The last of repeated attributes is the most specific (RFC 6125, section 6.4.4).
      commonName: commonNames.at(-1),
      organization: attributes(subject, ORGANIZATION).at(-1),
      // GeneralName (section 4.2.1.6): dNSName [2], iPAddress [7].
      dnsNames: altNames.filter((name) => isTagged(name, 2)).map((name) => bytes(name).toString('latin1')),
      ipAddresses: altNames.filter((name) => isTagged(name, 7)).flatMap((name) => ipText(bytes(name)) ?? []),
    };
  } catch {
    // The parser throws on what is not DER.
    return undefined;
  }
}

function subjectAltNames(extensions: Asn1 | undefined): Asn1[] {
  if (extensions === undefined) return [];
  for (const extension of elements(elements(extensions)[0])) {
    const parts = elements(extension);
    // The extension's value is the last element; a critical flag may precede it.
    if (oidOf(parts[0]) === SUBJECT_ALT_NAME) return elements(parse(bytes(parts.at(-1)).toString('latin1')));
  }
  return [];
}

function attributes(name: Asn1 | undefined, id: string): string[] {
  const texts: string[] = [];
  for (const set of elements(name)) {
    for (const pair of elements(set)) {
      const [type, value] = elements(pair);
      const text = oidOf(type) === id ? directoryString(value) : undefined;
      if (text !== undefined) texts.push(text);
    }
  }
  return texts;
}

function directoryString(value: Asn1 | undefined): string | undefined {
  if (typeof value?.value !== 'string') return undefined;
  // BMPString has been decoded by the parser; the other types have one byte a character.
  return value.type === 12 ? bytes(value).toString('utf8') : value.value;
}

function parse(der: string): Asn1 {
  return asn1.fromDer(der, { decodeBitStrings: false });
}

function elements(value: Asn1 | undefined): Asn1[] {
  return Array.isArray(value?.value) ? value.value : [];
}

function bytes(value: Asn1 | undefined): Buffer {
  return typeof value?.value === 'string' ? Buffer.from(value.value, 'latin1') : Buffer.alloc(0);
}

function oidOf(value: Asn1 | undefined): string | undefined {
  return value?.type === 6 && typeof value.value === 'string' ? asn1.derToOid(value.value) : undefined;
}

function isTagged(value: Asn1 | undefined, tag: number): boolean {
  return value?.tagClass === 0x80 && value.type === tag;
}
