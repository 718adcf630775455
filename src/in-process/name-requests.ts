import { lookup } from 'node:dns';
import type { Family } from '../net/synthetic-addresses.js';

/** A request to the system, or a DNS server, whose answer Node waits for. */
export interface NameRequest {
  readonly hostname: string;
  /** The family in requests to the system: 0 is either. */
  readonly family?: 0 | Family;
  oncomplete(error: unknown, ...answer: unknown[]): void;
}

let requests: NameRequest | null | undefined;

/**
 * The prototype of all requests to the system. Node does not show it: it is had from a request that asks nobody.
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
