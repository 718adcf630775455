import { relative } from 'node:path';
import { TestError } from '../../src/errors.js';
import { framesOfTest, isFrame, isInstalled, type Position, placeOf, positionOf } from '../../src/runtime/frames.js';
import { stackOf, withDepth } from '../../src/runtime/stack.js';

/** Deep enough to see past the library's own frames. */
const DEPTH = 24;

/**
 * The place where the test wrote something. Taking it is cheap: the stack is formatted only when it is read.
 *
 * @example
 * new CallSite().toString(); // 'test/checkout.spec.ts:12'
 */
export class CallSite {
  readonly #holder: { stack?: unknown } = {};
  #frames: readonly string[] | undefined;

  constructor() {
    withDepth(DEPTH, () => Error.captureStackTrace(this.#holder, CallSite));
  }

  /** The frames of the test's call and of what called it, as a stack has them; may be empty. */
  get frames(): readonly string[] {
    if (this.#frames === undefined) {
      const lines = stackOf(this.#holder).split('\n').filter(isFrame);
      // A runner's adapter stands before the test as well as behind its call.
      const others = framesOfTest(lines);
      // The runner's expect does so, too, of a matcher.
      const first = others.findIndex((line) => !isInstalled(line));
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
    return locationOf(this.frames[0] ?? '');
  }

  toString(): string {
    return this.location ?? 'an unknown place';
  }

  /** The error as one of this place: runners show the code there, and Waylay's own frames say nothing of what to mend. */
  placed<E extends Error>(error: E): E {
    if (this.frames.length > 0) error.stack = [`${error.name}: ${error.message}`, ...this.frames].join('\n');
    withoutOwnFrames(error.cause);
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

/**
 * Takes the frames out of an error's text: the text with the test's own frames, each as `file:line`, and
 * these frames as a stack has them. Without its column, and further in, a line is no frame to runners,
 * which take the first one in a message for the place of the failure.
 */
export function partStack(stack: string): { text: string; frames: string[] } {
  const lines = stack.split('\n');
  const all = lines.filter(isFrame);
  const others = framesOfTest(all);
  const frames = others.length === 0 ? all : others;
  const kept = lines.filter((line) => !isFrame(line) || frames.includes(line));
  return { text: kept.map((line) => (isFrame(line) ? `  ${withoutColumn(line)}` : line)).join('\n'), frames };
}

function withoutColumn(frame: string): string {
  const place = placeOf(frame);
  const position = positionOf(frame);
  return place === undefined || position === undefined ? frame : place.before + show(position) + place.after;
}

/** The place of a frame: `file:line`; undefined where it names no file. */
export function locationOf(frame: string): string | undefined {
  const position = positionOf(frame);
  return position && show(position);
}

function show({ file, line }: Position): string {
  const path = relative(process.cwd(), file);
  return `${path.startsWith('..') ? file : path}:${line}`;
}

/** Runners show what caused an error with its stack: there, too, frames of Waylay say nothing of what to mend. */
function withoutOwnFrames(cause: unknown): void {
  try {
    if (!(cause instanceof Error) || typeof cause.stack !== 'string') return;
    const lines = cause.stack.split('\n');
    const others = framesOfTest(lines.filter(isFrame));
    cause.stack = [...lines.filter((line) => !isFrame(line)), ...others].join('\n');
  } catch {
    // It may be frozen, or have a stack that cannot be read.
  }
}
