/**
 * Runs programs that are not part of Node (curl, openssl, python3, java, …) as real peers. A test
 * whose program is missing is skipped with the reason; with `WAYLAY_REQUIRE_TOOLS` set it fails.
 */
import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { TestContext } from 'vitest';

const found = new Map<string, boolean>();

/** Is the command on PATH? */
export function tool(name: string): boolean {
  let exists = found.get(name);
  if (exists === undefined) found.set(name, (exists = search(name)));
  return exists;
}

/**
 * Skips the test where the command is missing, or fails it where `WAYLAY_REQUIRE_TOOLS` is set.
 *
 * @example
 * test('curl trusts the CA', async (ctx) => {
 *   requireTool(ctx, 'curl');
 *   const { code } = await run('curl', ['--version']);
 */
export function requireTool(ctx: Pick<TestContext, 'skip'>, name: string): void {
  if (tool(name)) return;
  const reason = `needs ${name}, which is not on PATH`;
  if (process.env.WAYLAY_REQUIRE_TOOLS) throw new Error(`This test ${reason}, and WAYLAY_REQUIRE_TOOLS is set.`);
  ctx.skip(reason);
}

export interface RunOptions {
  /** Written to standard input, which is then closed; default nothing. */
  input?: string | Uint8Array;
  /** Set on top of this process's environment; undefined removes a variable. */
  env?: Record<string, string | undefined>;
  cwd?: string;
  /** Milliseconds until the program is killed and the run rejects; default 100,000: a machine may be busy. */
  timeout?: number;
}

export interface RunResult {
  /** The exit code; null where a signal ended the program. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program without a shell and resolves when it has ended, whatever its exit code. Rejects
 * where it cannot be started or is killed for taking too long.
 */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const { input, env, cwd, timeout = 100_000 } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: 'pipe',
      // A process group of its own, so that what the program starts is killed with it.
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString('utf8');
    const timer = setTimeout(() => {
      if (child.pid !== undefined) kill(child.pid);
      const output = `${text(stdout)}${text(stderr)}`.trim();
      reject(new Error(`${command} ${args.join(' ')} did not end within ${timeout} ms. Its output: ${output}`));
    }, timeout);
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, stdout: text(stdout), stderr: text(stderr) });
    });
    // A program may end without reading its input (EPIPE).
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

function kill(pid: number): void {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

function search(name: string): boolean {
  const extensions = process.platform === 'win32' ? (process.env.PATHEXT ?? '.EXE;.CMD').split(';') : [''];
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    if (folder === '') continue;
    for (const extension of extensions) {
      const path = join(folder, name + extension);
      try {
        accessSync(path, constants.X_OK);
        if (statSync(path).isFile()) return true;
      } catch {
        // Not here.
      }
    }
  }
  return false;
}
