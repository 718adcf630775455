// @ts-check
/** Runs programs whose output matters only where they fail. */
import { spawn } from 'node:child_process';
import { endGroup } from './command.mjs';

/**
 * Gives the standard output of the program; rejects with all that it printed where it fails.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd: string, timeout: number, env?: Record<string, string> | undefined }} options timeout in milliseconds
 * @returns {Promise<string>}
 */
export function run(program, args, { cwd, timeout, env }) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process group of its own, so that what the program starts is ended with it.
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    let stdout = '';
    let all = '';
    child.stdout.on('data', (chunk) => (stdout += chunk));
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (all += chunk));
    const timer = setTimeout(() => {
      if (child.pid !== undefined) endGroup(child.pid);
    }, timeout);
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      if (code === 0) resolve(stdout);
      else
        reject(
          new Error(
            `${program} ${args.join(' ')} ended with ${code ?? `a signal, after ${timeout} ms at most`}:\n${all}`,
          ),
        );
    });
  });
}
