// @ts-check
/**
 * The tests in Node on other versions of Node, which come from the npm package `node`: on the newest ones, or on those
 * that are named. What depends on the package or on other programs rather than on Node is left out.
 *
 *   npm run test:matrix
 *   npm run test:matrix -- 22.12 24
 */
import { delimiter, dirname } from 'node:path';
import { run } from './captured.mjs';
import { root } from './command.mjs';
import { vitestFailures } from './failures.mjs';
import { vitest } from './vitest.mjs';

const named = process.argv.slice(2);
const versions = named.length > 0 ? named : ['22', '24', 'latest'];

// Programs that are told of the proxy by their environment are tested: Node is one.
const left = ['test/package/**', 'test/scripts/**', 'test/versions/**', 'test/interop/!(environment).test.ts'];

const cli = process.env.npm_execpath;

/** @param {string} version */
function installed(version) {
  const args = ['exec', '--yes', `--package=node@${version}`, '--', 'node', '-p', 'process.execPath'];
  const options = { cwd: root, timeout: 300_000 };
  return cli === undefined ? run('npm', args, options) : run(process.execPath, [cli, ...args], options);
}

/** @type {string[]} */
const failed = [];
/** @type {string[]} */
const failures = [];
for (const version of versions) {
  const program = (await installed(version)).trim();
  const exact = (await run(program, ['--version'], { cwd: root, timeout: 30_000 })).trim();
  console.log(`\nNode ${exact}`);
  // Programs that tests start as `node` are of this version, too.
  const env = { PATH: `${dirname(program)}${delimiter}${process.env.PATH}` };
  const excluded = left.flatMap((path) => ['--exclude', path]);
  const { code, report } = await vitest(excluded, env, program);
  if (code === 0) continue;
  failed.push(exact);
  failures.push(...vitestFailures(report).map((failure) => `Node ${exact}: ${failure}`));
}
for (const failure of failures) console.log(failure);
console.log(failed.length === 0 ? `\nPassed on ${versions.join(', ')}` : `\nFailed on ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
