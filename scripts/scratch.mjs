// @ts-check
/**
 * The package as its users get it: packed, installed into projects of many kinds (test/package/projects), and their
 * tests run there. Arguments choose projects by their names, `jest` for all whose name has that in it.
 *
 *   npm run test:package
 *   npm run test:package -- jest-29 vitest
 */
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { BrowserNotFound, findBrowser } from './browser.mjs';
import { run } from './captured.mjs';
import { node, root } from './command.mjs';

const MINUTES = 60_000;
const projects = join(root, 'test', 'package', 'projects');
/** Projects that need a newer Node than this may be: the version that they get, from the npm package `node`. */
const newer = /** @type {Record<string, string>} */ ({ 'vitest-5': '24' });

const wanted = process.argv.slice(2);
const names = (await readdir(projects)).filter(
  (name) => wanted.length === 0 || wanted.some((part) => name.includes(part)),
);

/**
 * @param {readonly string[]} args
 * @param {string} cwd
 * @param {Record<string, string>} [env]
 */
function npm(args, cwd, env) {
  const cli = process.env.npm_execpath;
  const quiet = ['--prefer-offline', '--no-audit', '--no-fund', '--no-update-notifier'];
  const options = { cwd, env, timeout: 5 * MINUTES };
  return cli === undefined
    ? run('npm', [...quiet, ...args], options)
    : run(process.execPath, [cli, ...quiet, ...args], options);
}

/**
 * The folder of a newer Node's program.
 *
 * @param {string} version
 */
async function nodeFolder(version) {
  const program = await npm(
    ['exec', '--yes', `--package=node@${version}`, '--', 'node', '-p', 'process.execPath'],
    root,
  );
  return dirname(program.trim());
}

/**
 * @param {string} name
 * @param {string} folder
 * @param {string} tarball
 * @param {Record<string, string>} env
 */
async function test(name, folder, tarball, env) {
  const project = join(folder, name);
  await cp(join(projects, name), project, { recursive: true });
  const version = newer[name];
  /** @type {Record<string, string>} */
  const path = version === undefined ? {} : { PATH: `${await nodeFolder(version)}${delimiter}${process.env.PATH}` };
  await npm(['install', '--save-dev', tarball], project, path);
  return npm(['test'], project, { ...env, ...path });
}

const folder = await mkdtemp(join(tmpdir(), 'waylay-scratch-'));
try {
  if (names.length === 0) throw new Error(`No project has ${wanted.join(' or ')} in its name.`);
  if ((await node([join(root, 'scripts', 'build.mjs')])) !== 0) throw new Error('The package could not be built.');
  await npm(['pack', '--ignore-scripts', '--pack-destination', folder], root);
  const { name: packageName, version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const tarball = join(folder, `${packageName}-${version}.tgz`);
  const env = {
    // The caller may have said how it wants its own runner to behave.
    NODE_OPTIONS: '',
    ...(names.some((name) => /playwright|browser/.test(name)) && { WAYLAY_BROWSER: await findBrowser() }),
  };
  let failed = 0;
  for (const name of names) {
    const before = performance.now();
    try {
      await test(name, folder, tarball, env);
      console.log(`${name}: passed, ${((performance.now() - before) / 1000).toFixed(0)} s`);
    } catch (error) {
      failed += 1;
      console.log(`${name}: FAILED\n${error instanceof Error ? error.message : error}`);
    }
  }
  console.log(`${names.length - failed} projects passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
} catch (error) {
  console.error(error instanceof BrowserNotFound || error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}
