/**
 * The keys of all leaves in this process. One for the sound leaves, which browsers may be told to
 * accept by its hash; another for those with a defect, which nothing may accept.
 */
import { createHash } from 'node:crypto';
import { createSigningKey, type SigningKey } from './signing-key.js';

let sound: SigningKey | undefined;
let defective: SigningKey | undefined;

/** The key of all leaves without a defect; made on first use, once per process. */
export function leafKey(): SigningKey {
  sound ??= createSigningKey();
  return sound;
}

/** The key of all leaves with a defect; made on first use, once per process. Never pinned. */
export function defectiveLeafKey(): SigningKey {
  defective ??= createSigningKey();
  return defective;
}

/**
 * The SHA-256 hash of the leaf key's SubjectPublicKeyInfo, in base64.
 *
 * @example `--ignore-certificate-errors-spki-list=${leafSpki()}` // for Chromium
 */
export function leafSpki(): string {
  return createHash('sha256').update(leafKey().spki).digest('base64');
}
