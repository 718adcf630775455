// @ts-check
/**
 * Builds dist/esm and dist/cjs, both with types. They are made elsewhere and then moved into
 * place, so that a failed build leaves the last good one as it was.
 */
import { cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { commandFile, node, root } from './command.mjs';

/**
 * @param {string} project
 * @param {string} outDir
 */
function compile(project, outDir) {
  return node([commandFile('typescript', 'tsc'), '-p', project, '--outDir', outDir]);
}

const cache = join(root, 'node_modules', '.cache');
await mkdir(cache, { recursive: true });
const made = await mkdtemp(join(cache, 'waylay-build-'));
try {
  const codes = await Promise.all([
    compile('tsconfig.esm.json', join(made, 'dist', 'esm')),
    compile('tsconfig.cjs.json', join(made, 'dist', 'cjs')),
  ]);
  if (codes.every((code) => code === 0)) {
    // The declarations are the same for both: here they stand for CommonJS, since they lie beside it.
    await cp(join(made, 'dist', 'esm'), join(made, 'dist', 'cjs'), {
      recursive: true,
      filter: (path) => extname(path) === '' || path.endsWith('.d.ts'),
    });
    // Inside a package of type "module", only this makes Node and TypeScript read .js as CommonJS.
    await writeFile(join(made, 'dist', 'cjs', 'package.json'), '{ "type": "commonjs" }\n');
    await rm(join(root, 'dist'), { recursive: true, force: true });
    await rename(join(made, 'dist'), join(root, 'dist'));
  } else {
    process.exitCode = 1;
  }
} finally {
  await rm(made, { recursive: true, force: true });
}
