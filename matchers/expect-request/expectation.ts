import type { Exchange } from '../../src/journal/exchange.js';
import type { Response } from '../../src/journal/message.js';
import type { RequestPattern } from '../pattern/pattern.js';
import type { Times } from '../rule/times.js';
import type { Awaitable } from './awaitable.js';

/** Limits of an expectation, beside what narrows its pattern. */
export interface ExpectationOptions {
  /** The number of requests. Default: at least one. `0` watches until the test ends; awaited, for the `timeout` it is given. */
  times?: Times | undefined;
  /** Milliseconds to wait when it is awaited. Default: the option `timeout`, 5000. */
  timeout?: number | undefined;
}

/** Keys that narrow the pattern of an expectation, and its limits. */
export type Narrowing = RequestPattern & ExpectationOptions;

/** The exchanges of an expectation that gives `First`. */
export type Counted<First> = [Extract<First, Exchange>] extends [never] ? Exchange : Extract<First, Exchange>;

/**
 * A registered expectation. Awaiting it starts the clock and gives the first exchange, as soon as so
 * many requests as expected are complete; their responses may still be pending.
 *
 * @example
 * const { request } = await waylay.expectRequest('POST https://api.pay.test/v1/charges');
 */
export interface Expectation<First = Exchange> extends Awaitable<First> {
  /** The exchanges that have matched so far, in order of arrival. */
  readonly exchanges: readonly Counted<First>[];
  /** Waits as awaiting does, and gives every exchange that matched. */
  all(): Promise<readonly Counted<First>[]>;
  /**
   * Waits as awaiting does and then, within the same time, for the first exchange's response in full.
   *
   * @throws {TestError} awaited: `WAYLAY_EXPECTATION` where none comes, or the exchange fails (its error is the cause)
   * @example
   * const { request, response } = await waylay.expectRequest('POST https://api.pay.test/v1/charges').finished();
   */
  finished(): Promise<Counted<First> & { readonly response: Response }>;
  /**
   * Only requests count that arrived after those which the others expect.
   *
   * @throws {TestError} `WAYLAY_INVALID_OPTION` where that cannot be
   * @example
   * waylay.expectRequest('**\/api/cart').after(waylay.expectRequest('POST **\/login'));
   */
  after(...others: readonly Expectation<unknown>[]): this;
  /**
   * Only requests count that were in flight at the same time as one which `other` expects: each began, its head
   * read by the proxy, before the other had its response in full.
   *
   * @throws {TestError} `WAYLAY_INVALID_OPTION` where that cannot be
   * @example
   * await waylay.expectRequest('**\/api/prices').overlapping(waylay.expectRequest('**\/api/stock'));
   */
  overlapping(other: Expectation<unknown>): this;
}
