// @ts-check
/** Runs Vitest with its output shown, and reads what it reports. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandFile, node } from './command.mjs';

/**
 * @param {readonly string[]} args
 * @param {Record<string, string>} [env] set on top of this process's environment
 * @param {string} [program] another Node
 * @returns {Promise<{ code: number, report: any }>} the exit code; the report of its json reporter, where there is one
 */
export async function vitest(args, env, program) {
  const folder = await mkdtemp(join(tmpdir(), 'waylay-test-'));
  const file = join(folder, 'vitest.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const code = await node([commandFile('vitest', 'vitest'), 'run', ...reporters, ...args], env, program);
    return { code, report: await readReport(file) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} path
 * @returns {Promise<any>} undefined where the runner ended before it could write it
 */
export async function readReport(path) {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}
