import type { Journal } from '../../src/journal/journal.js';
import type { StartTimer } from '../../src/runtime/clock.js';
import type { FieldContext } from '../pattern/field.js';
import type { Style } from '../values/style.js';
import type { CallSite } from './call-site.js';

/** The test runner's view of a test's traffic: what it shows and knows. */
export interface Runner {
  /** Does something as a step of the report, at the place where the test wrote it. */
  step<T>(title: string, site: CallSite, body: () => Promise<T>): Promise<T>;
  /** A stub or a mutation took part in an exchange. */
  hit(title: string, site: CallSite): void;
  /** Requests that were answered before they came to the wire, a line each. */
  offWire(): readonly string[];
}

/** A call of `expect(waylay)` that waits. */
export interface WaitingCall {
  readonly title: string;
  /** The place where it was written. */
  readonly site: CallSite;
  /** The test failed for it already. */
  told: boolean;
}

/** The state that one test's matchers share. */
export interface Traffic extends Style {
  readonly journal: Journal;
  /** Milliseconds that awaited expectations wait. */
  readonly timeout: number;
  readonly patterns: FieldContext;
  readonly startTimer: StartTimer;
  /** The runner, where there is one that shows more than failures. */
  readonly runner: Runner | undefined;
  /** Ends what is still waiting when the proxy is stopped. */
  readonly waiting: Set<() => void>;
  /** The calls of `expect(waylay)` that have not come to an end: what each is, and where it was written. */
  readonly asked: Set<WaitingCall>;
  /** The proxy was stopped: nothing more comes. */
  ended: boolean;
}

/**
 * The key under which a Waylay object holds its traffic for the `expect` matchers. Registered by
 * name, so that the ESM and the CommonJS form of this library understand each other's objects.
 */
export const TRAFFIC: unique symbol = Symbol.for('waylay.traffic');

/** The values that `expect(waylay)` can be given. */
export interface TrafficHolder {
  readonly [TRAFFIC]: Traffic;
}

/**
 * Lets every request and response of the journal tell whose traffic it is, for matchers that are given a message
 * alone. Not enumerable, so that a message compares and prints as before.
 */
export function markMessages(traffic: Traffic): void {
  const mark = (message: object | undefined) => {
    if (message === undefined || Object.hasOwn(message, TRAFFIC)) return;
    Object.defineProperty(message, TRAFFIC, { value: traffic });
  };
  traffic.journal.subscribe(({ request, response }, phase) => {
    if (phase === 'request') mark(request);
    if (phase === 'response' || phase === 'end') mark(response);
  });
}

/** The traffic that a Waylay object holds, or a message was marked with. */
export function trafficOf(value: unknown): Traffic | undefined {
  return typeof value === 'object' && value !== null && TRAFFIC in value ? (value[TRAFFIC] as Traffic) : undefined;
}
