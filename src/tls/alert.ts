import { types } from 'node:util';
/** TLS alerts (RFC 8446, section 6): how a peer says why it ends a connection. */
import type { Defect } from './upstream-certificate.js';

/** The numbers of the error alerts (RFC 8446, section 6.2), by their names there. */
export const ALERTS = {
  unexpected_message: 10,
  bad_record_mac: 20,
  record_overflow: 22,
  handshake_failure: 40,
  bad_certificate: 42,
  unsupported_certificate: 43,
  certificate_revoked: 44,
  certificate_expired: 45,
  certificate_unknown: 46,
  illegal_parameter: 47,
  unknown_ca: 48,
  access_denied: 49,
  decode_error: 50,
  decrypt_error: 51,
  protocol_version: 70,
  insufficient_security: 71,
  internal_error: 80,
  inappropriate_fallback: 86,
  missing_extension: 109,
  unsupported_extension: 110,
  unrecognized_name: 112,
  bad_certificate_status_response: 113,
  unknown_psk_identity: 115,
  certificate_required: 116,
  no_application_protocol: 120,
} as const;

/** The name of an error alert, such as `handshake_failure`. */
export type AlertName = keyof typeof ALERTS;

/** The alert of a client that judges a certificate, by its defect. */
export const ALERT_OF_DEFECT: Readonly<Record<Defect, number>> = {
  expired: ALERTS.certificate_expired,
  'not-yet-valid': ALERTS.certificate_expired,
  'wrong-host': ALERTS.bad_certificate,
  'self-signed': ALERTS.unknown_ca,
  untrusted: ALERTS.unknown_ca,
};

/**
 * A fatal alert in a record of its own, as it may be sent before any keys are agreed on: in answer
 * to a ClientHello.
 *
 * @param description its number, 0 to 255 (RFC 8446, section 6.2), such as `ALERTS.internal_error`
 */
export function plaintextAlert(description: number): Buffer {
  return Buffer.from([21, 3, 3, 0, 2, 2, description]);
}

/**
 * The number of the alert that the peer sent, where the error (or a cause of it) is OpenSSL's
 * report of one; undefined where it is not.
 *
 * @example alertOf(error) === ALERTS.unknown_ca // the client does not trust the CA
 */
export function alertOf(error: unknown): number | undefined {
  // A few levels, since causes can be circular.
  for (let level = 0; level < 5 && types.isNativeError(error); level += 1) {
    const number = /SSL alert number (\d{1,3})/.exec(error.message)?.[1];
    if (number !== undefined) return Number(number);
    error = error.cause;
  }
  return undefined;
}
