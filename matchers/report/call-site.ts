import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Deep enough to see past the library's own frames. */
const DEPTH = 24;

/**
 * Where the test wrote something. Taking it is cheap: the stack is formatted only when it is read.
 *
 * @example
 * new CallSite().toString(); // 'test/checkout.spec.ts:12:25'
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

  /** The frames from the test's call on, as a stack has them; may be empty. */
  get frames(): readonly string[] {
    if (this.#frames === undefined) {
      const lines = (this.#holder.stack ?? '').split('\n').filter(isFrame);
      const first = lines.findIndex((line) => !isOwn(fileOf(line)));
      this.#frames = first === -1 ? [] : lines.slice(first);
    }
    return this.#frames;
  }

  /** `file:line:column`, relative to the working directory where it is inside; undefined where it is not known. */
  get location(): string | undefined {
    const position = positionOf(this.frames[0] ?? '');
    if (position === undefined) return undefined;
    const path = relative(process.cwd(), position.file);
    const file = path.startsWith('..') ? position.file : path;
    return `${file}:${position.place}`;
  }

  toString(): string {
    return this.location ?? 'an unknown place';
  }
}

/** The text of a stack without the frames of this library and of Node, unless it has no others. */
export function withoutOwnFrames(stack: string): string {
  const lines = stack.split('\n');
  const kept = lines.filter((line) => !isFrame(line) || !isOwn(fileOf(line)));
  return kept.some(isFrame) ? kept.join('\n') : stack;
}

function isFrame(line: string): boolean {
  return /^\s+at /.test(line);
}

function positionOf(frame: string): { file: string; place: string } | undefined {
  const match = /(?:\(|at (?:async )?)([^()]+?):(\d+:\d+)\)?$/.exec(frame.trim());
  const [, path, place] = match ?? [];
  if (path === undefined || place === undefined) return undefined;
  try {
    return { file: path.startsWith('file://') ? fileURLToPath(path) : path, place };
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

function isOwn(file: string | undefined): boolean {
  return file === undefined || file.startsWith('node:') || OWN_FOLDERS.some((folder) => file.startsWith(folder));
}
