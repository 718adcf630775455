import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';

/** A P-256 key pair, in memory only. */
export interface SigningKey {
  readonly privateKey: KeyObject;
  /** The private key in PKCS #8 PEM, the form that `tls.createSecureContext` takes. */
  readonly pem: string;
  /** The public key as SubjectPublicKeyInfo, DER. */
  readonly spki: Buffer;
  /** The leftmost 160 bits of the SHA-256 hash of the public key (RFC 7093, section 2). */
  readonly keyId: Buffer;
}

export function createSigningKey(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  // The last 65 bytes are the BIT STRING's content: an uncompressed point (RFC 5480, section 2.2).
  const keyId = createHash('sha256').update(spki.subarray(-65)).digest().subarray(0, 20);
  return { privateKey, pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), spki, keyId };
}
