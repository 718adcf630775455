import { randomBytes } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import {
  buildCertificate,
  type CertificateContent,
  certificatePem,
  type DistinguishedName,
  type Issuer,
  isEmptyName,
} from './certificate.js';
import { type LeafTemplate, templateKey } from './leaf.js';
import { defectiveLeafKey, leafKey } from './leaf-key.js';
import { createSigningKey } from './signing-key.js';

/** A certificate for one upstream, ready for handshakes. */
export interface Leaf {
  /** The leaf and what is sent with it, in PEM. */
  readonly pem: string;
  /** The context for TLS 1.2 and 1.3. Its session tickets are good for all connections of this leaf. */
  readonly context: SecureContext;
}

const DAY = 86_400_000;
const LEAVES_KEPT = 500;

/**
 * The certificate authority of one test. Its private key exists in this object only.
 *
 * @example
 * const authority = CertificateAuthority.create(Date.now());
 * const { context } = authority.leaf(leafTemplate({ serverName: 'shop.test', host: 'shop.test', upstream: undefined, now }));
 */
export class CertificateAuthority {
  /** The authority's certificate, for trust stores. */
  readonly pem: string;
  readonly #issuer: Issuer;
  /** Leaves in order of last use. */
  readonly #leaves = new Map<string, Leaf>();

  private constructor(issuer: Issuer, now: number) {
    this.#issuer = issuer;
    this.pem = certificatePem(authorityCertificate(issuer, now));
  }

  /** @param now milliseconds since the epoch; the certificate is valid from the day before, for two years */
  static create(now: number): CertificateAuthority {
    // Distinct, so that a client which sees several tests never takes one's for the other's.
    const commonName = `Waylay CA ${randomBytes(4).toString('hex')}`;
    return new CertificateAuthority({ name: { commonName, organization: 'Waylay' }, key: createSigningKey() }, now);
  }

  /**
   * The leaf for a template: the same one for the same template, as long as it is among the 500 used
   * last. A defect in the template is one that clients find who trust this authority.
   */
  leaf(template: LeafTemplate): Leaf {
    const key = templateKey(template);
    const leaf = this.#leaves.get(key) ?? this.#make(template);
    this.#leaves.delete(key);
    this.#leaves.set(key, leaf);
    const [oldest] = this.#leaves.keys();
    if (this.#leaves.size > LEAVES_KEPT && oldest !== undefined) this.#leaves.delete(oldest);
    return leaf;
  }

  #make(template: LeafTemplate): Leaf {
    const { commonName, organization, dnsNames, ipAddresses, notBefore, notAfter, defect } = template;
    const key = defect === undefined ? leafKey() : defectiveLeafKey();
    const subject: DistinguishedName = { der: template.subject, commonName, organization };
    const content: CertificateContent = { subject, key, notBefore, notAfter, use: { dnsNames, ipAddresses } };
    let pem: string;
    if (defect === 'self-signed') {
      const name = isEmptyName(subject) ? UNNAMED : subject;
      pem = certificatePem(buildCertificate({ ...content, subject: name }, { name, key }));
    } else if (defect === 'untrusted') {
      // Without the issuer's certificate: it is nobody's, and its key is gone.
      const name = { commonName: 'Unknown CA', organization: 'Unknown' };
      pem = certificatePem(buildCertificate(content, { name, key: createSigningKey() }));
    } else {
      pem = certificatePem(buildCertificate(content, this.#issuer)) + this.pem;
    }
    const context = createSecureContext({ key: key.pem, cert: pem });
    return { pem, context };
  }
}

// An issuer has to have a name (RFC 5280, section 4.1.2.4), so the subject of a self-signed certificate too.
const UNNAMED: DistinguishedName = { commonName: 'self-signed' };

function authorityCertificate(issuer: Issuer, now: number): Buffer {
  const today = Math.floor(now / DAY) * DAY;
  const notBefore = new Date(today - DAY);
  const notAfter = new Date(today + 730 * DAY);
  return buildCertificate({ subject: issuer.name, key: issuer.key, notBefore, notAfter, use: 'authority' }, issuer);
}
