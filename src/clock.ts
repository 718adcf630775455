/** Where Waylay takes the time from; injected, so that a test can hold it still. */
export interface Clock {
  /** Milliseconds since the Unix epoch, with fractions, monotonic within a run. */
  now(): number;
}

/** Wall-clock time that does not jump when the system's clock is set. */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
};
