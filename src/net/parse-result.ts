import type { WaylayError } from '../errors.js';

/**
 * The result of a reader of bytes: a value, the wish for more bytes, or a typed failure. Readers never throw on what a
 * peer sent.
 */
export type ParseResult<T> =
  | { readonly kind: 'done'; readonly value: T /** Bytes used from the start. */; readonly length: number }
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'failed'; readonly error: WaylayError };

/** More bytes are needed before anything can be said. */
export const INCOMPLETE: ParseResult<never> = { kind: 'incomplete' };
