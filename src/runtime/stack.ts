/**
 * Stacks, whatever a test or its tools have made of how they are written: `Error.prepareStackTrace` may give anything or
 * throw, `Error.stackTraceLimit` may be 0, and either may be frozen (`--frozen-intrinsics`).
 */

/** Does something while stacks have at most so many frames; where that cannot be set, as many as they have. */
export function withDepth<T>(depth: number, take: () => T): T {
  const { stackTraceLimit } = Error;
  Reflect.set(Error, 'stackTraceLimit', depth);
  try {
    return take();
  } finally {
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
  }
}

/** The stack as text; empty where there is none, or none that can be read. */
export function stackOf(holder: { readonly stack?: unknown }): string {
  try {
    const { stack } = holder;
    if (typeof stack === 'string') return stack;
    // Frames as V8 has them before they are written.
    return Array.isArray(stack) ? [String(holder), ...stack.map((site) => `    at ${site}`)].join('\n') : '';
  } catch {
    return '';
  }
}

/** The path or `file:` URL of the file that called this; undefined where it is not known. */
export function fileOfCaller(): string | undefined {
  const { prepareStackTrace } = Error;
  const holder: { stack?: unknown } = {};
  try {
    Reflect.set(Error, 'prepareStackTrace', fileOfFirst);
    withDepth(1, () => {
      Error.captureStackTrace(holder, fileOfCaller);
      return holder.stack;
    });
  } finally {
    Reflect.set(Error, 'prepareStackTrace', prepareStackTrace);
  }
  const stack = typeof holder.stack === 'string' ? holder.stack : '';
  // Written all the same where it could not be set.
  return /^\s+at (?:.*? \()?(.+?):\d+:\d+\)?$/m.exec(stack)?.[1] ?? (stack || undefined);
}

function fileOfFirst(_: Error, [site]: NodeJS.CallSite[]): unknown {
  return site?.getFileName() ?? '';
}
