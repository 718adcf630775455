/** The parts of a stub's answer that its client cannot be given. */
import { STATUS_CODES } from 'node:http';
import type { Answer } from '../../src/interceptor.js';
import type { Request } from '../../src/journal/message.js';

/** The keys of the reply that come to nothing for this client, each with the reason. */
export function unsendableParts(
  { status, statusText, trailers, informational }: Answer,
  { method, httpVersion }: Request,
): (readonly [key: string, why: string])[] {
  const reasons: [string, string | false][] = [];
  if (trailers !== undefined && trailers.length > 0) {
    reasons.push(['trailers', httpVersion === '1.0' && 'HTTP/1.0 has no trailers']);
    reasons.push(['trailers', method === 'HEAD' && 'the response to a HEAD has no body, and so no trailers']);
  }
  if (informational !== undefined && informational.length > 0) {
    reasons.push([
      'informational',
      httpVersion === '1.0' && 'HTTP/1.0 has no interim responses (RFC 9110, section 15.2)',
    ]);
  }
  if (statusText !== '' && statusText !== STATUS_CODES[status]) {
    reasons.push(['statusText', httpVersion === '2.0' && 'HTTP/2 has no reason phrase (RFC 9113, section 8.3.2)']);
  }
  return reasons.flatMap(([key, why]) => (why === false ? [] : [[key, why] as const]));
}
