import { headerValue, type RawHeaders, withoutHeaders } from './headers.js';

const LENGTH = new Set(['content-length']);

/** Whether a response to such a request may have a body at all (RFC 9112, section 6.3). */
export function mayHaveBody(method: string, status: number): boolean {
  return method !== 'HEAD' && status !== 204 && status !== 304;
}

/** Fields for a body whose length is not known before its end, or that trailers follow (RFC 9112, section 7.1). */
export function withoutLength(raw: RawHeaders): string[] {
  return withoutHeaders(raw, LENGTH);
}

/** The length that the fields give (RFC 9110, section 8.6); undefined where they give none. */
export function declaredLength(raw: RawHeaders): number | undefined {
  const value = headerValue(raw, 'content-length')?.trim();
  return value !== undefined && /^\d+$/.test(value) ? Number(value) : undefined;
}
