import { performance, processGlobal } from './realm.js';

const { process } = processGlobal;

/**
 * A limit for a wait, in what this process has worked meanwhile, all its threads: on a busy machine that takes longer than the
 * clock says, and what is waited for does, too.
 *
 * @example
 * const limit = new WorkLimit(500, 5000);
 * while (!isThere() && !limit.isReached) await turn();
 */
export class WorkLimit {
  readonly #work: number;
  readonly #end: number;
  readonly #begun = process.cpuUsage();

  /**
   * @param work milliseconds of the processor's time
   * @param most milliseconds of the clock, for threads that wait without working
   */
  constructor(work: number, most: number) {
    this.#work = work;
    this.#end = performance.now() + most;
  }

  get isReached(): boolean {
    const { user, system } = process.cpuUsage(this.#begun);
    return (user + system) / 1000 >= this.#work || performance.now() >= this.#end;
  }
}
