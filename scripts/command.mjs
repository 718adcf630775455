// @ts-check
/** Runs the command line tools of installed packages, without a shell and alike on every platform. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of package.json. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * The file behind the command of a package that is installed here.
 *
 * @param {string} packageName
 * @param {string} command
 * @returns {string}
 */
export function commandFile(packageName, command) {
  // Not by require.resolve: some packages do not export their package.json.
  const folder = join(root, 'node_modules', packageName);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, typeof bin === 'string' ? bin : bin[command]);
}

/**
 * Runs a script with this Node in the project's folder, its output shown as it comes.
 *
 * @param {readonly string[]} args the script and its arguments
 * @param {Record<string, string>} [env] set on top of this process's environment
 * @param {string} [program] another Node
 * @returns {Promise<number>} the exit code; 1 where a signal ended it
 */
export function node(args, env = {}, program = process.execPath) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, env: { ...process.env, ...env }, stdio: 'inherit' });
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}

/**
 * Runs a program that nobody waits to see, for a bounded time.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ timeout: number, env?: Record<string, string> }} options timeout in milliseconds
 * @returns {Promise<string | undefined>} why it failed; undefined where it ended well
 */
export function quietly(program, args, { timeout, env }) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process group of its own, so that what the program starts is ended with it.
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      if (child.pid !== undefined) endGroup(child.pid);
    }, timeout);
    child.on('error', (error) => {
      clearTimeout(timer);
      resolve(error.message);
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      if (timedOut) resolve(`no end within ${timeout / 1000} s`);
      else resolve(code === 0 ? undefined : (reason(output) ?? `exit code ${code}`));
    });
  });
}

/**
 * The line of a failed program's output that says why, as far as that can be told.
 *
 * @param {string} output
 * @returns {string | undefined}
 */
export function reason(output) {
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const telling = lines.find((line) => /^(error|e)\b\s*:/i.test(line)) ?? lines.at(-1);
  return telling?.replace(/^(error|e)\b\s*:\s*/i, '');
}

/**
 * Ends a process that was started `detached`, and what it started.
 *
 * @param {number} pid
 */
export function endGroup(pid) {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
