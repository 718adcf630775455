/** TLS alerts (RFC 8446, section 6): how a peer says why it ends a connection. */

/**
 * A fatal alert in a record of its own, as it may be sent before any keys are agreed on: in answer
 * to a ClientHello.
 *
 * @param description its number, 0 to 255 (RFC 8446, section 6.2), such as 80 for internal_error
 */
export function plaintextAlert(description: number): Buffer {
  return Buffer.from([21, 3, 3, 0, 2, 2, description]);
}

/**
 * The number of the alert that the peer sent, where the error (or a cause of it) is OpenSSL's
 * report of one; undefined where it is not.
 *
 * @example alertOf(error) === 48 // unknown_ca: the client does not trust the CA
 */
export function alertOf(error: unknown): number | undefined {
  // A few levels, since causes can be circular.
  for (let level = 0; level < 5 && error instanceof Error; level += 1) {
    const number = /SSL alert number (\d{1,3})/.exec(error.message)?.[1];
    if (number !== undefined) return Number(number);
    error = error.cause;
  }
  return undefined;
}
