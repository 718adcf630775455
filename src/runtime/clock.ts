import { clearTimeout, performance, setTimeout } from './realm.js';

/** Starts a timer and returns what clears it. */
export type StartTimer = (milliseconds: number, fire: () => void) => () => void;

/** The source of Waylay's time; injected, so that a test can hold it still. */
export interface Clock {
  /** Milliseconds since the Unix epoch, with fractions, monotonic within a run. */
  now(): number;
  readonly startTimer: StartTimer;
}

/**
 * Wall-clock time that does not jump when the system's clock is set. Its timers do not keep the process alive: that is
 * for the connections that wait, and for the port.
 */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  startTimer: (milliseconds, fire) => {
    const timer = setTimeout(fire, milliseconds).unref();
    return () => clearTimeout(timer);
  },
};
