import { TestError } from '../../src/errors.js';
import type { Exchange } from '../../src/exchange/exchange.js';
import type { Request, Response } from '../../src/exchange/message.js';
import { formatValue, isObject } from '../report/format.js';
import type { Style } from '../report/style.js';

/** What an `expect` matcher says, in the form that Playwright, Jest and Vitest share. */
export interface MatcherResult {
  readonly name: string;
  readonly pass: boolean;
  readonly message: () => string;
  readonly expected?: unknown;
  readonly actual?: unknown;
}

/** What a runner tells a matcher. */
export interface MatcherContext {
  /** The matcher stands behind `.not`. */
  readonly isNot?: boolean | undefined;
  /** Milliseconds; the runner's own, where the call gives none. */
  readonly timeout?: number | undefined;
  /** How values are shown. Default: without colours, with the default mask. */
  readonly style?: Style | undefined;
}

/** The error for something that a matcher was not made for. */
export function wrongReceived(name: string, received: unknown, needs: string): TestError {
  const hint = isObject(received) && typeof received.then === 'function' ? ' Await it first.' : '';
  return new TestError('WAYLAY_INVALID_OPTION', `${name} needs ${needs}, not ${formatValue(received)}.${hint}`);
}

/** Whether the value is a request or a response of an exchange, of whichever form of this library. */
export function isMessage(value: unknown): value is Request | Response {
  return isObject(value) && Array.isArray(value.rawHeaders) && isObject(value.captured);
}

/** Whether the value is an exchange. */
export function isExchange(value: unknown): value is Exchange {
  return isObject(value) && isMessage(value.request);
}
