import { inspect } from 'node:util';

/** What was thrown, as text, whatever it is: a failure to tell of a failure would leave the client waiting. */
export function thrownText(cause: unknown): string {
  try {
    if (cause instanceof Error) return String(cause.stack ?? cause.message);
    return typeof cause === 'string' ? cause : inspect(cause);
  } catch {
    return 'what it threw cannot be shown';
  }
}
