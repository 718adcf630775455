/** Fields by which a server lets pages of other origins read its answers (Fetch standard, section 3.3). */
import { headerValue, type RawHeaders, withHeader } from '../../src/http/headers.js';
import type { Answer } from '../../src/interceptor.js';
import type { Request } from '../../src/journal/message.js';

/** The answer that permits what a preflight asks for. */
export function preflightAnswer(request: Request): Answer {
  const asked = (name: string) => request.header(`access-control-request-${name}`);
  const headers = ['access-control-allow-origin', request.header('origin') ?? ''];
  headers.push('access-control-allow-methods', asked('method') ?? '');
  const names = asked('headers');
  if (names !== undefined) headers.push('access-control-allow-headers', names);
  headers.push('access-control-allow-credentials', 'true');
  if (asked('private-network') === 'true') headers.push('access-control-allow-private-network', 'true');
  headers.push('vary', 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers');
  return { status: 204, statusText: 'No Content', headers, body: Buffer.alloc(0) };
}

/** The answer with what lets the page that asked read it; what the answer says itself stays. */
export function withCors(answer: Answer, request: Request): Answer {
  const origin = request.header('origin');
  if (origin === undefined) return answer;
  const { headers } = answer;
  const added: string[] = [];
  const add = (name: string, value: string) => {
    if (headerValue(headers, name) === undefined) added.push(name, value);
  };
  add('access-control-allow-origin', origin);
  add('access-control-allow-credentials', 'true');
  const exposed = namesToExpose(headers);
  if (exposed.length > 0) add('access-control-expose-headers', exposed.join(', '));
  return { ...answer, headers: withVary([...headers, ...added]) };
}

// Fields that a page may read without permission, and those that it may never read (Fetch standard, section 2.2.2); with
// credentials there is no wildcard for the rest.
const NOT_TO_EXPOSE =
  /^(?:cache-control|content-language|content-length|content-type|expires|last-modified|pragma|set-cookie2?|access-control-.*)$/;

function namesToExpose(headers: RawHeaders): string[] {
  const names = headers.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
  return [...new Set(names)].filter((name) => !NOT_TO_EXPOSE.test(name));
}

function withVary(headers: RawHeaders): RawHeaders {
  const vary = headerValue(headers, 'vary');
  if (vary === undefined) return [...headers, 'vary', 'Origin'];
  const varies = vary.split(',').map((name) => name.trim().toLowerCase());
  return varies.includes('origin') || varies.includes('*') ? headers : withHeader(headers, 'vary', `${vary}, Origin`);
}
