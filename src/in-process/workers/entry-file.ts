import { existsSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fileOfCaller } from '../../runtime/stack.js';

/** The paths of this folder in the build: as ES modules, and as CommonJS. */
const [ESM, CJS] = ['esm', 'cjs'].map((build) => join(sep, build, 'src', 'in-process', 'workers')) as [string, string];

let found: string | null | undefined;

/**
 * The file that a worker thread begins with: as CommonJS, since that is run at once. Undefined where it is not where it was
 * built to, as in a bundle.
 */
export function entryFile(): string | undefined {
  if (found === undefined) {
    const folder = dirname(ownFile());
    const commonJs = folder.endsWith(ESM) ? folder.slice(0, -ESM.length) + CJS : folder;
    const file = join(commonJs, 'entry.js');
    found = existsSync(file) ? file : null;
  }
  return found ?? undefined;
}

/** The path of this file. Its two builds have different names for it, and a stack trace has it in both. */
function ownFile(): string {
  const file = fileOfCaller() ?? '';
  return file.startsWith('file:') ? fileURLToPath(file) : file;
}
