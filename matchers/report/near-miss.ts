import type { Exchange } from '../../src/journal/exchange.js';
import type { CompiledPattern } from '../pattern/pattern.js';
import type { Verdict } from '../pattern/verdict.js';

/** An exchange that a pattern did not select, and why. */
export interface NearMiss {
  readonly exchange: Exchange;
  readonly verdict: Verdict;
}

/**
 * The exchanges that have more in common with the pattern than not, nearest first; equally near ones in
 * order of arrival.
 */
export function nearMisses(pattern: CompiledPattern, exchanges: readonly Exchange[]): NearMiss[] {
  return exchanges
    .map((exchange) => ({ exchange, verdict: pattern.verdict(exchange) }))
    .filter(({ verdict }) => verdict.distance < FAR)
    .sort((a, b) => a.verdict.distance - b.verdict.distance);
}

/** The distance from which on a request is another one, and no variant of what was expected. */
const FAR = 0.5;

/** The pattern that a request came nearest to, and where it differs; undefined where there are none. */
export function nearestPattern<Rule extends { readonly pattern: CompiledPattern }>(
  rules: readonly Rule[],
  exchange: Exchange,
): { rule: Rule; verdict: Verdict } | undefined {
  let best: { rule: Rule; verdict: Verdict } | undefined;
  for (const rule of rules) {
    const verdict = rule.pattern.verdict(exchange);
    if (best === undefined || verdict.distance < best.verdict.distance) best = { rule, verdict };
  }
  return best;
}
