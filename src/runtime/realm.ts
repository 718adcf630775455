/**
 * Globals that tests do not replace. Some runners run tests, and this library with them, with a global object of their
 * own, whose timers may be fake and whose AbortController may be that of a browser; these are the process's own, as they
 * were when this was loaded.
 */
import { runInThisContext } from 'node:vm';

/** The global object that Node itself uses. */
export const processGlobal = runInThisContext('globalThis') as typeof globalThis;

export const { AbortController, TextDecoder, clearTimeout, performance, queueMicrotask, setImmediate, setTimeout } =
  processGlobal;

/** `process.nextTick` */
export const nextTick: typeof process.nextTick = processGlobal.process.nextTick.bind(processGlobal.process);

/** `URL.canParse`, which the URL of a simulated browser may lack. */
export function canParseUrl(url: string | URL, base?: string): boolean {
  return processGlobal.URL.canParse(String(url), base);
}
