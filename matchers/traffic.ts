import type { StartTimer } from '../src/clock.js';
import type { Journal } from '../src/exchange/journal.js';
import type { FieldContext } from './pattern/field.js';
import type { Style } from './report/style.js';

/** What one test's matchers share. */
export interface Traffic extends Style {
  readonly journal: Journal;
  /** Milliseconds that awaited expectations wait. */
  readonly timeout: number;
  readonly patterns: FieldContext;
  readonly startTimer: StartTimer;
  /** Ends what is still waiting when the proxy is stopped. */
  readonly waiting: Set<() => void>;
}

/**
 * The key under which a Waylay object holds its traffic for the `expect` matchers. Registered by
 * name, so that the ESM and the CommonJS form of this library understand each other's objects.
 */
export const TRAFFIC: unique symbol = Symbol.for('waylay.traffic');

/** Whatever `expect(waylay)` can be given. */
export interface TrafficHolder {
  readonly [TRAFFIC]: Traffic;
}
