/** Patterns: what selects requests. */

import type { Handshake } from '../../src/interceptor.js';
import type { AnyPort } from '../../src/net/authority.js';
import { isPreflight } from '../message/cross-origin.js';
import { formatValue, isPlainObject } from '../values/format.js';
import { invalidPattern } from '../values/invalid-pattern.js';
import type { Mask } from '../values/mask.js';
import type { Field, FieldContext, Subject } from './field.js';
import { parseKeys, parsePattern } from './parse-pattern.js';
import { BodyAwaited } from './predicate-field.js';
import type { Pattern, RequestPattern } from './request-pattern.js';
import { NO_TUNNEL } from './tunnel-field.js';
import { type Verdict, verdictOf } from './verdict.js';

export type {
  GraphqlPattern,
  JsonPattern,
  MultipartPattern,
  NamedPatterns,
  ParsedJson,
  PartPattern,
  Pattern,
  RequestPattern,
  RequestPredicate,
  ValuePattern,
} from './request-pattern.js';

/** The outcome of a pattern without the verdict's reasons; `body` where the rest matches and the body has not come yet. */
export type Outcome = 'match' | 'mismatch' | 'body';

/** A pattern, ready to judge. */
export class CompiledPattern {
  readonly #title: string;
  readonly #head: readonly Field[];
  readonly #body: readonly Field[];
  /**
   * The text that the URL of a request that matches has after its last slash. Undefined where that is open, and where the
   * test has to be asked before the URL is looked at: it would notice not being asked.
   */
  readonly urlEnd: string | undefined;

  /** @internal */
  constructor(title: string, fields: readonly Field[]) {
    this.#title = title;
    const head = fields.filter((field) => !field.needsBody);
    const isPredicate = (field: Field) => field.name === 'predicate';
    // Predicates last: what is cheap and pure decides first.
    this.#head = [...head.filter((field) => !isPredicate(field)), ...head.filter(isPredicate)];
    if (!fields.some((field) => field.name === 'method')) this.#head = [NO_TUNNEL, ...this.#head];
    this.#body = fields.filter((field) => field.needsBody);
    const decisive = this.#head.find(({ urlEnd, plain }) => urlEnd !== undefined || !plain);
    this.urlEnd = decisive?.urlEnd;
  }

  /** No other requests than those that open WebSockets can match. */
  get onlyWebSockets(): boolean {
    return this.#head.some((field) => field.onlyWebSockets);
  }

  /** Some key can only be judged when the body has come. */
  get needsBody(): boolean {
    return this.#body.length > 0;
  }

  /** The fast way. May throw what a predicate of the test throws. */
  test(subject: Subject): Outcome {
    try {
      for (const field of this.#head) if (!field.test(subject)) return 'mismatch';
    } catch (error) {
      if (error instanceof BodyAwaited) return 'body';
      throw error;
    }
    if (this.#body.length === 0) return 'match';
    if (!subject.request.captured.complete) return this.#testEarly(subject);
    for (const field of this.#body) if (!field.test(subject)) return 'mismatch';
    return 'match';
  }

  // The body has not come: what can be said without it.
  #testEarly(subject: Subject): Outcome {
    let outcome: Outcome = 'match';
    for (const field of this.#body) {
      if (field.needsBodyOf?.(subject.request) ?? true) outcome = 'body';
      else if (!field.test(subject)) return 'mismatch';
    }
    return outcome;
  }

  /** True exactly where every field of the verdict passes; a predicate that throws counts as a mismatch. */
  matches(subject: Subject): boolean {
    try {
      return this.test(subject) === 'match';
    } catch {
      return false;
    }
  }

  /** Every field with what was expected, what came and how far it is. Never throws. */
  verdict(subject: Subject): Verdict {
    return verdictOf([...this.#head, ...this.#body].map((field) => field.explain(subject)));
  }

  /** False only where no request to this authority can match; without a port: to any at that host. */
  mayMatch(authority: AnyPort): boolean {
    return this.#head.every((field) => field.mayMatch?.(authority) ?? true);
  }

  /**
   * True if the request is a CORS preflight for one that matches, as far as a preflight shows that: method, URL and
   * connection. May throw what a predicate of the test throws.
   */
  testPreflight(subject: Subject): boolean {
    if (!isPreflight(subject.request)) return false;
    return this.#head.every((field) => field.onPreflight?.(subject) ?? true);
  }

  /** The fields that no TLS handshake can answer, such as a method or a path. */
  get beyondAuthority(): readonly string[] {
    return [...this.#head, ...this.#body].filter((field) => field.onHandshake === undefined).map(({ name }) => name);
  }

  /**
   * True if a TLS handshake matches; false where that is {@link beyondAuthority | beyond it}. May throw what a predicate
   * of the test throws.
   */
  matchesAuthority(handshake: Handshake): boolean {
    return [...this.#head, ...this.#body].every((field) => field.onHandshake?.(handshake) ?? false);
  }

  /** Hints where no request matches: it may have been written for another tool. */
  get hints(): readonly string[] {
    return this.#head.flatMap(({ hint }) => hint ?? []);
  }

  /** The pattern as it was written, on one line. */
  toString(): string {
    return this.#title;
  }
}

/** The context that patterns are compiled in. */
export interface PatternContext extends FieldContext {
  /** The mask of the pattern's title. */
  readonly mask?: Mask;
  /** Names beside the keys that the caller reads himself, so that a typing error of one is recognised. */
  readonly others?: readonly string[];
}

/**
 * Prepares a pattern, and what narrows it: both must match.
 * @throws {TestError} `WAYLAY_INVALID_PATTERN` with the offending value and how to write it
 *
 * @example
 * compilePattern('POST https://api.pay.test/v1/charges', { json: { amount: 4200 } }).matches(exchange)
 */
export function compilePattern(
  pattern: Pattern,
  narrowing?: RequestPattern,
  context: PatternContext = {},
): CompiledPattern {
  const within = { ...context, queryPatterns: [...queryOf(pattern), ...queryOf(narrowing)] };
  const fields = parsePattern(pattern, within);
  const show = (part: unknown) => formatValue(context.mask === undefined ? part : context.mask.pattern(part));
  const title = typeof pattern === 'string' ? written(pattern, context.mask) : show(pattern);
  if (narrowing === undefined) return new CompiledPattern(title, fields);
  if (!isPlainObject(narrowing)) {
    throw invalidPattern(narrowing, 'what narrows a pattern is an object', '{ json: { amount: 4200 } }');
  }
  const narrower = parseKeys(narrowing, within, context.others);
  const more = narrower.length === 0 ? '' : ` ${show(narrowing)}`;
  return new CompiledPattern(title + more, [...fields, ...narrower]);
}

/** The parts that a pattern asks of the query by the key for it; empty where it has none. */
function queryOf(pattern: unknown): unknown[] {
  return isPlainObject(pattern) && pattern.query !== undefined ? [pattern.query] : [];
}

function written(pattern: string, mask: Mask | undefined): string {
  const line = pattern.trim().replace(/\s+/g, ' ');
  return mask === undefined ? line : mask.url(line);
}
