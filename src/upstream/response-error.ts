import { UpstreamError } from '../errors.js';

/** The error of a response that did not come, or not in full. */
export function responseError(authority: string, started: boolean, cause: Error): UpstreamError {
  const details = { authority, cause };
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  if (code.startsWith('HPE_')) {
    return new UpstreamError(
      'WAYLAY_UPSTREAM_PROTOCOL',
      `${authority} sent what is not HTTP/1.1: ${cause.message}.`,
      details,
    );
  }
  return started
    ? new UpstreamError(
        'WAYLAY_UPSTREAM_TRUNCATED',
        `${authority} ended the connection inside a response: ${cause.message}.`,
        details,
      )
    : new UpstreamError(
        'WAYLAY_UPSTREAM_RESET',
        `${authority} ended the connection before it sent a response: ${cause.message}.`,
        details,
      );
}
