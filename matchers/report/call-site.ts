import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TestError } from '../../src/errors.js';

/** In the path of what is installed and not written by the test. */
const INSTALLED = `${sep}node_modules${sep}`;

/** Deep enough to see past the library's own frames. */
const DEPTH = 24;

/**
 * Where the test wrote something. Taking it is cheap: the stack is formatted only when it is read.
 *
 * @example
 * new CallSite().toString(); // 'test/checkout.spec.ts:12'
 */
export class CallSite {
  readonly #holder: { stack?: string } = {};
  #frames: readonly string[] | undefined;

  constructor() {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = DEPTH;
    Error.captureStackTrace(this.#holder, CallSite);
    Error.stackTraceLimit = stackTraceLimit;
  }

  /** The frames of the test's call and of what called it, as a stack has them; may be empty. */
  get frames(): readonly string[] {
    if (this.#frames === undefined) {
      const lines = (this.#holder.stack ?? '').split('\n').filter(isFrame);
      // A runner's adapter stands before the test as well as behind its call.
      const others = lines.filter((line) => !isOwn(fileOf(line)));
      // So does the runner's expect, of a matcher.
      const first = others.findIndex((line) => !fileOf(line)?.includes(INSTALLED));
      this.#frames = others.slice(Math.max(first, 0));
    }
    return this.#frames;
  }

  /** Undefined where it is not known. */
  get position(): Position | undefined {
    return positionOf(this.frames[0] ?? '');
  }

  /** `file:line`, the file relative to the working directory where it is inside; undefined where it is not known. */
  get location(): string | undefined {
    const { position } = this;
    return position && show(position);
  }

  toString(): string {
    return this.location ?? 'an unknown place';
  }

  /** The error as one of this place: runners show the code there, and Waylay's own frames say nothing of what to mend. */
  placed<E extends Error>(error: E): E {
    if (this.frames.length > 0) error.stack = [`${error.name}: ${error.message}`, ...this.frames].join('\n');
    return error;
  }
}

/** Does what a test said; where that was wrong, the error is one of the place where the test said it. */
export function written<T>(say: (site: CallSite) => T): T {
  const site = new CallSite();
  try {
    return say(site);
  } catch (error) {
    throw error instanceof TestError ? site.placed(error) : error;
  }
}

/** A place in a file; line and column count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * Takes the frames out of an error's text: the text with the test's own frames, each as `file:line`, and
 * these frames as a stack has them. Without its column, and further in, a line is no frame to runners,
 * which take the first one in a message for the place of the failure.
 */
export function partStack(stack: string): { text: string; frames: string[] } {
  const lines = stack.split('\n');
  const all = lines.filter(isFrame);
  const others = all.filter((line) => !isOwn(fileOf(line)));
  const frames = others.length === 0 ? all : others;
  const kept = lines.filter((line) => !isFrame(line) || frames.includes(line));
  return { text: kept.map((line) => (isFrame(line) ? `  ${withoutColumn(line)}` : line)).join('\n'), frames };
}

function withoutColumn(frame: string): string {
  const place = placeOf(frame);
  const position = positionOf(frame);
  return place === undefined || position === undefined ? frame : place.before + show(position) + place.after;
}

function show({ file, line }: Position): string {
  const path = relative(process.cwd(), file);
  return `${path.startsWith('..') ? file : path}:${line}`;
}

function isFrame(line: string): boolean {
  return /^\s+at /.test(line);
}

/** `at call (file:12:3)`, `at file:12:3`; a folder may have parentheses in its name. */
function placeOf(
  frame: string,
): { before: string; path: string; line: string; column: string; after: string } | undefined {
  const named = /^(\s+at [^(]*? \()(.+):(\d+):(\d+)(\))\s*$/.exec(frame);
  const [, before, path, line, column, after = ''] =
    named ?? /^(\s+at (?:async )?)(.+):(\d+):(\d+)()\s*$/.exec(frame) ?? [];
  if (before === undefined || path === undefined || line === undefined || column === undefined) return undefined;
  return path.startsWith('eval at ') ? undefined : { before, path, line, column, after };
}

function positionOf(frame: string): Position | undefined {
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

function fileOf(frame: string): string | undefined {
  return positionOf(frame)?.file;
}

// The folders of this library, found from this file's own frame: the build has an ESM and a CommonJS
// form, and only a stack tells the place in both.
const OWN_FOLDERS: readonly string[] = ownFolders();

function ownFolders(): string[] {
  const file = fileOf(new Error().stack?.split('\n')[1] ?? '');
  if (file === undefined) return [];
  const house = dirname(dirname(dirname(file)));
  return ['src', 'matchers', 'fixtures'].map((floor) => join(house, floor) + sep);
}

/** A file of this library or of Node, or none that is known. */
export function isOwn(file: string | undefined): boolean {
  return file === undefined || file.startsWith('node:') || OWN_FOLDERS.some((folder) => file.startsWith(folder));
}
