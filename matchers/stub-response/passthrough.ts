/** Tells the marker also where the ESM and the CommonJS form of this library meet. */
const PASSTHROUGH: unique symbol = Symbol.for('waylay.passthrough');

/** The reply that is none: the request goes on to its upstream. See {@link passthrough}. */
export interface Passthrough {
  /** Tells it from all other replies. */
  readonly [PASSTHROUGH]: true;
}

const MARKER: Passthrough = Object.freeze({ [PASSTHROUGH]: true as const });

/**
 * Makes a stub's reply by which the request goes on to its upstream, whatever older stubs would answer and also where
 * unmatched requests are refused.
 *
 * @example
 * waylay.stubResponse('https://api.test/**', 503);
 * waylay.stubResponse('https://api.test/health', passthrough());
 */
export function passthrough(): Passthrough {
  return MARKER;
}

/** True if the value is what {@link passthrough} returns. */
export function isPassthrough(value: unknown): value is Passthrough {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, PASSTHROUGH);
}
