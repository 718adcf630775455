/** Writes what a SOCKS server answers: SOCKS 4, and SOCKS 5 (RFC 1928, sections 3 and 6; RFC 1929). Pure. */
import type { WaylayError } from '../../errors.js';

/** The outcome of a request, in the words of SOCKS 5; SOCKS 4 knows only success and failure. */
export type SocksOutcome = keyof typeof CODES;

// RFC 1928, section 6.
const CODES = {
  connected: 0x00,
  failed: 0x01,
  forbidden: 0x02,
  'network unreachable': 0x03,
  'host unreachable': 0x04,
  refused: 0x05,
  'timed out': 0x06,
  'no such command': 0x07,
  'no such address type': 0x08,
} as const;

/** The answer to a request. The address that the server is bound to is of no use to clients, and is 0.0.0.0:0. */
export function socksReply(version: 4 | 5, outcome: SocksOutcome): Buffer {
  if (version === 5) return Buffer.from([5, CODES[outcome], 0, 1, 0, 0, 0, 0, 0, 0]);
  return Buffer.from([0, outcome === 'connected' ? 90 : 91, 0, 0, 0, 0, 0, 0]);
}

/** Chooses among the offered methods: none is asked for; a user and password are taken without a look at them. */
export function chooseMethod(offered: readonly number[]): 'none' | 'password' | undefined {
  if (offered.includes(0)) return 'none';
  return offered.includes(2) ? 'password' : undefined;
}

/** The answer to a greeting. */
export function methodReply(method: 'none' | 'password' | undefined): Buffer {
  return Buffer.from([5, method === undefined ? 0xff : method === 'none' ? 0 : 2]);
}

/** The answer to a user and password: welcome. */
export const CREDENTIALS_ACCEPTED: Buffer = Buffer.from([1, 0]);

/** The outcome, in the words of SOCKS, of a failure to dial, so that the client fails as it would without the proxy. */
export function outcomeOf({ code, cause }: WaylayError): SocksOutcome {
  switch (code) {
    case 'WAYLAY_UPSTREAM_DNS':
      return 'host unreachable';
    case 'WAYLAY_UPSTREAM_TIMEOUT':
      return 'timed out';
    case 'WAYLAY_UPSTREAM_LOOP':
      return 'forbidden';
    case 'WAYLAY_UPSTREAM_REFUSED':
      return SYSTEM_ERRORS[(cause as NodeJS.ErrnoException | undefined)?.code ?? ''] ?? 'failed';
    default:
      return 'failed';
  }
}

const SYSTEM_ERRORS: Readonly<Record<string, SocksOutcome>> = {
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'host unreachable',
  EHOSTDOWN: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ENETDOWN: 'network unreachable',
};
