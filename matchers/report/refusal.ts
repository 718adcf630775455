import { formatAuthority } from '../../src/destination.js';
import { TestError } from '../../src/errors.js';
import type { Exchange } from '../../src/exchange/exchange.js';
import { escapeGlob } from '../pattern/glob.js';
import type { Stub } from '../stub-response/stub-response.js';
import { quote } from './format.js';
import { nearestPattern } from './near-miss.js';

/** The error for a request that no stub answers while unmatched ones are refused: what came nearest, and what to write. */
export function refusal(exchange: Exchange, stubs: readonly Stub[]): TestError {
  const { request, destination } = exchange;
  const lines = [`${request} was refused: no stub answers it, and unmatched requests are refused.`];
  const nearest = nearestPattern(stubs, exchange);
  if (nearest !== undefined) {
    const { rule, verdict } = nearest;
    const fields = verdict.fields.filter((field) => !field.pass).map((field) => field.field);
    const why = verdict.pass
      ? `which has answered as often as it may (times: ${rule.hits})`
      : `which differs in ${fields.join(', ')}`;
    lines.push(`The nearest stub is ${rule} (${rule.site}), ${why}.`);
  }
  const [address = '', query] = request.url.split('?', 2);
  const glob = escapeGlob(address) + (query === undefined ? '' : '?**');
  lines.push(
    `To stub it:    waylay.stubResponse(${quote(`${request.method} ${glob}`)}, { status: 200 });`,
    `To let it out: allow: [${quote(`${escapeGlob(new URL(request.url).origin)}/**`)}]`,
  );
  return new TestError('WAYLAY_REFUSED', lines.join('\n'), { authority: formatAuthority(destination) });
}
