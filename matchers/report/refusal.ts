import { TestError, type WaylayError } from '../../src/errors.js';
import type { Exchange } from '../../src/journal/exchange.js';
import { formatAuthority } from '../../src/net/authority.js';
import { escapeGlob } from '../pattern/glob.js';
import type { Stub } from '../stub-response/stub-response.js';
import { quote } from '../values/format.js';
import type { Style } from '../values/style.js';
import { formatDiff } from './diff.js';
import { indent } from './listing.js';
import { nearestPattern } from './near-miss.js';
import { stubLine } from './stub-line.js';
import { forbiddenBy } from './unreadable.js';

/** The grounds of a refusal, for a report that comes later and knows more: the whole body, the other requests. */
const decided = new WeakMap<WaylayError, { readonly exchange: Exchange; readonly stubs: readonly Stub[] }>();

/** The error for a request that no stub answers while unmatched ones are refused: what came nearest, and what to write. */
export function refusal(exchange: Exchange, stubs: readonly Stub[], style: Style): TestError {
  const authority = formatAuthority(exchange.destination);
  const error = new TestError('WAYLAY_REFUSED', explain(exchange, stubs, style, []), { authority });
  decided.set(error, { exchange, stubs });
  return error;
}

/** The error for a connection that is no HTTP. */
export function tunnelRefusal({ destination }: Exchange): TestError {
  const authority = formatAuthority(destination);
  const message = [
    `A connection to ${authority} that carries no HTTP was refused: unmatched requests are, and no stub can answer it.`,
    `To let it out: allow: [{ host: ${quote(destination.host)}, port: ${destination.port} }]`,
  ].join('\n');
  return new TestError('WAYLAY_REFUSED', message, { authority });
}

/** The refusal as it is told at the end of the test, among all the exchanges. */
export function explainRefusal(error: WaylayError, exchanges: readonly Exchange[], style: Style): string {
  const known = decided.get(error);
  return known === undefined ? error.message : explain(known.exchange, known.stubs, style, exchanges);
}

function explain(exchange: Exchange, stubs: readonly Stub[], style: Style, exchanges: readonly Exchange[]): string {
  const { request } = exchange;
  const others = exchanges.map((other) => other.request);
  return [
    `${request} was refused: no stub answers it, and unmatched requests are refused.`,
    ...nearestStub(exchange, stubs, style),
    `To stub it:    ${stubLine(request, others)}`,
    `To let it out: allow: [${quote(`${escapeGlob(new URL(request.url).origin)}/**`)}]`,
  ].join('\n');
}

function nearestStub(exchange: Exchange, stubs: readonly Stub[], style: Style): string[] {
  const asked = forbiddenBy(stubs, exchange);
  if (asked !== undefined) {
    return [
      `It is the preflight of a request that the stub ${asked} (${asked.site}) would answer; the option { cors: true } of that stub permits it.`,
    ];
  }
  const nearest = nearestPattern(stubs, exchange);
  if (nearest === undefined) return [];
  const { rule, verdict } = nearest;
  const named = `The nearest stub is ${rule} (${rule.site}), which`;
  if (verdict.pass && rule.exhausted) return [`${named} has answered as often as it may (times: ${rule.hits}).`];
  if (verdict.pass) return [`${named} matches it by now, and did not when it came.`];
  return [`${named} differs (- expected, + received):`, ...indent(formatDiff(verdict, style, exchange.request))];
}
