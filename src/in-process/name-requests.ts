import { lookup } from 'node:dns';
import type { Family } from '../net/invented-addresses.js';

/** What Node waits with for the system's answer, or a DNS server's. */
export interface NameRequest {
  readonly hostname: string;
  /** Of those to the system: 0 is either. */
  readonly family?: 0 | Family;
  oncomplete(error: unknown, ...answer: unknown[]): void;
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
