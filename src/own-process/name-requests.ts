import { lookup } from 'node:dns';
import { processGlobal } from '../realm.js';
import type { Family } from './invented-addresses.js';

/** What Node waits with for the system's answer, or a DNS server's. */
export interface NameRequest {
  readonly hostname: string;
  /** Of those to the system: 0 is either. */
  readonly family?: 0 | Family;
  oncomplete(error: unknown, ...answer: unknown[]): void;
}

/**
 * Where it is kept that a proxy asks on its own account. Registered by name, so that every copy of this library in a
 * process keeps to it.
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

/** Whether what asks now is a proxy. */
export function asksDirectly(): boolean {
  return process[ASKING] === true;
}

let requests: NameRequest | null | undefined;

/**
 * What all requests to the system inherit from. Node does not show it: it is had from a request that asks nobody.
 * Undefined where Node makes none of that any more.
 */
export function lookupRequests(): NameRequest | undefined {
  if (requests === undefined) {
    const request = lookup('0', () => {}) as unknown as object | undefined;
    const kind = request && Object.getPrototypeOf(request);
    requests = kind?.constructor.name === 'GetAddrInfoReqWrap' ? kind : null;
  }
  return requests ?? undefined;
}
