/**
 * The mark by which a proxy tells that what it connects to, and asks the system for, goes straight out and is not routed
 * to a proxy.
 */
import { processGlobal } from '../runtime/realm.js';

/**
 * The option of a connection that is to go where it says, whatever is routed elsewhere. Registered by name, so that every
 * copy of this library in a process keeps to it.
 */
export const DIRECT: unique symbol = Symbol.for('waylay.direct');

/**
 * The key under which it is kept that a proxy asks on its own account. Registered by name, so that every copy of this
 * library in a process keeps to it.
 */
const ASKING = Symbol.for('waylay.asks-directly');
const process = processGlobal.process as unknown as Record<symbol, boolean | undefined>;

/** Asks the system for a name that is not to be answered here: the request has to be made in this turn. */
export function askDirectly<T>(ask: () => T): T {
  const before = process[ASKING];
  process[ASKING] = true;
  try {
    return ask();
  } finally {
    if (before === undefined) delete process[ASKING];
    else process[ASKING] = before;
  }
}

/** True if a proxy asks now. */
export function asksDirectly(): boolean {
  return process[ASKING] === true;
}
