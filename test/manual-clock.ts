import type { Clock } from '../src/runtime/clock.js';

/** A clock that stands still until it is moved. */
export class ManualClock implements Clock {
  // Near the present, for certificates.
  #now = Date.now();
  readonly #timers = new Map<object, { due: number; fire: () => void }>();
  #onTimer: (() => void) | undefined;

  now = (): number => this.#now;

  readonly startTimer: Clock['startTimer'] = (milliseconds, fire) => {
    const key = {};
    this.#timers.set(key, { due: this.#now + milliseconds, fire });
    this.#onTimer?.();
    return () => void this.#timers.delete(key);
  };

  /** Timers that are running. */
  get running(): number {
    return this.#timers.size;
  }

  /** Resolves when a timer is running. */
  async timer(): Promise<void> {
    while (this.#timers.size === 0) {
      await new Promise<void>((resolve) => {
        this.#onTimer = resolve;
      });
    }
  }

  /** Lets so much time pass; what is due fires. */
  advance(milliseconds: number): void {
    this.#now += milliseconds;
    for (const [key, { due, fire }] of [...this.#timers]) {
      if (due > this.#now || !this.#timers.delete(key)) continue;
      fire();
    }
  }
}
