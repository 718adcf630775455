import type { RawHeaders } from './headers.js';

/** The head of a response. */
export interface ResponseHead {
  readonly status: number;
  /** The reason phrase; empty in HTTP/2 (RFC 9113, section 8.3.2). */
  readonly statusText: string;
  readonly headers: RawHeaders;
  /** It is known that neither a body nor trailers follow: HTTP/2 ends the stream with it (RFC 9113, section 8.1). */
  readonly headOnly?: boolean;
}
