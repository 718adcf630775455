import type { WaylayError } from '../errors.js';
import type { ResponseHead } from '../http/response-head.js';
import type { ExchangeContext } from './context.js';

/**
 * The response that tells a client of an error; undefined where the client sees the failure itself
 * instead, as it would without the proxy.
 */
export function errorAnswer(
  error: WaylayError,
  upstreamErrors: ExchangeContext['options']['upstreamErrors'],
): (ResponseHead & { body: Buffer }) | undefined {
  if (error.code === 'WAYLAY_FAULT') return undefined;
  if (error.fault === 'upstream' && upstreamErrors === 'mirror') return undefined;
  const body = Buffer.from(`${error.code}: ${error.message}\n`);
  const [status, statusText] = statusOf(error);
  return {
    status,
    statusText,
    headers: [
      'Content-Type',
      'text/plain; charset=utf-8',
      'Cache-Control',
      'no-store',
      'Waylay-Error',
      error.code,
      'Content-Length',
      String(body.length),
    ],
    body,
  };
}

// RFC 9110, section 15.
function statusOf({ code, fault }: WaylayError): [number, string] {
  if (code === 'WAYLAY_UPSTREAM_TIMEOUT') return [504, 'Gateway Timeout'];
  if (code === 'WAYLAY_REFUSED' || fault === 'upstream') return [502, 'Bad Gateway'];
  return fault === 'client' ? [400, 'Bad Request'] : [500, 'Internal Server Error'];
}
