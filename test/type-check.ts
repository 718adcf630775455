/** TypeScript's messages on code that uses the package, by its name, as a project's own would. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from '../scripts/command.mjs';

/** One error, at its place in the file; line and column count from 1. */
export interface TypeProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The message with its elaboration, on one line. */
  readonly message: string;
}

/**
 * Checks the types of files, by name, under `strict`, against the sources of this package.
 * @param options more compiler options
 */
export async function checkTypes(
  files: Readonly<Record<string, string>>,
  options: Readonly<Record<string, unknown>> = {},
): Promise<TypeProblem[]> {
  const folder = mkdtempSync(join(tmpdir(), 'waylay-types-'));
  try {
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    const compilerOptions = {
      lib: ['ES2023', 'DOM', 'ESNext.Disposable'],
      incremental: false,
      tsBuildInfoFile: null,
      noUnusedLocals: false,
      noUnusedParameters: false,
      rootDir: '/',
      typeRoots: [join(root, 'node_modules/@types')],
      paths: { waylay: [join(root, 'fixtures/standalone.ts')], 'waylay/*': [join(root, 'fixtures/*.ts')] },
      ...options,
    };
    const config = { extends: join(root, 'tsconfig.json'), compilerOptions, files: Object.keys(files), include: [] };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    return problemsIn(await output(folder), files);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function output(folder: string): Promise<string> {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  return new Promise((resolve) => {
    // It ends with a status of its own where there are errors.
    const args = [tsc, '-p', folder, '--pretty', 'false'];
    execFile(process.execPath, args, { cwd: folder, maxBuffer: 2 ** 24 }, (_, stdout) => resolve(stdout));
  });
}

function problemsIn(stdout: string, files: Readonly<Record<string, string>>): TypeProblem[] {
  const problems: TypeProblem[] = [];
  for (const text of stdout.split(/\n(?=\S)/)) {
    const [, file = '', line, column, message = text] = /^(.+?)\((\d+),(\d+)\): error \w+: (.*)$/s.exec(text) ?? [];
    if (text.trim() === '') continue;
    if (file !== '' && !(file in files)) continue; // those of the sources are another test's
    problems.push({ file, line: Number(line), column: Number(column), message: message.replace(/\s+/g, ' ').trim() });
  }
  return problems;
}
