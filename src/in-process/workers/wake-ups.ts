import { setTimeout } from '../../runtime/realm.js';
import { WorkLimit } from '../../runtime/work-limit.js';
import { replace } from '../replace.js';
import type { Blocked } from './messages.js';

/**
 * The workers that this thread has woken up (`Atomics.notify`) and that have not come to on a busy machine: each still looks
 * blocked, and is about to work on what it was told.
 */
export class WakeUps {
  readonly #workers = new Set<Blocked>();
  /** Threads woken up since the last wait, and how many had come to before that. */
  #woken = 0;
  #cameToBefore = 0;
  /** Somebody else's threads are woken up, too: the numbers say nothing. */
  #isDistrusted = false;

  /** Counts the threads that are woken up from now on. Returns what undoes it. */
  watch(): () => void {
    return replace(Atomics, 'notify', (original) => {
      const notify = original as (...args: unknown[]) => number;
      return ((...args: unknown[]) => {
        const woken = notify(...args);
        this.#woken += woken;
        return woken;
      }) as typeof original;
    });
  }

  add(worker: Blocked): void {
    this.#workers.add(worker);
  }

  /** The worker has ended. */
  delete(worker: Blocked): void {
    if (this.#workers.delete(worker)) this.#cameToBefore -= cameTo(worker);
  }

  /** Resolves when those that were woken up have come to; in time where some are not of these workers. */
  async settled(): Promise<void> {
    const limit = new WorkLimit(100, 1000);
    while (this.#isPending) {
      if (limit.isReached) {
        this.#isDistrusted = true;
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    this.#woken = 0;
    this.#cameToBefore = this.#cameTo;
  }

  get #isPending(): boolean {
    if (this.#isDistrusted || this.#woken === 0) return false;
    return this.#cameTo - this.#cameToBefore < this.#woken && [...this.#workers].some(isBlocked);
  }

  get #cameTo(): number {
    let sum = 0;
    for (const worker of this.#workers) sum += cameTo(worker);
    return sum;
  }
}

/** True while the thread does nothing but wait. */
export function isBlocked(worker: Blocked): boolean {
  return Atomics.load(worker, 0) !== 0;
}

function cameTo(worker: Blocked): number {
  return Atomics.load(worker, 1);
}
