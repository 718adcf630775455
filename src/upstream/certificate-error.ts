import { UpstreamError } from '../errors.js';
import { type Authority, formatAuthority } from '../net/authority.js';
import type { UpstreamCertificate } from '../tls/upstream-certificate.js';

/** The error of an upstream whose certificate does not verify. */
export function certificateError(authority: Authority, certificate: UpstreamCertificate | undefined): UpstreamError {
  const name = formatAuthority(authority);
  const of =
    certificate === undefined ? '' : ` (subject ${certificate.info.subject}, issuer ${certificate.info.issuer})`;
  return new UpstreamError(
    'WAYLAY_UPSTREAM_CERTIFICATE',
    `The certificate of ${name} does not verify: ${certificate?.info.defect ?? 'there is none'}${of}. Give its root with the option trustedRoots, or set ignoreHTTPSErrors: true.`,
    { authority: name },
  );
}
