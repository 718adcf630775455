import { clearTimeout, setTimeout } from '../runtime/realm.js';
import type { Route } from './route.js';

/** Milliseconds after the last test until what is still under way does not keep the process alive any more. */
export const LINGER_LIMIT = 5000;

const waiting = new Map<Route, () => void>();
let timer: NodeJS.Timeout | undefined;

/**
 * Has the process end in time though something on a route never ends. It is not broken off: nobody is left who could make
 * anything of that.
 *
 * @param tell is called first, says what it is that is waited for
 */
export function limitLinger(route: Route, tell: () => void): void {
  waiting.set(route, tell);
}

/** There is nothing to wait for any more. */
export function liftLingerLimit(route: Route): void {
  waiting.delete(route);
}

/** Gives everything the time that it takes while tests run. */
export function setTestsRunning(running: boolean): void {
  clearTimeout(timer);
  timer = running || waiting.size === 0 ? undefined : setTimeout(unrefLingering, LINGER_LIMIT).unref();
}

function unrefLingering(): void {
  for (const [route, tell] of waiting) {
    tell();
    route.unref();
  }
  waiting.clear();
}
