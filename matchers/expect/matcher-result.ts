import { TestError } from '../../src/errors.js';
import type { Exchange } from '../../src/exchange/exchange.js';
import type { Request, Response } from '../../src/exchange/message.js';
import { formatValue, isObject } from '../report/format.js';
import { PLAIN, type Style } from '../report/style.js';
import { trafficOf } from '../traffic.js';

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
  /** How values are shown. Default: as the options of the test say, where the message is of its traffic. */
  readonly style?: Style | undefined;
}

/** The error for something that a matcher was not made for. */
export function wrongReceived(name: string, received: unknown, needs: string): TestError {
  const given = isExchange(received) ? `the exchange of ${received.request}` : formatValue(received);
  return new TestError('WAYLAY_INVALID_OPTION', `${name} needs ${needs}, not ${given}.${hint(name, received)}`);
}

function hint(name: string, received: unknown): string {
  if (isObject(received) && typeof received.then === 'function') return ' Await it first.';
  if (isExchange(received))
    return ` Write expect(exchange.request).${name}(…) or expect(exchange.response).${name}(…).`;
  if (received !== undefined) return '';
  return ' Where a response has not come yet, it is undefined: await exchange.finished() first.';
}

/** How values of a message are shown. */
export function styleOf(message: unknown): Style {
  return trafficOf(message) ?? PLAIN;
}

/** Whether the value is a request or a response of an exchange, of whichever form of this library. */
export function isMessage(value: unknown): value is Request | Response {
  return isObject(value) && Array.isArray(value.rawHeaders) && isObject(value.captured);
}

/** Whether the value is an exchange. */
export function isExchange(value: unknown): value is Exchange {
  return isObject(value) && isMessage(value.request);
}
