import { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';

/** Results of Node's `verifyError` where the issuer is not among the roots of the context. */
const UNKNOWN_ISSUER: ReadonlySet<string> = new Set([
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
]);

/** The native part of a TLS socket, as far as it judges certificates. */
interface Judge {
  verifyError(): (Error & { code?: string }) | null;
}

/** Knows a proxy's certificates by the key that they are signed with. */
export class TrustedAuthority {
  readonly #authority: X509Certificate;

  constructor(caPem: string) {
    this.#authority = new X509Certificate(caPem);
  }

  /**
   * Lets one connection trust the authority, whose TLS context others use as well: a context cannot forget what it was
   * told to trust.
   */
  trustOn(socket: TLSSocket): void {
    const { _handle: judge } = socket as TLSSocket & { _handle?: Judge | null };
    if (judge === undefined || judge === null || typeof judge.verifyError !== 'function') return;
    const verifyError = judge.verifyError.bind(judge);
    const judged = (): ReturnType<Judge['verifyError']> => {
      const error = verifyError();
      return error !== null && UNKNOWN_ISSUER.has(error?.code ?? '') ? this.#judge(socket, error) : error;
    };
    judge.verifyError = judged;
  }

  #judge(socket: TLSSocket, error: Error): Error | null {
    // Not by getPeerX509Certificate, which in Node 20 takes the certificate away from whoever asks next.
    const { raw } = socket.getPeerCertificate();
    const leaf = raw && new X509Certificate(raw);
    if (leaf === undefined || !leaf.checkIssued(this.#authority) || !leaf.verify(this.#authority.publicKey)) {
      return error;
    }
    // The dates would have been looked at next.
    const now = Date.now();
    if (Date.parse(leaf.validTo) < now) {
      return Object.assign(new Error('certificate has expired'), { code: 'CERT_HAS_EXPIRED' });
    }
    return null;
  }
}
