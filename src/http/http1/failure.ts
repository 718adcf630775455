/** Failures to read a message: one table. The sentences go on from "The request" or "The response". */
export const FAILURES = {
  // The start line.
  'not-http': 'does not begin with a status line of HTTP/1',
  'invalid-method': 'begins with no method: it has to be a token, and one space behind it (RFC 9112, section 3.1)',
  'invalid-target': 'has no target, or one with a space or a line end in it (RFC 9112, section 3.2)',
  'invalid-version':
    'names no version after its target, or one other than HTTP/1.0 and HTTP/1.1 (RFC 9112, section 2.3)',
  // Fields.
  'head-too-large': 'has a head that is larger than the limit',
  'too-many-fields': 'has more fields than the limit',
  'bare-line-end': 'has a CR or a LF by itself (RFC 9112, section 2.2)',
  'folded-field': 'has a field that goes on in the next line (RFC 9112, section 5.2)',
  'blank-before-colon': 'has a blank between the name of a field and its colon (RFC 9112, section 5.1)',
  'invalid-name': 'has a line with no name of a field: a token, and a colon behind it (RFC 9110, section 5.1)',
  'invalid-value': 'has a field with a NUL in its value (RFC 9110, section 5.5)',
  // Framing.
  'invalid-length': 'has a Content-Length that is none (RFC 9110, section 8.6)',
  'repeated-length': 'has more than one Content-Length (RFC 9112, section 6.3)',
  'length-and-coding': 'has both Content-Length and Transfer-Encoding (RFC 9112, section 6.1)',
  'invalid-coding': 'has a Transfer-Encoding that does not say where its body ends (RFC 9112, section 6.3)',
  'invalid-chunk': 'has a chunk whose size or end cannot be read (RFC 9112, section 7.1)',
  'extensions-too-large': 'has chunk extensions that are larger than the limit (RFC 9112, section 7.1.1)',
  'invalid-trailers': 'has trailers that speak of its framing (RFC 9110, section 6.5.1)',
  'trailers-too-large': 'has trailers that are larger than the limit',
  // Ends.
  'no-response': 'never came: the connection ended before its first byte',
  'truncated-head': 'ended within its head',
  'truncated-body': 'ended before its body was complete',
  'unasked-bytes': 'came without a request: there are bytes after the last message that was asked for',
} as const;

/** The stable name of a reason, of a fixed catalogue: {@link FAILURES}. */
export type FailureReason = keyof typeof FAILURES;

/** A message that cannot be read. What has not been handed out of it is what the reader's `takeUnread()` gives. */
export interface ReadFailure {
  readonly reason: FailureReason;
  /** The number of bytes of the connection before the one at which it was found. */
  readonly offset: number;
}
