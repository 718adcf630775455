import { TestError } from '../../src/errors.js';
import type { Exchange } from '../../src/journal/exchange.js';
import type { Request, Response } from '../../src/journal/message.js';
import { trafficOf } from '../rule/traffic.js';
import { cut, formatValue, isObject, isPlainObject, writeKey } from '../values/format.js';
import { PLAIN, type Style } from '../values/style.js';

/**
 * The result of an `expect` matcher, in the form that Playwright, Jest and Vitest share. The message has it all: of
 * expected and actual values Vitest would show a diff of its own, which knows neither subsets nor what is masked.
 */
export interface MatcherResult {
  /** The matcher's name. */
  readonly name: string;
  /** True if it is as expected, `.not` left aside. */
  readonly pass: boolean;
  /** Says what is wrong. */
  readonly message: () => string;
}

/** The context that a runner gives a matcher. */
export interface MatcherContext {
  /** The matcher stands behind `.not`. */
  readonly isNot?: boolean | undefined;
  /** Milliseconds; the runner's own, where the call gives none. */
  readonly timeout?: number | undefined;
  /** The style in which values are shown. Default: as the options of the test say, where the message is of its traffic. */
  readonly style?: Style | undefined;
}

/** The error for something that a matcher was not made for; what it is, and not what is in it, which may be secret. */
export function wrongReceived(name: string, received: unknown, needs: string): TestError {
  return new TestError(
    'WAYLAY_INVALID_OPTION',
    `${name} needs ${needs}, not ${describe(received)}.${hint(name, received)}`,
  );
}

function describe(received: unknown): string {
  if (isExchange(received)) return `the exchange of ${received.request}`;
  if (isMessage(received)) return String(received);
  if (Array.isArray(received)) return `a list of ${received.length}`;
  if (typeof received === 'string') return 'a string';
  if (isPlainObject(received)) {
    const keys = Object.keys(received).map(writeKey);
    return keys.length === 0 ? 'an object without keys' : `an object with the keys ${cut(keys.join(', '), 100)}`;
  }
  return isObject(received) ? received.constructor?.name || 'an object' : formatValue(received);
}

function hint(name: string, received: unknown): string {
  if (isObject(received) && typeof received.then === 'function') return ' Await it first.';
  if (isExchange(received))
    return ` Write expect(exchange.request).${name}(…) or expect(exchange.response).${name}(…).`;
  if (received !== undefined || name === 'toHaveReceived') return '';
  return ' Where a response has not come yet, it is undefined: await exchange.finished() first.';
}

/** The style in which values of a message are shown. */
export function styleOf(message: unknown): Style {
  return trafficOf(message) ?? PLAIN;
}

/** True if the value is a request or a response of an exchange, of whichever form of this library. */
export function isMessage(value: unknown): value is Request | Response {
  return isObject(value) && Array.isArray(value.rawHeaders) && isObject(value.captured);
}

/** True if the value is an exchange. */
export function isExchange(value: unknown): value is Exchange {
  return isObject(value) && isMessage(value.request);
}
