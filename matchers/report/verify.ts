import { type ErrorCode, TestError, type WaylayError } from '../../src/errors.js';
import { isUnasked } from '../../src/journal/background.js';
import type { Exchange } from '../../src/journal/exchange.js';
import type { ExchangeRule } from '../../src/journal/intervention.js';
import { fileOf, isOwn } from '../../src/runtime/frames.js';
import { thrownText } from '../../src/runtime/thrown.js';
import { type CallSite, locationOf, partStack } from '../rule/call-site.js';
import type { EffectLog } from '../rule/effect-log.js';
import type { Style } from '../values/style.js';
import { indent, placeOf } from './listing.js';
import { explainRefusal } from './refusal.js';
import { NOTHING_ARRIVED } from './report.js';
import { warnOfUnreadable } from './unreadable.js';
import { findUnused, type RegisteredRules, reportUnused, type UnusedRule, warnOfUnused } from './unused.js';

/** The treatment of stubs and mutations that no request met. */
export type UnusedPolicy = 'ignore' | 'warn' | 'fail';

/** An expectation that may be unmet at the end of a test. */
export interface Verifiable {
  /** The place where the test wrote it. */
  readonly site: CallSite;
  /** The part that is unmet and was not told before; undefined where nothing is. */
  problem(): string | undefined;
}

/** The facts that the end of a test is judged by. */
export interface Verification extends RegisteredRules {
  readonly expectations: readonly Verifiable[];
  readonly exchanges: readonly Exchange[];
  readonly unusedStubs: UnusedPolicy;
  /** The effects of the rules that requests did meet. */
  readonly effects: EffectLog;
  readonly style: Style;
}

interface Problem {
  readonly code: ErrorCode;
  readonly text: string;
  /** Frames of the place in the test, as a stack has them. */
  readonly frames: readonly string[];
}

const MOST_SHOWN = 10;

/** The kinds of problems, as they are counted: what the test asserts first, then what may be the reason. */
const KINDS = {
  WAYLAY_EXPECTATION: ['unmet expectation', 'unmet expectations'],
  WAYLAY_HANDLER: ['function that failed', 'functions that failed'],
  WAYLAY_REFUSED: ['refused request', 'refused requests'],
  WAYLAY_UNUSED: ['unused stub or mutation', 'unused stubs or mutations'],
} as const;

/**
 * The error at the end of a test: unmet expectations that nobody was told of, functions that failed, requests that were
 * refused, stubs that were not used; one error with all of it, undefined where all is well.
 */
export function verifyAtEnd(verification: Verification): TestError | undefined {
  const { exchanges, style, unusedStubs } = verification;
  const unused = unusedStubs === 'ignore' ? [] : findUnused(verification, exchanges, style);
  const problems = [
    ...unmet(verification.expectations),
    ...failed(verification),
    ...refused(exchanges, style),
    ...(unusedStubs === 'fail' ? unused.map(unusedProblem) : []),
  ];
  const [first] = problems;
  if (first === undefined) return undefined;
  const report = problems.length === 1 ? first.text : numbered(problems);
  const hint = hintAt([
    ...warnOfUnreadable(verification.stubs, exchanges),
    ...verification.effects.warnings(),
    ...(unusedStubs === 'warn' ? unused.map(warnOfUnused) : []),
  ]);
  // The text has what a function threw; as the cause, runners would show it once more.
  const error = new TestError(first.code, [report, ...hint].join('\n\n'));
  // Runners show the code there: the place in the test tells more than this one.
  const frames = problems.find((problem) => problem.frames.length > 0)?.frames ?? [];
  error.stack = [`${error.name}: ${error.message}`, ...frames].join('\n');
  return error;
}

/** Warnings where the test does not fail for it: one line each. */
export function warningsAtEnd(verification: Omit<Verification, 'expectations'>): string[] {
  const { exchanges, style, unusedStubs } = verification;
  const unused = unusedStubs === 'warn' ? findUnused(verification, exchanges, style).map(warnOfUnused) : [];
  return [...warnOfUnreadable(verification.stubs, exchanges), ...verification.effects.warnings(), ...unused];
}

function unmet(expectations: readonly Verifiable[]): Problem[] {
  return expectations.flatMap((expectation) => {
    const text = expectation.problem();
    return text === undefined ? [] : [{ code: 'WAYLAY_EXPECTATION', text, frames: expectation.site.frames }];
  });
}

function failed({ exchanges, stubs, mutations }: Verification): Problem[] {
  return grouped(exchanges, 'WAYLAY_HANDLER', ({ message, cause }, { rules }) => {
    const { text, frames } = partStack(message);
    const thrown =
      frames.length > 0 ? frames : partStack(thrownText(cause)).frames.filter((frame) => !isOwn(fileOf(frame)));
    const concerned = concernedBy(rules, thrown[0]);
    const [first] = concerned;
    // A rule that was removed since has no frames left, and its place is in the text.
    const rule = [...stubs, ...mutations].find(({ described }) => described === first);
    return {
      text: [text, ...belongsTo(concerned)].join('\n'),
      frames: thrown.length > 0 ? thrown : (rule?.site.frames ?? []),
    };
  });
}

/** The rules that may have failed: those written where the frame is, else all that took part. */
function concernedBy(rules: readonly ExchangeRule[], frame: string | undefined): readonly ExchangeRule[] {
  const location = frame === undefined ? undefined : locationOf(frame);
  const there = rules.filter(({ place }) => place !== undefined && place === location);
  return there.length > 0 ? there : rules;
}

function belongsTo(rules: readonly ExchangeRule[]): string[] {
  const names = rules.map((rule) => `the ${rule.kind} ${rule.pattern} (${placeOf(rule)})`);
  if (names.length === 0) return [];
  return [names.length === 1 ? `It belongs to ${names[0]}.` : `It belongs to one of these: ${names.join(', ')}.`];
}

function refused(exchanges: readonly Exchange[], style: Style): Problem[] {
  // A browser's own requests are refused, but that fails no test.
  const meant = exchanges.filter((exchange) => !isUnasked(exchange));
  return grouped(meant, 'WAYLAY_REFUSED', (error) => ({
    text: explainRefusal(error, exchanges, style),
    frames: [],
  }));
}

function unusedProblem(unused: UnusedRule): Problem {
  return { code: 'WAYLAY_UNUSED', text: reportUnused(unused), frames: unused.rule.site.frames };
}

/** The errors of one code, each text once, with how often it came. */
function grouped(
  exchanges: readonly Exchange[],
  code: ErrorCode,
  write: (error: WaylayError, exchange: Exchange) => Omit<Problem, 'code'>,
): Problem[] {
  const groups = new Map<string, Problem & { count: number }>();
  for (const exchange of exchanges) {
    if (exchange.error?.code !== code) continue;
    const { text, frames } = write(exchange.error, exchange);
    const group = groups.get(text);
    if (group === undefined) groups.set(text, { code, text, frames, count: 1 });
    else group.count += 1;
  }
  return [...groups.values()].map(({ count, ...problem }) =>
    count === 1 ? problem : { ...problem, text: `${problem.text}\n(${count} times)` },
  );
}

function numbered(problems: readonly Problem[]): string {
  const said = new Set<string>();
  // A second notice that nothing arrived is no news.
  const once = (text: string): string =>
    text
      .split('\n\n')
      .filter((section) => !section.startsWith(NOTHING_ARRIVED) || (!said.has(section) && said.add(section)))
      .join('\n\n');
  const shown = problems
    .slice(0, MOST_SHOWN)
    .map(({ text }, index) => `${index + 1}) ${once(text).replace(/\n(?=.)/g, '\n   ')}`);
  const more = problems.length - shown.length;
  const kinds = Object.entries(KINDS).flatMap(([code, [one, several]]) => {
    const count = problems.filter((problem) => problem.code === code).length;
    return count === 0 ? [] : [`${count} ${count === 1 ? one : several}`];
  });
  const title = `${problems.length} problems with this test's traffic: ${kinds.join(', ')}.`;
  return [title, ...shown, ...(more > 0 ? [`and ${more} more.`] : [])].join('\n\n');
}

/** A stub that was not used, or not to any effect, is often the reason why a test fails. */
function hintAt(warnings: readonly string[]): string[] {
  if (warnings.length === 0) return [];
  return [['This may be why:', ...indent(warnings.slice(0, MOST_SHOWN))].join('\n')];
}
