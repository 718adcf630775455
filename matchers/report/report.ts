/** The report of a failed expectation: what was expected, what came, and what came nearest. */
import type { Exchange } from '../../src/journal/exchange.js';
import type { CompiledPattern } from '../pattern/pattern.js';
import type { Verdict } from '../pattern/verdict.js';
import { describeRange, type Range, requests } from '../rule/times.js';
import type { Style } from '../values/style.js';
import { formatDiff } from './diff.js';
import { cutList, indent, list, listKinds, titleOf } from './listing.js';
import { nearMisses } from './near-miss.js';
import { isForRequestOf } from './unreadable.js';

/** The input of the report. */
export interface ExpectationReport {
  readonly pattern: CompiledPattern;
  readonly range: Range;
  /** The expected number, where the range alone does not say it. */
  readonly expected?: string;
  /** The exchanges that counted. */
  readonly matched: readonly Exchange[];
  /** Exchanges that match and did not count, because they came before what they had to come after. */
  readonly tooEarly?: { readonly exchanges: readonly Exchange[]; readonly why: string };
  /** Exchanges that match and did not count, because they were not in flight together with another one. */
  readonly apart?: readonly { readonly exchange: Exchange; readonly why: string }[];
  /** All that arrived. */
  readonly exchanges: readonly Exchange[];
  /** The number that arrived, too, and that the journal no longer has. */
  readonly forgotten: number;
  /** Requests that were answered before they came to the wire, a line each. */
  readonly offWire?: readonly string[] | undefined;
  /** The time of the decision: `within 5000 ms`, `by the end of the test`. */
  readonly when: string;
  /** The place where the test wrote it. */
  readonly site?: string | undefined;
  readonly style: Style;
}

/** The sentence for it, once a test. */
export const NOTHING_ARRIVED = 'No request at all reached the proxy';
const MOST_SHOWN = 3;
/** Distinct near misses are looked for among so many. */
const MOST_COMPARED = 50;

/** The whole report, several lines of plain text. */
export function reportExpectation(report: ExpectationReport): string {
  const { range, matched, exchanges } = report;
  const sections = [[headline(report)], facts(report)];
  if (matched.length > 0) sections.push([`Matched:`, ...indent(list(matched, matched.length > range.max))]);
  const { tooEarly } = report;
  if (tooEarly && tooEarly.exchanges.length > 0) {
    sections.push([`Matched, but too early: ${tooEarly.why}.`, ...indent(list(tooEarly.exchanges))]);
  }
  if (report.apart && report.apart.length > 0) {
    const apart = report.apart.map(({ exchange, why }) => `${titleOf(exchange)}: ${why}`);
    sections.push(['Matched, but was not in flight together with what it had to overlap:', ...indent(cutList(apart))]);
  }
  if (matched.length < range.min) {
    sections.push(
      ...(exchanges.length === 0 ? [nothingArrived(report.style)] : missed(report)),
      neverCame(report.offWire ?? []),
    );
  }
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function headline({ pattern, range, matched, when, expected = describeRange(range) }: ExpectationReport): string {
  const count = matched.length;
  if (count > range.max) return `${requests(count)} matched ${pattern} ${when}; expected ${expected}.`;
  if (count === 0) return `No request matched ${pattern} ${when}.`;
  return `Only ${requests(count)} matched ${pattern} ${when}; expected ${expected}.`;
}

function facts({
  range,
  matched,
  exchanges,
  forgotten,
  site,
  expected = describeRange(range),
}: ExpectationReport): string[] {
  const of = exchanges.length + forgotten;
  const lines = [
    `Expected: ${expected}`,
    `Received: ${matched.length === 0 ? 'none' : matched.length.toLocaleString('en')}${of === 0 ? '' : ` of ${requests(of)}`}`,
  ];
  if (forgotten > 0)
    lines.push(`          (${requests(forgotten)} no longer in the journal; raise journalLimit to keep more)`);
  if (site !== undefined) lines.push(`Written:  ${site}`);
  return lines;
}

function missed({ pattern, exchanges, matched, tooEarly, apart = [], style }: ExpectationReport): string[][] {
  const counted = new Set([...matched, ...(tooEarly?.exchanges ?? []), ...apart.map(({ exchange }) => exchange)]);
  const others = exchanges.filter((exchange) => !counted.has(exchange));
  const misses = new Map<string, [Exchange, ...Exchange[]]>();
  for (const { exchange, verdict } of nearMisses(pattern, others).slice(0, MOST_COMPARED)) {
    const diff = differences(pattern, exchange, verdict, style);
    const key = [exchange.toString(), ...diff].join('\n');
    const alike = misses.get(key);
    if (alike !== undefined) alike.push(exchange);
    else if (misses.size < MOST_SHOWN) misses.set(key, [exchange]);
  }
  const lines: string[] = [];
  for (const [key, alike] of misses) {
    const [, ...diff] = key.split('\n');
    lines.push('', ...indent([titleOf(alike[0], alike.length), ...indent(diff)]));
  }
  const shown = new Set([...misses.values()].flat());
  const rest = others.filter((exchange) => !shown.has(exchange));
  // A request that came near has the hint with it.
  const hints = lines.length > 0 || matched.length > 0 ? [] : pattern.hints;
  return [
    hints.map((hint) => `${hint}.`),
    lines.length === 0 ? [] : ['Nearest misses (- expected, + received):', ...lines],
    rest.length === 0 ? [] : [lines.length === 0 ? 'What arrived:' : 'What else arrived:', ...indent(listKinds(rest))],
  ];
}

function differences(pattern: CompiledPattern, exchange: Exchange, verdict: Verdict, style: Style): string[] {
  if (verdict.pass) return ['(matches, but its body has not arrived in full)'];
  // Differences of a preflight are no news; that it was not followed by the request is.
  if (isForRequestOf(pattern, exchange)) {
    return [
      '(its CORS preflight: a browser sends the request only where the answer allows it; a stub says so',
      ' with the option cors: true)',
    ];
  }
  return formatDiff(verdict, style, exchange.request);
}

function nothingArrived({ processRouted }: Style): string[] {
  if (processRouted) {
    return [
      `${NOTHING_ARRIVED}, to which all that this process connects to is routed. Was one sent?`,
      '  - Worker threads: only those are routed that were started after Waylay was imported. Import it first.',
      '  - Other programs: start them with waylay.spawn(), or give them waylay.env().',
      '  - What a mock of the application answers (MSW, nock, MockAgent, a module mock) never reaches the wire.',
    ];
  }
  return [
    `${NOTHING_ARRIVED}. Does the client use it?`,
    '  - Pages: only those of the fixtures that this test file imports from Waylay go through it.',
    "  - This process: Node's own fetch goes past it; write waylay.fetch(…), or give undici waylay.dispatcher.",
    '  - Other programs: start them with waylay.spawn(), or give them waylay.env().',
    '  - What page.route, a service worker or the HTTP cache answers never reaches the wire.',
  ];
}

/** Lines of a runner that knows of requests which never came: they may be the ones that are missed. */
function neverCame(lines: readonly string[]): string[] {
  return lines.length === 0
    ? []
    : ['Answered before the wire, where nothing can be expected:', ...indent(cutList(lines))];
}
