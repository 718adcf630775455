import { TestError } from '../../src/errors.js';
import { formatWritten, withoutSecrets } from '../values/written.js';
import type { StubbedRequest } from './ready-reply.js';

/** Shown where a reply has nothing of its own to mend. */
export const EXAMPLE_REPLY = `{ status: 402, json: { error: 'declined' } }`;

/** Makes the error for one reply: what is wrong with it, and how to write it. */
export type Refuse = (why: string, write: string, cause?: unknown) => TestError;

/** The error for what is no reply: the offending value, what is wrong, how to write it. */
export function invalidReply(value: unknown, why: string, write: string, cause?: unknown): TestError {
  const message = `Invalid reply ${formatWritten(value)}: ${withoutSecrets(why)}. Write ${withoutSecrets(write)}.`;
  return new TestError('WAYLAY_INVALID_REPLY', message, { cause });
}

/**
 * The cause as it is, unless it is a reply that was found to be none only when a request came: that is
 * told with the place where the stub was written.
 */
export function located(cause: unknown, { stub }: Pick<StubbedRequest, 'stub'>): unknown {
  if (!(cause instanceof TestError) || cause.code !== 'WAYLAY_INVALID_REPLY') return cause;
  const message = `The stub written at ${stub.site} for ${stub} gave no reply. ${cause.message}`;
  return stub.site.placed(new TestError('WAYLAY_INVALID_REPLY', message, { cause }));
}
