import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import spawn from 'cross-spawn';
import { endedError } from '../matchers/rule/ended.js';
import { TestError } from '../src/errors.js';
import { stackOf } from '../src/runtime/stack.js';
import type { ChildEnvironment } from './environment.js';
import { SpawnedProgram } from './spawn/program.js';

/** Options for how a program is started and ended. */
export interface SpawnOptions {
  /** The folder it runs in. Default that of this process. */
  readonly cwd?: string | URL | undefined;
  /**
   * Set over the environment of this process and over `waylay.env()`; undefined removes a variable. Only
   * `NODE_OPTIONS` and `JAVA_TOOL_OPTIONS` are not replaced, but continued.
   */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Written to standard input, which is then closed. Default nothing. */
  readonly input?: string | Uint8Array | undefined;
  /** Milliseconds after which it is ended and awaiting it rejects. Default none: the test has a timeout of its own. */
  readonly timeout?: number | undefined;
  /** Milliseconds between `SIGTERM` and `SIGKILL` where it has to be ended. Default 2,000. */
  readonly killAfter?: number | undefined;
  /** Bytes kept of each of standard output and error; of more, the end is kept. Default 10 MiB. */
  readonly outputLimit?: number | undefined;
  /** True if awaiting it rejects where it ends with another exit code than 0, or by a signal. Default true. */
  readonly reject?: boolean | undefined;
}

/** The programs that one test has started. */
export class SpawnedPrograms {
  readonly #environment: ChildEnvironment;
  readonly #programs = new Set<SpawnedProgram>();
  #ended = false;

  constructor(environment: ChildEnvironment) {
    this.#environment = environment;
  }

  /**
   * @param caller the function of the test's that errors name the place of
   * @throws {TestError} `WAYLAY_INVALID_OPTION`; `WAYLAY_ENDED` as soon as they are being ended
   */
  start(command: string, args: readonly string[], options: SpawnOptions, caller: (...all: never[]) => unknown) {
    if (this.#ended) {
      const error = endedError('spawn does nothing');
      Error.captureStackTrace(error, caller);
      throw error;
    }
    const shown = [command, ...args].join(' ');
    const { env, input, timeout, killAfter = 2_000, outputLimit = 10 * 1024 * 1024, reject = true } = options;
    checkNumbers({ timeout, killAfter, outputLimit });
    const cwd = options.cwd instanceof URL ? fileURLToPath(options.cwd) : options.cwd;
    // Unlike Node's, it starts what npm installs on Windows, too.
    const child: ChildProcess = spawn(command, [...args], {
      cwd,
      env: this.#environment.whole(env),
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      // A process group of its own, which can be ended as a whole.
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    // A program may end without reading its input (EPIPE).
    child.stdin?.on('error', () => {}).end(input);
    const program = new SpawnedProgram(child as ChildProcess & { stdout: Readable; stderr: Readable }, {
      command: shown.length > 200 ? `${shown.slice(0, 200)} …` : shown,
      ...{ cwd, timeout, killAfter, outputLimit, reject, stack: framesAbove(caller) },
    });
    this.#programs.add(program);
    return program;
  }

  /** Warnings of those that ended badly, and whose end nobody has awaited. */
  get warnings(): readonly string[] {
    return [...this.#programs].map(({ warning }) => warning).filter((warning) => warning !== undefined);
  }

  /** Ends all, together; resolves when none is left. From then on, none can be started. */
  async end(): Promise<void> {
    this.#ended = true;
    await Promise.all([...this.#programs].map((program) => program.end()));
  }
}

function checkNumbers(numbers: Record<string, number | undefined>): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (value === undefined || (typeof value === 'number' && value >= 0)) continue;
    throw new TestError('WAYLAY_INVALID_OPTION', `'${name}' cannot be ${value}. Write ${name}: 2000`);
  }
}

function framesAbove(caller: (...all: never[]) => unknown): string | undefined {
  const site: { stack?: unknown } = {};
  Error.captureStackTrace(site, caller);
  return stackOf(site).split('\n').slice(1).join('\n') || undefined;
}
