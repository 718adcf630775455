import { spawn } from 'node:child_process';
import { processGlobal } from '../../src/runtime/realm.js';

/**
 * A program and all that it started: on POSIX the processes of one group, whose leader it is; on Windows the tree
 * below it. Groups that are alive when this process ends are killed with it.
 */
export class ProcessGroup {
  readonly #leader: number;

  /** @param leader the id of a process that was started `detached` */
  constructor(leader: number) {
    this.#leader = leader;
    track(this);
  }

  /** The leader has just ended. Its id may be another's from now on, unless others are left in its group. */
  leaderEnded(): void {
    if (process.platform === 'win32' || !this.#signal(0)) forget(this);
  }

  /** Does nothing where none is left. */
  kill(signal: 'SIGTERM' | 'SIGKILL'): void {
    if (!alive.has(this)) return;
    if (process.platform === 'win32') {
      // Windows has no signals that a program could heed.
      spawn('taskkill', ['/PID', String(this.#leader), '/T', '/F'], { stdio: 'ignore', windowsHide: true })
        .on('error', () => {})
        .unref();
    } else if (!this.#signal(signal) || signal === 'SIGKILL') {
      forget(this);
    }
  }

  /** True if there was any process to signal. */
  #signal(signal: NodeJS.Signals | 0): boolean {
    try {
      process.kill(-this.#leader, signal);
      return true;
    } catch (error) {
      // EPERM: there is one, of another user.
      return (error as NodeJS.ErrnoException).code === 'EPERM';
    }
  }
}

const alive = new Set<ProcessGroup>();
// Jest gives tests a copy, to which nothing comes. (Libraries for this patch the one that they find.)
const { process: own } = processGlobal;
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

// Groups of their own do not get what the terminal sends to this one, Ctrl+C first of all.
function track(group: ProcessGroup): void {
  alive.add(group);
  if (alive.size > 1) return;
  own.on('exit', killAll);
  for (const signal of signals) own.on(signal, killAllAt);
}

function forget(group: ProcessGroup): void {
  if (!alive.delete(group) || alive.size > 0) return;
  own.off('exit', killAll);
  for (const signal of signals) own.off(signal, killAllAt);
}

function killAll(): void {
  for (const group of [...alive]) group.kill('SIGKILL');
}

function killAllAt(signal: NodeJS.Signals): void {
  const alone = own.listenerCount(signal) === 1;
  killAll();
  // Without a listener, it would have ended the process.
  if (alone) own.kill(own.pid, signal);
}
