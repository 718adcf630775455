/** Shows what a test wrote, in errors about it, which are told before anything is asked of the options. */
import { formatValue } from './format.js';
import { PLAIN } from './style.js';

/** {@link formatValue} without what is secret by default. Never throws. */
export function formatWritten(value: unknown, limit?: number): string {
  return formatValue(shown(value, false), limit);
}

/** The value of a header field in the same way. */
export function formatHeaderValue(name: string, value: unknown): string {
  return formatValue(shown(value, PLAIN.mask.header(name)));
}

/** A sentence in the same way: it may quote a URL. */
export function withoutSecrets(sentence: string): string {
  return PLAIN.mask.value(sentence);
}

function shown(value: unknown, isSecret: boolean): unknown {
  try {
    return PLAIN.mask.written(value, isSecret);
  } catch {
    // A getter of it throws.
    return value;
  }
}
