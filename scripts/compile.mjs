// @ts-check
/** Compiles the sources. */
import { commandFile, node } from './command.mjs';

/** Options that compile the traffic view's script to CommonJS; for the rest, tsconfig.cjs.json has them. */
const COMMONJS = '--module commonjs --moduleResolution bundler --verbatimModuleSyntax false';

/** Makes the declarations that the rest is compiled against, where they are not there yet, or are others. */
export function declareView() {
  return tsc('-b', 'tsconfig.view.json');
}

/**
 * Compiles everything to JavaScript, after {@link declareView}.
 *
 * @param {'esm' | 'cjs'} format
 * @param {string} outDir
 * @returns {Promise<number>} the exit code; 0 where there were no errors
 */
export async function compile(format, outDir) {
  const plain = ['--outDir', outDir, '--declaration', 'false', '--removeComments'];
  const view = `--composite false --incremental false --emitDeclarationOnly false ${format === 'cjs' ? COMMONJS : ''}`;
  const codes = await Promise.all([
    tsc('-p', `tsconfig.${format}.json`, ...plain),
    tsc('-p', 'tsconfig.view.json', ...view.trim().split(' '), ...plain),
  ]);
  return Math.max(...codes);
}

/**
 * Writes the declarations of what runs in Node, after {@link declareView}.
 *
 * @param {string} outDir
 */
export function declare(outDir) {
  return tsc('-p', 'tsconfig.esm.json', '--outDir', outDir, '--emitDeclarationOnly');
}

/** @param {readonly string[]} args */
function tsc(...args) {
  return node([commandFile('typescript', 'tsc'), ...args]);
}
