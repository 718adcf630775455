// @ts-check
/**
 * Builds dist/esm and dist/cjs, each with its types. Both are made beside dist and then moved into
 * place, so that a build never leaves half of one behind.
 */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');

/**
 * @param {string} project
 * @param {string} outDir
 * @returns {Promise<boolean>} whether the sources compiled without errors
 */
function compile(project, outDir) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [tsc, '-p', project, '--outDir', outDir], { cwd: root, stdio: 'inherit' });
    child.on('error', reject);
    child.on('close', (code) => resolve(code === 0));
  });
}

const cache = join(root, 'node_modules', '.cache');
await mkdir(cache, { recursive: true });
const made = await mkdtemp(join(cache, 'waylay-build-'));
try {
  const [esm, cjs] = await Promise.all([
    compile('tsconfig.esm.json', join(made, 'dist', 'esm')),
    compile('tsconfig.cjs.json', join(made, 'dist', 'cjs')),
  ]);
  if (!esm || !cjs) throw new Error('The build failed; dist is as it was.');
  // Inside a package of type "module", only this makes Node and TypeScript read .js as CommonJS.
  await writeFile(join(made, 'dist', 'cjs', 'package.json'), '{ "type": "commonjs" }\n');
  await rm(join(root, 'dist'), { recursive: true, force: true });
  await rename(join(made, 'dist'), join(root, 'dist'));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await rm(made, { recursive: true, force: true });
}
