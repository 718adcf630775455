import { headerValue, type RawHeaders, withHeader, withoutHeaders } from './headers.js';

const LENGTH = new Set(['content-length']);
const TRANSFER_ENCODING = new Set(['transfer-encoding']);
const CODINGS = new Set([...TRANSFER_ENCODING, 'content-encoding']);
const OF_THE_FRAMING = new Set([...LENGTH, ...TRANSFER_ENCODING]);
const OF_THE_BYTES = new Set([...LENGTH, ...CODINGS]);
const OF_A_BODY = new Set([...OF_THE_BYTES, 'trailer']);

/** Whether a response to such a request may have a body at all (RFC 9112, section 6.3). */
export function mayHaveBody(method: string, status: number): boolean {
  return method !== 'HEAD' && status !== 204 && status !== 304;
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
