import { headerValue, type RawHeaders, withHeader, withoutHeaders } from './headers.js';

const LENGTH = new Set(['content-length']);
const TRANSFER_ENCODING = new Set(['transfer-encoding']);
const CODINGS = new Set([...TRANSFER_ENCODING, 'content-encoding']);
const OF_THE_FRAMING = new Set([...LENGTH, ...TRANSFER_ENCODING]);
const OF_THE_BYTES = new Set([...LENGTH, ...CODINGS]);
const OF_A_BODY = new Set([...OF_THE_BYTES, 'trailer']);

/** May a response to such a request have a body on the wire (RFC 9112, section 6.3)? */
export function mayHaveBody(method: string, status: number): boolean {
  return method !== 'HEAD' && status !== 204 && status !== 304;
}

/**
 * Has a response of such a status no content (RFC 9110, sections 15.3.5, 15.3.6 and 15.4.5)? That of 205 is said by a length
 * of 0; its framing could announce some.
 */
export function hasNoContent(status: number): boolean {
  return status === 204 || status === 205 || status === 304;
}

/** Fields for a body whose length is not known before its end, or that trailers follow (RFC 9112, section 7.1). */
export function withoutLength(raw: RawHeaders): string[] {
  return withoutHeaders(raw, LENGTH);
}

/** Fields for a changed body: in no content coding; or, `coded`, in the one that they give. */
export function withBodyLength(raw: RawHeaders, length: number, coded = false): string[] {
  // The length stays in its place.
  return withHeader(withoutHeaders(raw, coded ? TRANSFER_ENCODING : CODINGS), 'Content-Length', String(length));
}

/** Fields for a changed body whose length is not known before its end; see {@link withBodyLength}. */
export function withUnknownLength(raw: RawHeaders, coded = false): string[] {
  return withoutHeaders(raw, coded ? OF_THE_FRAMING : OF_THE_BYTES);
}

/** Fields for a response that has lost its body: nothing is to be waited for (RFC 9110, sections 6.6.2 and 8.6). */
export function withoutBody(raw: RawHeaders): string[] {
  return withoutHeaders(raw, OF_A_BODY);
}

/** The length that the fields give (RFC 9110, section 8.6); undefined where they give none. */
export function declaredLength(raw: RawHeaders): number | undefined {
  const value = headerValue(raw, 'content-length')?.trim();
  return value !== undefined && /^\d+$/.test(value) ? Number(value) : undefined;
}

/** The fields of a response that has lost its body to its status: 205 says that there is none (RFC 9110, section 15.3.6). */
export function bodyless(status: number, headers: RawHeaders): RawHeaders {
  return status === 205 ? withBodyLength(withoutBody(headers), 0) : withoutBody(headers);
}
