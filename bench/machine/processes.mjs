// @ts-check
/** Processes on cores of their own, and what the operating system says of them. */
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';

/** Where the proxy is, and where all else is. */
export const CORES = { proxy: 0, rest: 1 };

/** Are processes held to a core each? Without it, figures jump. */
export const pinned = availableParallelism() > 1 && runs('taskset', ['-c', '0', 'true']);

/**
 * @param {string} program
 * @param {string[]} [args]
 */
export function runs(program, args = ['--version']) {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A program that tells what it has to say in lines of JSON, and ends when its input does. */
export class Started {
  /** @type {string[]} */
  #lines = [];
  /** @type {((line: string | undefined) => void)[]} */
  #waiting = [];
  #ended = false;

  /**
   * @param {number | undefined} core
   * @param {string} program
   * @param {string[]} args
   * @param {{ env?: Record<string, string>, cwd?: string }} [options]
   */
  constructor(core, program, args, { env = {}, cwd } = {}) {
    const held = pinned && core !== undefined;
    const [file, all] = held ? ['taskset', ['-c', String(core), program, ...args]] : [program, args];
    this.name = basename(args.find((arg) => arg.endsWith('.mjs')) ?? program);
    this.child = spawn(file, all, { cwd, env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'inherit'] });
    this.child.stdin.on('error', () => {});
    this.child.on('error', () => this.#end());
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      // Some have other things to say as well.
      if (!line.startsWith('{')) return;
      const next = this.#waiting.shift();
      if (next === undefined) this.#lines.push(line);
      else next(line);
    });
    /** @type {Promise<void>} */
    this.ended = new Promise((resolve) => this.child.on('close', () => resolve(this.#end())));
  }

  #end() {
    this.#ended = true;
    for (const waiting of this.#waiting.splice(0)) waiting(undefined);
  }

  /** The process that does the work: taskset has become it. */
  get pid() {
    return this.child.pid ?? 0;
  }

  /**
   * The next line, read as JSON.
   *
   * @param {number} [seconds] how long it is waited for
   * @returns {Promise<any>}
   */
  async told(seconds = 60) {
    const ready = this.#lines.shift();
    if (ready !== undefined) return JSON.parse(ready);
    if (this.#ended) throw new Error(`${this.name} has ended.`);
    /** @type {string | undefined | null} */
    const line = await new Promise((resolve) => {
      const timer = setTimeout(() => resolve(null), seconds * 1000);
      this.#waiting.push((told) => {
        clearTimeout(timer);
        resolve(told);
      });
    });
    if (line === null) throw new Error(`${this.name} said nothing for ${seconds} s.`);
    if (line === undefined) throw new Error(`${this.name} has ended.`);
    return JSON.parse(line);
  }

  /** @param {string} line */
  tell(line) {
    this.child.stdin.write(`${line}\n`);
  }

  kill() {
    this.child.kill();
  }

  async stop() {
    this.child.stdin.end();
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 5000);
    await this.ended;
    clearTimeout(timer);
  }
}

const TICKS = 100;

/**
 * Microseconds of a processor that the process has had so far, in steps of 10 ms; NaN where the system does not tell.
 *
 * @param {number} pid
 */
export function processorTime(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field may have spaces and parentheses in it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return ((Number(fields[11]) + Number(fields[12])) * 1e6) / TICKS;
  } catch {
    return Number.NaN;
  }
}

/**
 * MiB of memory that the process has now.
 *
 * @param {number} pid
 */
export function resident(pid) {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
  } catch {
    return Number.NaN;
  }
}
