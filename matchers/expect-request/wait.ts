import type { Traffic } from '../traffic.js';

/** Why a wait ended without what it waited for. */
export type WaitFailure = 'timeout' | 'stopped';

/** As messages say it. */
export function whenOf(why: WaitFailure, timeout: number): string {
  return why === 'timeout' ? `within ${timeout} ms` : 'before the proxy was stopped';
}

/**
 * Waits until `check` gives something other than undefined, looking at once and at each step of an
 * exchange. Nothing runs in between; the timer and the subscription end with the wait.
 *
 * @throws what `check` throws, or what `failure` makes when the time is up or the proxy is stopped
 */
export function waitFor<T>(
  traffic: Traffic,
  timeout: number,
  check: () => T | undefined,
  failure: (why: WaitFailure) => Error,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const ends: (() => void)[] = [];
    const settle = (act: () => void) => {
      for (const end of ends.splice(0)) end();
      act();
    };
    // Returns whether the wait is over. A journal's listener must not throw.
    const look = (): boolean => {
      try {
        const value = check();
        if (value === undefined) return false;
        settle(() => resolve(value));
      } catch (error) {
        settle(() => reject(error));
      }
      return true;
    };
    const fail = (why: WaitFailure) => {
      if (look()) return;
      settle(() => reject(failure(why)));
    };
    if (look()) return;
    const stop = () => fail('stopped');
    traffic.waiting.add(stop);
    ends.push(
      () => traffic.waiting.delete(stop),
      traffic.journal.subscribe((_, phase) => {
        if (phase === 'request-complete' || phase === 'end') look();
      }),
    );
    if (timeout !== Number.POSITIVE_INFINITY) ends.push(traffic.startTimer(timeout, () => fail('timeout')));
  });
}
