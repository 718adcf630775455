/** The frames of a stack, as V8 writes them: whose they are, and where in its file each is. */
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fileOfCaller, stackOf, withDepth } from './stack.js';

/** The part of a path that marks what is installed and not written by the test. */
const INSTALLED = `${sep}node_modules${sep}`;

/** A place in a file; line and column count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * The frames that tell what to mend: neither Waylay's own nor Node's, nor those of the runner that called the test. May
 * be none.
 *
 * @param frames lines of a stack
 */
export function framesOfTest(frames: readonly string[]): string[] {
  const others = frames.filter((line) => !isOwn(fileOf(line)));
  const last = others.map(isInstalled).lastIndexOf(false);
  return last === -1 ? others : others.slice(0, last + 1);
}

/** True if it is in a package. */
export function isInstalled(frame: string): boolean {
  return fileOf(frame)?.includes(INSTALLED) === true;
}

/** True if the line of a stack is one. */
export function isFrame(line: string): boolean {
  return /^\s+at /.test(line);
}

/** `at call (file:12:3)`, `at file:12:3`; a folder may have parentheses in its name. */
export function placeOf(
  frame: string,
): { before: string; path: string; line: string; column: string; after: string } | undefined {
  const named = /^(\s+at [^(]*? \()(.+):(\d+):(\d+)(\))\s*$/.exec(frame);
  const [, before, path, line, column, after = ''] =
    named ?? /^(\s+at (?:async )?)(.+):(\d+):(\d+)()\s*$/.exec(frame) ?? [];
  if (before === undefined || path === undefined || line === undefined || column === undefined) return undefined;
  return path.startsWith('eval at ') ? undefined : { before, path, line, column, after };
}

/** Undefined where the frame names no file. */
export function positionOf(frame: string): Position | undefined {
  const place = placeOf(frame);
  if (place === undefined) return undefined;
  const { path, line, column } = place;
  try {
    const file = path.startsWith('file://') ? fileURLToPath(path) : path;
    return { file, line: Number(line), column: Number(column) };
  } catch {
    return undefined;
  }
}

/** Undefined where it has none. */
export function fileOf(frame: string): string | undefined {
  return positionOf(frame)?.file;
}

// The folders of this library, found from this file's own frame: the build has an ESM and a CommonJS
// form, and only a stack tells the place in both. Tools that map stacks may write another place than Node has.
const OWN_FOLDERS: readonly string[] = [asWritten(), asRun()].flatMap(foldersBeside);

function asWritten(): string | undefined {
  return fileOf(withDepth(1, () => stackOf(new Error()).split('\n').find(isFrame)) ?? '');
}

function asRun(): string | undefined {
  return fileOf(`    at ${fileOfCaller()}:1:1`);
}

function foldersBeside(file: string | undefined): string[] {
  if (file === undefined) return [];
  const house = dirname(dirname(dirname(file)));
  return ['src', 'matchers', 'programs', 'traffic-view', 'fixtures'].map((floor) => join(house, floor) + sep);
}

/** A file of this library or of Node, or none that is known. */
export function isOwn(file: string | undefined): boolean {
  return file === undefined || file.startsWith('node:') || OWN_FOLDERS.some((folder) => file.startsWith(folder));
}
