import { generateKeyPairSync } from 'node:crypto';
import forge from 'node-forge';

/** All in PEM: a root of the shop's own, and one server certificate that it signed. */
export interface Certificates {
  readonly root: string;
  readonly key: string;
  readonly cert: string;
}

/**
 * Makes the shop's own certificate authority and the certificate that its servers show. Both live
 * in memory only. This has nothing to do with Waylay's authority: here the shop plays the real
 * world, whose certificates Waylay verifies before it passes anything on.
 */
export function issueCertificates(names: readonly string[]): Certificates {
  const authority = newKeys();
  const server = newKeys();

  const root = newCertificate('Dot Test Tea Root', authority.publicKey);
  root.setIssuer(root.subject.attributes);
  root.setExtensions([
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    { name: 'subjectKeyIdentifier' },
  ]);
  root.sign(authority.privateKey, forge.md.sha256.create());

  const leaf = newCertificate('Dot Test Tea', server.publicKey);
  leaf.setIssuer(root.subject.attributes);
  leaf.setExtensions([
    { name: 'basicConstraints', cA: false },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    { name: 'extKeyUsage', serverAuth: true },
    { name: 'subjectAltName', altNames: names.map((value) => ({ type: DNS_NAME, value })) },
  ]);
  leaf.sign(authority.privateKey, forge.md.sha256.create());

  return {
    root: forge.pki.certificateToPem(root),
    key: forge.pki.privateKeyToPem(server.privateKey),
    cert: forge.pki.certificateToPem(leaf),
  };
}

// The tag of dNSName (RFC 5280, section 4.2.1.6).
const DNS_NAME = 2;
const DAY = 24 * 60 * 60 * 1000;

// node:crypto makes an RSA key many times faster than node-forge does.
function newKeys() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = forge.pki.privateKeyFromPem(privateKey.export({ type: 'pkcs1', format: 'pem' }).toString());
  return { privateKey: key, publicKey: forge.pki.setRsaPublicKey(key.n, key.e) };
}

function newCertificate(commonName: string, publicKey: forge.pki.rsa.PublicKey): forge.pki.Certificate {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = publicKey;
  certificate.serialNumber = `01${forge.util.bytesToHex(forge.random.getBytesSync(8))}`;
  certificate.validity.notBefore = new Date(Date.now() - DAY);
  certificate.validity.notAfter = new Date(Date.now() + 30 * DAY);
  certificate.setSubject([{ name: 'commonName', value: commonName }]);
  return certificate;
}
