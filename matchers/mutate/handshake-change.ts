import { TestError } from '../../src/errors.js';
import type { Handshake, HandshakeFault } from '../../src/interceptor.js';
import { formatAuthority } from '../../src/net/authority.js';
import { ALERTS, type AlertName } from '../../src/tls/alert.js';
import type { CompiledPattern } from '../pattern/pattern.js';

/**
 * The way in which a client's TLS handshake fails: by an alert, named as in RFC 8446, section 6.2, or by its number; or
 * by a certificate with a defect.
 */
export type TlsChange =
  | { readonly alert: AlertName | number; readonly leaf?: undefined }
  | { readonly leaf: 'expired' | 'wrong-host' | 'self-signed'; readonly alert?: undefined };

/** The defects that a leaf can be given. */
export const LEAVES = ['expired', 'wrong-host', 'self-signed'] as const;

/** The names of the alerts. */
export const ALERT_NAMES = Object.keys(ALERTS) as AlertName[];

/**
 * A handshake comes before any request, so that nothing of one can choose it.
 * @throws {TestError} `WAYLAY_INVALID_PATTERN`
 */
export function checkHandshakePattern(pattern: CompiledPattern): void {
  const { beyondAuthority } = pattern;
  if (beyondAuthority.length === 0) return;
  throw new TestError(
    'WAYLAY_INVALID_PATTERN',
    `Invalid pattern ${pattern} for a change of tls: a TLS handshake comes before any request and shows only ` +
      `host, port and server name, so nothing can be said of ${beyondAuthority.join(', ')}. ` +
      `Write { host: 'api.test' } or 'https://api.test/**'.`,
  );
}

/** The instruction to the core. */
export function handshakeFault(change: TlsChange, handshake: Handshake, site: { toString(): string }): HandshakeFault {
  const authority = formatAuthority(handshake);
  const fault = (how: string) =>
    new TestError(
      'WAYLAY_FAULT',
      `The TLS handshake with ${authority} ${how}, as the mutation written at ${site} says.`,
      { authority },
    );
  if (change.leaf !== undefined) {
    return { leaf: change.leaf, error: fault(`was answered with a certificate that is ${LEAF_WORDS[change.leaf]}`) };
  }
  const number = typeof change.alert === 'number' ? change.alert : ALERTS[change.alert];
  const name = ALERT_NAMES.find((one) => ALERTS[one] === number);
  return {
    alert: number,
    error: fault(`was ended with the alert ${name === undefined ? number : `${name} (${number})`}`),
  };
}

const LEAF_WORDS = { expired: 'expired', 'wrong-host': 'for another host', 'self-signed': 'self-signed' } as const;
