import { TestError } from '../../src/errors.js';
import type { Exchange } from '../../src/journal/exchange.js';
import type { Pattern } from '../pattern/pattern.js';
import type { TypedJson } from '../pattern/typed-json.js';
import { readTimeout } from '../rule/times.js';
import type { Traffic } from '../rule/traffic.js';
import { formatValue, isPlainObject } from '../values/format.js';
import type { Awaitable } from './awaitable.js';
import type { Member } from './expect-group.js';
import { ExpectedRequest } from './expect-request.js';
import type { Expectation } from './expectation.js';
import { readExpectation } from './expectation-options.js';
import { MatchCounter } from './match-counter.js';

/** A member of a group: an expectation, with as many requests as it expects, or a pattern, with one request. */
export type GroupMember = Pattern | Expectation;

/** Limits of a group. */
export interface GroupOptions {
  /** Milliseconds to wait when it is awaited. Default: the option `timeout`, 5000. */
  timeout?: number | undefined;
}

/** The exchange of each member: the first one, where it expects several. */
export type GroupExchanges<Members extends readonly unknown[]> = {
  -readonly [Index in keyof Members]: Members[Index] extends PromiseLike<infer First extends Exchange>
    ? First
    : Members[Index] extends { readonly json: infer Json }
      ? Exchange<TypedJson<Json>>
      : Exchange;
};

/**
 * A registered group. Awaiting it starts the clock and gives one exchange for each member, as soon as they have come
 * as expected; their responses may still be pending. What is neither awaited nor satisfied fails the test at its end.
 */
export type ExpectationGroup<Exchanges extends readonly Exchange[] = readonly Exchange[]> = Awaitable<Exchanges>;

/**
 * Reads what a group is made of, and its options.
 * @throws {TestError} `WAYLAY_INVALID_OPTION`, `WAYLAY_INVALID_PATTERN`
 */
export function readGroup(
  name: 'expectOrder' | 'expectOverlap',
  traffic: Traffic,
  given: unknown,
  options: unknown = {},
): { members: readonly Member[]; timeout: number } {
  const refuse = (why: string) =>
    new TestError('WAYLAY_INVALID_OPTION', `${why}. Write waylay.${name}([first, second], { timeout: 5000 }).`);
  if (!Array.isArray(given)) {
    throw refuse(`${name} takes a list of expectations or patterns, not ${formatValue(given)}`);
  }
  if (!isPlainObject(options)) throw refuse(`The options of ${name} cannot be ${formatValue(options)}`);
  const { timeout, ...others } = options;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw refuse(`${name} has no option '${unknown}', only 'timeout'`);
  const members = given.map((member) => readMember(member, traffic, refuse));
  const wanted = members.reduce((sum, { count }) => sum + count, 0);
  if (wanted < 2 || (name === 'expectOrder' && members.length < 2)) {
    throw refuse(`${name} takes at least two, and was given ${members.length}`);
  }
  return { members, timeout: readTimeout(timeout, traffic.timeout) };
}

function readMember(member: unknown, traffic: Traffic, refuse: (why: string) => Error): Member {
  if (!(member instanceof ExpectedRequest)) {
    const { pattern } = readExpectation(traffic, member as Pattern);
    return { pattern, counter: new MatchCounter(traffic.journal, pattern), count: 1, expectation: undefined };
  }
  const { pattern, counter, range } = member;
  if (member.traffic !== traffic) throw refuse(`${pattern} is an expectation of another Waylay`);
  if (range.max === 0) throw refuse(`${pattern} with times: 0 expects no request, which has no place in time`);
  return { pattern, counter, count: Math.max(range.min, 1), expectation: member };
}
