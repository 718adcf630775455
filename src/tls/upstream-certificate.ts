import type { X509Certificate } from 'node:crypto';
import { checkServerIdentity, type PeerCertificate, type TLSSocket } from 'node:tls';
import { types } from 'node:util';
import { memoize } from '../runtime/memoize.js';
import { type CertificateNames, readCertificateNames } from './certificate-names.js';

/** The certificate that the upstream server showed. */
export interface CertificateInfo {
  /** The owner. */
  readonly subject: string;
  /** The issuer. */
  readonly issuer: string;
  /** The names as Node prints them: `DNS:shop.test, IP Address:127.0.0.1`. */
  readonly subjectAltName: string;
  /** The first moment at which it is valid. */
  readonly validFrom: Date;
  /** The last moment at which it is valid. */
  readonly validTo: Date;
  /** The reason why it does not verify; undefined where it does. */
  readonly defect: string | undefined;
}

/** The defect of a certificate, as a client would see it. */
export type Defect = 'expired' | 'not-yet-valid' | 'wrong-host' | 'self-signed' | 'untrusted';

/** The certificate that an upstream server showed, as far as a leaf repeats it. */
export interface UpstreamCertificate extends CertificateNames {
  readonly validFrom: Date;
  readonly validTo: Date;
  /** The part that the journal keeps. */
  readonly info: CertificateInfo;
  /** Undefined where it verifies. */
  readonly defect: Defect | undefined;
}

/**
 * The certificate of the server at the other end of a finished client handshake. Undefined where
 * it showed none, as in a resumed session, or has been asked before. The socket is to be connected with
 * `rejectUnauthorized: false`: what is wrong is told by `defect` and, in words, by `info.defect`.
 *
 * @param name the host name or IP address it must be for; default the one that Node checked
 * @param now milliseconds since the epoch; default the system's time, by which OpenSSL judges
 * @example
 * const certificate = readUpstreamCertificate(socket, 'shop.test');
 * if (certificate?.defect === 'expired') …
 */
export function readUpstreamCertificate(
  socket: TLSSocket,
  name?: string,
  now: number = Date.now(),
): UpstreamCertificate | undefined {
  // Not getPeerCertificate(), which prints keys and fingerprints as well and takes three times as long.
  const peer = socket.getPeerX509Certificate();
  if (peer === undefined) return undefined;
  const { names, subject, issuer, subjectAltName, ...read } = contentOf(peer);
  // Dates of its own for each: they can be changed.
  const validFrom = new Date(read.validFrom);
  const validTo = new Date(read.validTo);

  const code = verdict(socket.authorizationError, name, {
    subject: { CN: read.commonNames },
    subjectaltname: subjectAltName,
  });
  const isSelfSigned = subject !== '' && subject === issuer;
  const isExpired = now > validTo.getTime();
  const isEarly = now < validFrom.getTime();
  const findings: string[] = [];
  let defect: Defect | undefined;
  if (code !== undefined) {
    // Wrong dates hide, in OpenSSL's verdict, an issuer that is not trusted.
    if (isSelfSigned && code !== WRONG_HOST) findings.push((defect = 'self-signed'));
    if (isExpired) findings.push(`expired on ${validTo.toISOString()}`);
    if (isEarly) findings.push(`not valid before ${validFrom.toISOString()}`);
    if (code === WRONG_HOST) findings.push(`not for ${name ?? 'the host asked for'}, but for ${listed(names)}`);
    defect ??= defectOf(code, isExpired, isEarly);
    if (findings.length === 0) findings.push('not issued by a trusted authority');
  }
  const info: CertificateInfo = {
    subject,
    issuer,
    subjectAltName,
    validFrom,
    validTo,
    defect: code === undefined ? undefined : `${findings.join(', ')} (${code})`,
  };
  return { ...names, validFrom, validTo, info, defect };
}

/** The content of a certificate, whoever looks at it. */
interface Content {
  readonly names: CertificateNames;
  /** All of the subject's. */
  readonly commonNames: readonly string[];
  readonly subject: string;
  readonly issuer: string;
  readonly subjectAltName: string;
  /** Milliseconds since the epoch. */
  readonly validFrom: number;
  readonly validTo: number;
}

// Servers show the same one again and again: to read it each time is a twentieth of a new connection's cost.
const contentOf = memoize(readContent, 200, ({ raw }) => raw.toString('latin1'));

function readContent(peer: X509Certificate): Content {
  const attributes = attributesOf(peer.subject);
  return {
    names: readCertificateNames(peer.raw) ?? NO_NAMES,
    commonNames: attributes.filter((one) => one.startsWith('CN=')).map((one) => one.slice('CN='.length)),
    subject: attributes.join(', '),
    issuer: attributesOf(peer.issuer).join(', '),
    subjectAltName: peer.subjectAltName ?? '',
    validFrom: Date.parse(peer.validFrom),
    validTo: Date.parse(peer.validTo),
  };
}

const WRONG_HOST = 'ERR_TLS_CERT_ALTNAME_INVALID';
const NO_NAMES: CertificateNames = { commonName: undefined, organization: undefined, dnsNames: [], ipAddresses: [] };

/** The names that Node looks at. */
interface Names {
  readonly subject: { readonly CN: readonly string[] };
  readonly subjectaltname: string;
}

/** OpenSSL's code for the first thing that is wrong, or Node's where it is the name; undefined where all is well. */
function verdict(given: unknown, name: string | undefined, peer: Names): string | undefined {
  // Typed as an Error, but Node keeps the code.
  const code = types.isNativeError(given) && 'code' in given ? given.code : given;
  const known = typeof code === 'string' ? code : undefined;
  if (name === undefined || (known !== undefined && known !== WRONG_HOST)) return known;
  return checkServerIdentity(name, peer as unknown as PeerCertificate) === undefined ? undefined : WRONG_HOST;
}

function defectOf(code: string, isExpired: boolean, isEarly: boolean): Defect {
  switch (code) {
    // It may be an issuer that has expired: a leaf with this certificate's dates would pass for sound.
    case 'CERT_HAS_EXPIRED':
      return isExpired ? 'expired' : 'untrusted';
    case 'CERT_NOT_YET_VALID':
      return isEarly ? 'not-yet-valid' : 'untrusted';
    case WRONG_HOST:
    case 'HOSTNAME_MISMATCH':
      return 'wrong-host';
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return 'self-signed';
    default:
      return 'untrusted';
  }
}

function listed({ commonName, dnsNames, ipAddresses }: CertificateNames): string {
  const names = [...dnsNames, ...ipAddresses];
  return (names.length > 0 ? names.join(', ') : commonName) ?? 'no name';
}

/** `['O=Shop', 'CN=shop.test']`, from a line for each attribute, or for several; values are escaped (RFC 2253, section 2.4). */
function attributesOf(name: string | undefined): string[] {
  return name === undefined ? [] : name.split(/\n| \+ /).map(unescaped);
}

function unescaped(attribute: string): string {
  return attribute.replace(/\\(?:([0-9A-F]{2})|(.))/gi, (_, code?: string, character?: string) =>
    code === undefined ? (character ?? '') : String.fromCharCode(Number.parseInt(code, 16)),
  );
}
