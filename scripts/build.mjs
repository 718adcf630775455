// @ts-check
/**
 * Builds dist/esm and dist/cjs, both with types. They are made elsewhere and then moved into
 * place, so that a failed build leaves the last good one as it was. An argument is a folder, on the same disk, that
 * takes the place of dist.
 */
import { copyFile, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { run } from './captured.mjs';
import { commandFile, node, root } from './command.mjs';
import { compile, declare, declareView } from './compile.mjs';

// Inside a package of type "module", only this makes Node and TypeScript read .js as CommonJS.
const COMMONJS = '{ "type": "commonjs" }\n';

// CommonJS has no import.meta.
const PACKAGE_LOCATION = `"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.packageLocation = __filename;
`;

/**
 * Puts a dependency that is an ES module only into the CommonJS build, as a file of its own. Node requires such a
 * module, but not every module system does: Jest's does not.
 *
 * @param {string} name
 * @param {string} workFolder
 * @param {string} target
 */
async function translate(name, workFolder, target) {
  const installed = join(root, 'node_modules', name);
  await mkdir(workFolder, { recursive: true });
  // Beside a package.json of type "module", it would stay an ES module.
  await writeFile(join(workFolder, 'package.json'), COMMONJS);
  await copyFile(join(installed, 'index.js'), join(workFolder, 'index.js'));
  const options = '--ignoreConfig --allowJs --noCheck --target es2022 --module commonjs --moduleResolution bundler';
  const made = join(workFolder, 'made');
  const args = [join(workFolder, 'index.js'), ...options.split(' '), '--types', 'node', '--outDir', made];
  const code = await node([commandFile('typescript', 'tsc'), ...args]);
  if (code !== 0) throw new Error(`${name} could not be translated to CommonJS.`);
  const { version } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'));
  const licence = await readFile(join(installed, 'license'), 'utf8');
  const text = await readFile(join(made, 'index.js'), 'utf8');
  await writeFile(target, `/*\n${name} ${version}\n\n${licence.trim()}\n*/\n${text}`);
}

/**
 * Removes the declarations that no entry of the package leads to. Nobody can import these: they would be a third of the
 * package, and more than half of its files.
 *
 * @param {string} folder
 */
async function dropUnreachable(folder) {
  const { exports } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const entries = Object.values(exports).flatMap((entry) => entry.import?.types?.replace('./dist/esm', folder) ?? []);
  const options = '--ignoreConfig --listFilesOnly --module nodenext --skipLibCheck --types node';
  const tsc = [commandFile('typescript', 'tsc'), ...options.split(' '), ...entries];
  const listed = await run(process.execPath, tsc, { cwd: root, timeout: 60_000 });
  const reached = new Set(listed.split(/\r?\n/).map((path) => resolve(path)));
  for (const path of await readdir(folder, { recursive: true })) {
    if (path.endsWith('.d.ts') && !reached.has(join(folder, path))) await rm(join(folder, path));
  }
}

const target = resolve(process.argv[2] ?? join(root, 'dist'));
const cache = join(root, 'node_modules', '.cache');
await mkdir(cache, { recursive: true });
const made = await mkdtemp(join(cache, 'waylay-build-'));
try {
  const isDeclared = (await declareView()) === 0;
  const codes = await Promise.all([
    // Comments are for those who read declarations; in the code they would be a seventh of the package.
    declare(join(made, 'dist', 'esm')),
    compile('esm', join(made, 'dist', 'esm')),
    compile('cjs', join(made, 'dist', 'cjs')),
  ]);
  if (isDeclared && codes.every((code) => code === 0)) {
    await dropUnreachable(join(made, 'dist', 'esm'));
    // The declarations are the same for both: here they stand for CommonJS, since they lie beside it.
    await cp(join(made, 'dist', 'esm'), join(made, 'dist', 'cjs'), {
      recursive: true,
      filter: (path) => extname(path) === '' || path.endsWith('.d.ts'),
    });
    await writeFile(join(made, 'dist', 'cjs', 'package.json'), COMMONJS);
    await writeFile(join(made, 'dist', 'cjs', 'src', 'runtime', 'package-location.js'), PACKAGE_LOCATION);
    await translate('get-port', join(made, 'get-port'), join(made, 'dist', 'cjs', 'src', 'net', 'free-port.js'));
    await rm(target, { recursive: true, force: true });
    await rename(join(made, 'dist'), target);
  } else {
    process.exitCode = 1;
  }
} finally {
  await rm(made, { recursive: true, force: true });
}
