import { ClientError, UpstreamError, type WaylayError } from '../errors.js';
import type { Sender } from './message.js';

/** The reason why a sender's bytes cannot be read as messages any further; the sentence says what it sent. */
export function broken(sender: Sender, sent: string, cause?: unknown): WaylayError {
  const message = `The ${sender} sent ${sent}. What it sends is passed on, but its messages are no longer recorded.`;
  return sender === 'client'
    ? new ClientError('WAYLAY_CLIENT_PROTOCOL', message, { cause })
    : new UpstreamError('WAYLAY_UPSTREAM_PROTOCOL', message, { cause });
}
