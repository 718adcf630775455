import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { systemClock } from '../../src/runtime/clock.js';
import { CapturedOutput } from './captured-output.js';
import { ProcessGroup } from './process-group.js';
import { ProgramError, type SpawnResult } from './program-error.js';

/** The settings that a program is started with, checked and with defaults. */
export interface ProgramSettings {
  /** Its name in messages. */
  readonly command: string;
  readonly cwd: string | undefined;
  readonly outputLimit: number;
  readonly killAfter: number;
  readonly timeout: number | undefined;
  readonly reject: boolean;
  /** The frames of the call that started it. */
  readonly stack: string | undefined;
}

const TAIL_LINES = 20;
const TAIL_CHARACTERS = 4_000;
/** Milliseconds for pipes to close after the last process that should hold them was killed. */
const PIPES_CLOSE = 1_000;

/**
 * A program that `waylay.spawn` started. Awaited, it gives its {@link SpawnResult} once it has ended, and rejects
 * with a {@link ProgramError} where it ended badly. It is ended with the test at the latest.
 */
export class SpawnedProgram implements PromiseLike<SpawnResult>, AsyncDisposable {
  /** Node's own handle. Its streams are read already; who listens in addition gets what comes from then on. */
  readonly process: ChildProcess;
  readonly #settings: ProgramSettings;
  readonly #stdout: CapturedOutput;
  readonly #stderr: CapturedOutput;
  readonly #group: ProcessGroup | undefined;
  readonly #ended: Promise<void>;
  #hasEnded = false;
  #startFailure: Error | undefined;
  #stopping = false;
  #timedOut = false;
  #heeded = false;
  /** It was to end and has not. */
  #lives = false;

  /** @internal */
  constructor(child: ChildProcess & { stdout: Readable; stderr: Readable }, settings: ProgramSettings) {
    this.process = child;
    this.#settings = settings;
    this.#stdout = new CapturedOutput(child.stdout, settings.outputLimit);
    this.#stderr = new CapturedOutput(child.stderr, settings.outputLimit);
    this.#group = child.pid === undefined ? undefined : new ProcessGroup(child.pid);
    child.once('exit', () => this.#group?.leaderEnded());
    const { timeout } = settings;
    const clear =
      timeout === undefined
        ? undefined
        : systemClock.startTimer(timeout, () => {
            this.#timedOut = true;
            void this.#end();
          });
    this.#ended = new Promise((resolve) => {
      const end = (): void => {
        clear?.();
        this.#hasEnded = true;
        resolve();
      };
      child.on('error', (error) => {
        // Later ones are of signals that could not be sent.
        if (child.pid !== undefined) return;
        this.#startFailure = error;
        end();
      });
      child.once('close', end);
    });
  }

  /** The process id; undefined where it could not be started. */
  get pid(): number | undefined {
    return this.process.pid;
  }

  /** Its standard output so far. */
  get stdout(): string {
    return this.#stdout.text;
  }

  /** Its standard error so far. */
  get stderr(): string {
    return this.#stderr.text;
  }

  /**
   * Waits for a line of its output, standard or error, that has the text in it or matches the pattern. What it has
   * written already counts; colours are left out.
   *
   * @param options.timeout in milliseconds; default 30,000
   * @returns the line, or the match
   * @throws {ProgramError} where the program ends before, or the time passes
   * @example
   * const server = waylay.spawn('node', ['server.js']);
   * const [, port] = await server.waitForLine(/listening on port (\d+)/);
   */
  waitForLine(text: string, options?: { readonly timeout?: number | undefined }): Promise<string>;
  waitForLine(pattern: RegExp, options?: { readonly timeout?: number | undefined }): Promise<RegExpExecArray>;
  async waitForLine(
    wanted: string | RegExp,
    { timeout = 30_000 }: { readonly timeout?: number | undefined } = {},
  ): Promise<string | RegExpExecArray> {
    this.#heeded = true;
    const found = finder(wanted);
    for (const line of [...this.#stdout.lines, ...this.#stderr.lines]) {
      const match = found(line);
      if (match !== null) return match;
    }
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        for (const end of ends) end();
        settle();
      };
      const look = (line: string): void => {
        const match = found(line);
        if (match !== null) finish(() => resolve(match));
      };
      const sought = typeof wanted === 'string' ? `with ${JSON.stringify(wanted)} in it` : `that matches ${wanted}`;
      const ends = [
        this.#stdout.onLine(look),
        this.#stderr.onLine(look),
        systemClock.startTimer(timeout, () =>
          finish(() => reject(this.#error(`printed no line ${sought} within ${timeout} ms`))),
        ),
      ];
      void this.#ended.then(() =>
        finish(() => reject(this.#error(`${this.#ending} before it printed a line ${sought}`))),
      );
    });
  }

  /**
   * Ends it and what it started: `SIGTERM`, and `SIGKILL` for what is left after `killAfter`. How it ends is no
   * failure then. May be called again.
   */
  async stop(): Promise<SpawnResult> {
    this.#heeded = true;
    await this.end();
    return this.#result;
  }

  /** @internal As {@link stop}, for the end of the test: nobody has heeded how it ended. */
  async end(): Promise<void> {
    this.#stopping ||= !this.#hasEnded;
    await this.#end();
  }

  /** Ends it, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop().then(() => {});
  }

  // biome-ignore lint/suspicious/noThenProperty: it is meant to be awaited, without a promise that nobody awaits.
  then<Value = SpawnResult, Reason = never>(
    onResult?: ((result: SpawnResult) => Value | PromiseLike<Value>) | null,
    onError?: ((error: ProgramError) => Reason | PromiseLike<Reason>) | null,
  ): Promise<Value | Reason> {
    this.#heeded = true;
    return this.#ended.then(() => this.#outcome()).then(onResult, onError);
  }

  /** @internal What is wrong with it that nobody has been told of. */
  get warning(): string | undefined {
    if (this.#lives && !this.#hasEnded) {
      return `${this.#settings.command} was killed, and process ${this.process.pid} still runs: is it another user's?`;
    }
    if (!this.#hasEnded || this.#heeded || !this.#failed) return undefined;
    const last = (this.#stderr.lines.at(-1) ?? this.#stdout.lines.at(-1))?.slice(0, 200);
    const said = last === undefined ? '' : ` Its last line: ${last}`;
    return `${this.#settings.command} ${this.#ending}, and was not awaited.${said}`;
  }

  get #failed(): boolean {
    if (this.#startFailure !== undefined || this.#timedOut) return true;
    return this.#settings.reject && !this.#stopping && this.process.exitCode !== 0;
  }

  #outcome(): SpawnResult {
    if (this.#failed) throw this.#error(this.#ending);
    return this.#result;
  }

  async #end(): Promise<void> {
    const passed = (milliseconds: number): Promise<boolean> => this.#endsWithin(milliseconds);
    if (!this.#hasEnded) {
      this.#group?.kill('SIGTERM');
      await passed(this.#settings.killAfter);
    }
    this.#group?.kill('SIGKILL');
    if (await passed(PIPES_CLOSE)) return;
    // A process that left the group holds them.
    this.process.stdout?.destroy();
    this.process.stderr?.destroy();
    // One of another user, as sudo starts, takes no signal from here.
    this.#lives = !(await passed(PIPES_CLOSE));
  }

  #endsWithin(milliseconds: number): Promise<boolean> {
    return new Promise((resolve) => {
      const clear = systemClock.startTimer(milliseconds, () => resolve(false));
      void this.#ended.then(() => {
        clear();
        resolve(true);
      });
    });
  }

  get #result(): SpawnResult {
    return {
      exitCode: this.process.exitCode,
      signal: this.process.signalCode,
      stdout: this.stdout,
      stderr: this.stderr,
      truncated: this.#stdout.truncated || this.#stderr.truncated,
    };
  }

  /** The end that it came to, to go on after its name. */
  get #ending(): string {
    const { timeout, cwd } = this.#settings;
    if (this.#startFailure !== undefined) return `could not be started: ${startProblem(this.#startFailure, cwd)}`;
    if (this.#timedOut) return `did not end within ${timeout} ms`;
    if (this.#stopping) return 'was ended';
    const { exitCode, signalCode } = this.process;
    return signalCode === null ? `ended with exit code ${exitCode}` : `was ended by ${signalCode}`;
  }

  #error(what: string): ProgramError {
    const { command, stack } = this.#settings;
    const said = [...this.#stdout.lines.slice(-TAIL_LINES), ...this.#stderr.lines.slice(-TAIL_LINES)];
    const tail = said.join('\n').slice(-TAIL_CHARACTERS).trimEnd().replace(/^/gm, '  ');
    const output = tail.trim() === '' ? 'It printed nothing.' : `The end of its output:\n\n${tail}`;
    const message = `${command} ${what}.${this.#startFailure === undefined ? `\n\n${output}` : ''}`;
    const result = this.#hasEnded && this.#startFailure === undefined ? this.#result : undefined;
    return new ProgramError(message, { stack, result, cause: this.#startFailure });
  }
}

function finder(wanted: string | RegExp): (line: string) => string | RegExpExecArray | null {
  if (typeof wanted === 'string') return (line) => (line.includes(wanted) ? line : null);
  // The flags g and y would make it go on where the last line's match ended.
  const pattern = new RegExp(wanted.source, wanted.flags.replace(/[gy]/g, ''));
  return (line) => pattern.exec(line);
}

function startProblem(error: NodeJS.ErrnoException, cwd: string | undefined): string {
  if (error.code === 'EACCES') return 'the file is not executable';
  if (error.code !== 'ENOENT') return error.message;
  if (cwd !== undefined && !existsSync(cwd)) return `there is no folder ${cwd}, its cwd`;
  return 'there is no such program. Give its path, or a name that is on PATH';
}
