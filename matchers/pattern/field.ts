import { WaylayError } from '../../src/errors.js';
import type { Handshake } from '../../src/interceptor.js';
import { textWithoutSecrets } from '../../src/journal/mask/body-secrets.js';
import type { Request } from '../../src/journal/message.js';
import type { AnyPort } from '../../src/net/authority.js';
import { Described, formatValue } from '../values/format.js';
import { type Comparison, compareValue, differs, matchesValue, SAME } from '../values/value.js';
import type { FieldVerdict } from './verdict.js';

/** The subject of a pattern: an exchange, or a request alone. */
export interface Subject {
  readonly request: Request;
  readonly websocket?: boolean;
  /** The client's end; only an exchange has one. */
  readonly client?: { readonly tls: { readonly serverName: string | undefined } | undefined };
}

/** The context that fields are compiled in. */
export interface FieldContext {
  /** Relative URLs are resolved against it. */
  readonly baseURL?: string | undefined;
  /** The pattern has the key `query`, with these values: URLs without one say nothing of it. */
  readonly queryPatterns?: readonly unknown[];
}

/** One condition of a pattern. */
export interface Field {
  readonly name: string;
  readonly needsBody: boolean;
  /** True if this request's body has to come first; absent where that of every request has to. */
  readonly needsBodyOf?: (request: Request) => boolean;
  /** The fast way; may throw what a predicate throws. */
  test(subject: Subject): boolean;
  /** The full way; never throws, and passes exactly where `test` is true. */
  explain(subject: Subject): FieldVerdict;
  /** True if a request to this authority could pass; absent where the field says nothing of it. */
  readonly mayMatch?: (authority: AnyPort) => boolean;
  /** True if a TLS handshake passes; absent where none can answer. */
  readonly onHandshake?: (handshake: Handshake) => boolean;
  /** True if the request that a CORS preflight announces passes; absent where a preflight shows nothing of it. */
  readonly onPreflight?: (preflight: Subject) => boolean;
  /** The text that the URLs of all requests that pass have after their last slash; absent where the field leaves that open. */
  readonly urlEnd?: string;
  /** The hint where nothing passes: it may have been written for another tool. */
  readonly hint?: string;
  /** Only WebSockets pass. */
  readonly onlyWebSockets?: boolean;
  /** Judging it runs nothing that the test wrote, which could throw, count or read the body. */
  readonly plain: boolean;
}

/** Judges one value of a request. */
export interface ValueMatcher {
  /** The expected value, as it is shown. */
  readonly expected: unknown;
  matches(actual: unknown): boolean;
  compare(actual: unknown): Comparison;
}

/** Judges by {@link matchesValue}. */
export function valueMatcher(expected: unknown): ValueMatcher {
  return {
    expected,
    matches: (actual) => matchesValue(expected, actual),
    compare: (actual) => compareValue(expected, actual),
  };
}

/** Judges by several, of which one must match. */
export function anyOf(matchers: readonly ValueMatcher[]): ValueMatcher {
  const expected = matchers.map((matcher) => matcher.expected);
  return {
    expected,
    matches: (actual) => matchers.some((matcher) => matcher.matches(actual)),
    compare: (actual) => {
      const distances = matchers.map((matcher) => matcher.compare(actual).distance);
      const least = Math.min(...distances);
      return least === 0 ? SAME : differs(expected, actual, [], least);
    },
  };
}

/** Judges a value, or a list of its spellings, of which one must match. */
export function anySpelling(matcher: ValueMatcher): ValueMatcher {
  return {
    expected: matcher.expected,
    matches: (actual) => (Array.isArray(actual) ? actual.some((one) => matcher.matches(one)) : matcher.matches(actual)),
    compare: (actual) => (Array.isArray(actual) ? nearest(matcher, actual, actual) : matcher.compare(actual)),
  };
}

/** Judges what could be read; what stands in its place ({@link Described}) fails, whatever is expected. */
export function readable(matcher: ValueMatcher): ValueMatcher {
  return {
    expected: matcher.expected,
    matches: (actual) => !(actual instanceof Described) && matcher.matches(actual),
    compare: (actual) => (actual instanceof Described ? differs(matcher.expected, actual) : matcher.compare(actual)),
  };
}

/**
 * The comparison with the candidate that is nearest. What a predicate throws ends the search, as it
 * ends matching: the candidates after it would not have been asked.
 * @param actual what is shown where there are none
 */
export function nearest(matcher: ValueMatcher, candidates: readonly unknown[], actual: unknown): Comparison {
  let best: Comparison | undefined;
  for (const candidate of candidates) {
    try {
      if (matcher.matches(candidate)) return SAME;
    } catch (error) {
      return differs(matcher.expected, candidate, [], 1, `threw ${String(error)}`);
    }
    const comparison = matcher.compare(candidate);
    if (best === undefined || comparison.distance < best.distance) best = comparison;
  }
  return best ?? differs(matcher.expected, actual, [], 0.5);
}

/** The parts of a field: a matcher, and what it reads. */
export interface FieldInit {
  readonly name: string;
  readonly matcher: ValueMatcher;
  readonly read: (request: Request, subject: Subject) => unknown;
  readonly needsBody?: boolean;
  readonly needsBodyOf?: (request: Request) => boolean;
  readonly weight?: number;
  readonly mayMatch?: (authority: AnyPort) => boolean;
  readonly onHandshake?: (handshake: Handshake) => boolean;
  /** The value as a CORS preflight shows it; `'as-is'` where that is the preflight's own. */
  readonly preflight?: 'as-is' | ((preflight: Request) => unknown);
  readonly urlEnd?: string;
  readonly hint?: string;
  readonly onlyWebSockets?: boolean;
}

/** A field that reads a value from the request and holds it against a matcher. */
export function field(init: FieldInit): Field {
  const { name, matcher, read, needsBody = false, needsBodyOf, weight = 1 } = init;
  const { mayMatch, onHandshake, preflight, urlEnd, hint, onlyWebSockets } = init;
  const judge = (reading: FieldInit['read']) => (subject: Subject) => {
    let actual: unknown;
    try {
      actual = reading(subject.request, subject);
    } catch {
      return false; // The client's request cannot be read so: its doing, and no fault of the pattern.
    }
    return matcher.matches(actual);
  };
  const explain = (subject: Subject): FieldVerdict => {
    let actual: unknown;
    let comparison: Comparison;
    try {
      actual = read(subject.request, subject);
      comparison = matcher.compare(actual);
    } catch (error) {
      actual = describeUnread(subject.request, error);
      comparison = differs(matcher.expected, actual);
    }
    const { distance, differences } = comparison;
    return {
      field: name,
      expected: matcher.expected,
      actual,
      pass: differences.length === 0,
      distance,
      weight,
      differences,
    };
  };
  return {
    name,
    needsBody,
    test: judge(read),
    explain,
    plain: [matcher.expected].flat().every((one) => typeof one !== 'function' && typeof one !== 'object'),
    ...(needsBodyOf && { needsBodyOf }),
    ...(mayMatch && { mayMatch }),
    ...(onHandshake && { onHandshake }),
    ...(preflight && { onPreflight: judge(preflight === 'as-is' ? read : preflight) }),
    ...(urlEnd !== undefined && { urlEnd }),
    ...(hint !== undefined && { hint }),
    ...(onlyWebSockets && { onlyWebSockets }),
  };
}

/** The error of a body that is not there in full, or not what it was read as. */
export function isUnreadable(error: unknown): error is WaylayError {
  return (
    error instanceof WaylayError && (error.code === 'WAYLAY_BODY_INCOMPLETE' || error.code === 'WAYLAY_BODY_UNREADABLE')
  );
}

/** Describes what there is in place of a value that could not be read. */
export function describeUnread(
  message: Pick<Request, 'captured' | 'text' | 'secrets' | 'header'>,
  error: unknown,
): Described {
  const { captured } = message;
  if (!isUnreadable(error)) return new Described(`(${String(error)})`);
  if (!captured.complete) return new Described(`(a body that has not arrived in full: ${captured.size} bytes so far)`);
  if (captured.truncated) {
    return new Described(`(a body of ${captured.size} bytes, of which ${captured.kept} were kept)`);
  }
  if (captured.size === 0) return new Described('(no body)');
  try {
    const text = textWithoutSecrets(message.secrets, message.text(), message.header('content-type'));
    return new Described(`(not JSON) ${formatValue(text)}`);
  } catch {
    return new Described(`(a body that cannot be read: ${error.message})`);
  }
}
