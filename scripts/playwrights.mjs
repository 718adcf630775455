// @ts-check
/**
 * The tests in the browser with other versions of Playwright, and with Firefox, against the package as its users get
 * it: packed, installed into an empty project, and used there.
 *
 *     npm run test:playwrights           # the oldest version, one in the middle, and Firefox where it is installed
 *     npm run test:playwrights -- 1.57   # that version
 *     npm run test:firefox               # Firefox, which has to be installed
 */
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { node, quietly, root } from './command.mjs';

/** A run: a version of Playwright, and the browser. */
const RUNS = [
  { version: '1.50', browser: 'chromium' },
  { version: '1.57', browser: 'chromium' },
  // 1.65 asks Firefox 153 for something that it does not know, and then has no context.
  { version: '1.64', browser: 'firefox' },
];

const MINUTES = 60_000;

/**
 * Builds and packs the package, apart from the project's `dist`, which others may be building at this moment.
 *
 * @param {string} folder
 * @returns {Promise<string>} the path of the tarball
 */
async function pack(folder) {
  const copy = join(folder, 'package');
  const names = [
    'src',
    'matchers',
    'programs',
    'traffic-view',
    'fixtures',
    'scripts',
    'package.json',
    'README.md',
    'LICENSE',
  ];
  const configs = (await readdir(root)).filter((name) => name.startsWith('tsconfig'));
  for (const name of [...names, ...configs]) await cp(join(root, name), join(copy, name), { recursive: true });
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');
  if ((await node([join(copy, 'scripts/build.mjs')])) !== 0) throw new Error('The package could not be built.');
  await npm(['pack', '--ignore-scripts', '--pack-destination', folder, copy]);
  const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz'));
  return join(folder, tarball ?? '');
}

/**
 * A folder that looks like this repository to the tests, but for the fixtures: those are the package's.
 * Without tsconfig.json, by whose paths Playwright would find the sources in the package's place.
 *
 * @param {string} folder
 * @param {string} tarball
 * @param {string} version
 */
async function makeProject(folder, tarball, version) {
  for (const name of ['src', 'scripts', 'test', 'playwright.config.ts']) {
    await cp(join(root, name), join(folder, name), { recursive: true });
  }
  await mkdir(join(folder, 'fixtures'));
  await writeFile(join(folder, 'fixtures/playwright.ts'), "export * from 'waylay/playwright';\n");
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  const { devDependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const packages = [tarball, `@playwright/test@~${version}.0`, `ws@${devDependencies.ws}`];
  await npm(['install', '--prefix', folder, '--no-audit', '--no-fund', '--ignore-scripts', ...packages]);
}

/** @param {string[]} args */
async function npm(args) {
  const options = { timeout: 3 * MINUTES };
  const cli = process.env.npm_execpath;
  const failure = await (cli === undefined
    ? quietly('npm', args, options)
    : quietly(process.execPath, [cli, ...args], options));
  if (failure !== undefined) throw new Error(`npm ${args.join(' ')}: ${failure}`);
}

/** The path of a Firefox whose folder is its own; undefined where none is installed. */
function findFirefox() {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const paths = ['firefox-esr', 'firefox'].flatMap((name) => folders.map((folder) => join(folder, name)));
  return process.env.WAYLAY_FIREFOX ?? paths.find((path) => existsSync(path));
}

/**
 * @param {string} folder
 * @param {string} tarball
 * @param {typeof RUNS[number]} run
 * @returns {Promise<number>} the exit code
 */
async function test(folder, tarball, { version, browser }) {
  const firefox = browser === 'firefox' ? findFirefox() : undefined;
  if (browser === 'firefox' && firefox === undefined) {
    console.log('\nNo Firefox is installed here: set WAYLAY_FIREFOX to the path of one.');
    return process.env.WAYLAY_REQUIRE_TOOLS ? 1 : 0;
  }
  console.log(`\nPlaywright ${version}, ${browser}`);
  const project = join(folder, `${version}-${browser}`);
  await makeProject(project, tarball, version);
  const config = join(project, 'test/versions', `${browser}.config.ts`);
  // The project's own copy of the script runs the project's own Playwright.
  const args = [join(project, 'scripts/playwright.mjs'), '-c', config, '--reporter=list'];
  return node(args, firefox === undefined ? {} : { WAYLAY_BROWSER: firefox });
}

const [wanted] = process.argv.slice(2);
const runs =
  wanted === undefined
    ? RUNS
    : wanted === 'firefox'
      ? RUNS.filter(({ browser }) => browser === 'firefox')
      : [{ version: wanted, browser: 'chromium' }];
const folder = await mkdtemp(join(tmpdir(), 'waylay-playwrights-'));
try {
  const tarball = await pack(folder);
  for (const run of runs) if ((await test(folder, tarball, run)) !== 0) process.exitCode = 1;
} finally {
  if (process.env.WAYLAY_KEEP) console.log(folder);
  else await rm(folder, { recursive: true, force: true });
}
