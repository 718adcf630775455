import { UpstreamError } from '../errors.js';

/** The error of a response that did not come, or not in full. */
export function responseError(authority: string, started: boolean, cause: Error): UpstreamError {
  const details = { authority, cause };
  if (isParseError(cause)) {
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

// node:http's parse errors have a code, undici's only a name.
function isParseError(cause: NodeJS.ErrnoException): boolean {
  return cause.name === 'HTTPParserError' || cause.code?.startsWith('HPE_') === true;
}
