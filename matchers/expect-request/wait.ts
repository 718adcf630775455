import type { CallSite } from '../rule/call-site.js';
import { endedError } from '../rule/ended.js';
import type { Traffic } from '../rule/traffic.js';

/** Waits as a step of the runner's report, where there is one. */
export function inStep<T>({ runner }: Traffic, title: string, site: CallSite, body: () => Promise<T>): Promise<T> {
  return runner === undefined ? body() : runner.step(title, site, body);
}

/** The reason why a wait ended without what it waited for. */
export type WaitEnd = 'timeout' | 'stopped';

/** The reason as messages say it. */
export function describeEnd(why: WaitEnd, timeout: number): string {
  return why === 'timeout' ? `within ${timeout} ms` : 'before the proxy was stopped';
}

/** Tells of a wait that the end of the test cut off: what was told there need not be told in full again. */
export function stillWaiting(what: string): string {
  return `The test ended while it waited for ${what}; what came instead is told at its end.`;
}

/**
 * Waits until `check` gives something other than undefined, looking at once and at each step of an
 * exchange. Nothing runs in between; the timer and the subscription end with the wait.
 *
 * @param atEnd what it gives, or throws, when the time is up or the proxy is stopped
 * @throws what `check` or `atEnd` throws
 */
export function waitFor<T>(
  traffic: Traffic,
  timeout: number,
  check: () => T | undefined,
  atEnd: (why: WaitEnd) => T,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const releases: (() => void)[] = [];
    const settle = (act: () => void) => {
      for (const release of releases.splice(0)) release();
      act();
    };
    // Returns whether the wait is over. A journal's listener must not throw.
    const settles = (say: () => T | undefined): boolean => {
      try {
        const value = say();
        if (value === undefined) return false;
        settle(() => resolve(value));
      } catch (error) {
        settle(() => reject(error));
      }
      return true;
    };
    const end = (why: WaitEnd) => settles(check) || settles(() => atEnd(why));
    if (settles(check)) return;
    if (traffic.ended) {
      reject(endedError('nothing more comes that could be waited for'));
      return;
    }
    const stop = () => end('stopped');
    traffic.waiting.add(stop);
    releases.push(
      () => traffic.waiting.delete(stop),
      traffic.journal.subscribe((_, phase) => {
        if (phase === 'request-complete' || phase === 'end') settles(check);
      }),
    );
    if (timeout !== Number.POSITIVE_INFINITY) releases.push(traffic.startTimer(timeout, () => end('timeout')));
  });
}
