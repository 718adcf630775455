/** Tells of stubs that pages of other origins could not use, of which a browser says `Failed to fetch` and no more. */
import type { Exchange } from '../../src/journal/exchange.js';
import { isPreflight, permits, readingOrigin } from '../message/cross-origin.js';
import type { CompiledPattern } from '../pattern/pattern.js';
import type { Stub } from '../stub-response/stub-response.js';
import { outcome } from './listing.js';

const REMEDY = 'Write stubResponse(pattern, reply, { cors: true }).';

/** One line for each stub that answered, or would have, and each origin of a page. */
export function warnOfUnreadable(stubs: readonly Stub[], exchanges: readonly Exchange[]): string[] {
  const warnings = new Set<string>();
  for (const exchange of exchanges) {
    const origin = readingOrigin(exchange.request);
    if (origin === undefined) continue;
    const line = isPreflight(exchange.request)
      ? forbidden(stubs, exchange, origin)
      : unreadable(stubs, exchange, origin);
    if (line !== undefined) warnings.add(line);
  }
  return [...warnings];
}

/** The stub that would let the preflight pass if it had `cors: true`; undefined where the preflight passed, or is for none. */
export function forbiddenBy(stubs: readonly Stub[], exchange: Exchange): Stub | undefined {
  const { request, response } = exchange;
  if (!isPreflight(request)) return undefined;
  const passed = response !== undefined && response.status >= 200 && response.status < 300;
  if (passed && permits(response, request.header('origin') ?? '')) return undefined;
  return stubs.find((stub) => !stub.cors && isForRequestOf(stub.pattern, exchange));
}

function forbidden(stubs: readonly Stub[], exchange: Exchange, origin: string): string | undefined {
  const stub = forbiddenBy(stubs, exchange);
  // The report of a stub that no request met says the same.
  if (stub === undefined || stub.hits === 0) return undefined;
  return `The preflight ${exchange} of a page of ${origin} was not permitted (${outcome(exchange)}), so that the stub ${stub} (${stub.site}) was not asked. ${REMEDY}`;
}

function unreadable(stubs: readonly Stub[], exchange: Exchange, origin: string): string | undefined {
  const { source, response } = exchange;
  if (source !== 'stub' || response === undefined || permits(response, origin)) return undefined;
  const stub = stubs.find((stub) => stub.exchanges.includes(exchange));
  const name =
    stub === undefined ? `A stub answered ${exchange}` : `The stub ${stub} (${stub.site}) answered ${exchange}`;
  const allowed = response.header('access-control-allow-origin');
  const why = allowed === undefined ? 'has no access-control-allow-origin' : `permits ${allowed} alone`;
  return `${name} for a page of ${origin}, which may not read the answer: it ${why}. ${REMEDY}`;
}

/** True if the request is a preflight for one that matches. A predicate of the test that throws matches nothing. */
export function isForRequestOf(pattern: CompiledPattern, exchange: Exchange): boolean {
  try {
    return pattern.testPreflight(exchange);
  } catch {
    return false;
  }
}
