/** Errors that the relay itself gives an exchange that did not come to its end. */

import { asWaylayError, ClientError, InternalError, TestError, UpstreamError, type WaylayError } from '../errors.js';
import type { Failure } from '../http/sink.js';
import type { Exchange } from '../journal/exchange.js';
import { formatAuthority } from '../net/authority.js';
import type { Ending } from '../net/splice.js';
import { thrownText } from '../runtime/thrown.js';
import type { WebSocketEnd } from './observed-websocket.js';

/** The client's connection has ended. */
export function clientGone(exchange: Exchange, stopping: boolean): WaylayError {
  return stopping
    ? new InternalError('WAYLAY_STOPPED', `The proxy was stopped before ${exchange} was complete.`)
    : new ClientError('WAYLAY_CLIENT_ABORTED', `The client closed the connection before ${exchange} was complete.`);
}

/**
 * The fault in the end of a connection that had switched protocols; undefined where nothing is.
 *
 * A reset loses what was on its way, unless its sender had said before that nothing follows. A FIN loses nothing but
 * inside a message of a WebSocket: without a close before it, it says less than it might (RFC 6455, section 7.1.5), and the
 * messages show that.
 */
export function switchedBroken(
  exchange: Exchange,
  { by, reset }: Ending,
  websocket: WebSocketEnd | undefined,
  stopping: boolean,
): WaylayError | undefined {
  const sender = by === 'client' ? 'client' : 'server';
  const isLoss = reset !== undefined && websocket?.closed.includes(sender) !== true;
  const cut = websocket?.cut ?? [];
  if (!isLoss && cut.length === 0) return undefined;
  if (stopping) return clientGone(exchange, stopping);
  // The side that left first ended what the other was in the middle of.
  const guilty = isLoss || cut.includes(sender) || cut.length > 1 ? by : by === 'client' ? 'upstream' : 'client';
  const what = isLoss ? 'reset the connection' : 'ended the connection';
  const where = cut.length > 0 ? 'inside a WebSocket message' : `of ${exchange}`;
  return guilty === 'client'
    ? new ClientError('WAYLAY_CLIENT_ABORTED', `The client ${what} ${where}.`, { cause: reset })
    : upstreamBroke(exchange, `${what} ${where}`, reset);
}

/**
 * The fault in the end of a tunnel; undefined where nothing is. A client that leaves with something unread, be it a
 * ticket of TLS, resets its connection, too: of what nobody reads here, that says nothing.
 */
export function tunnelBroken(exchange: Exchange, { by, reset }: Ending): WaylayError | undefined {
  return by === 'upstream' && reset !== undefined ? upstreamBroke(exchange, 'reset the connection', reset) : undefined;
}

function upstreamBroke({ destination }: Exchange, what: string, cause: Error | undefined): UpstreamError {
  const authority = formatAuthority(destination);
  return new UpstreamError('WAYLAY_UPSTREAM_TRUNCATED', `${authority} ${what}${cause ? `: ${cause.message}` : ''}.`, {
    authority,
    cause,
  });
}

/** Calls a function of the test: what it throws, now or later, is told as its failure. */
export function called<Value>(exchange: Exchange, call: () => Value): Value {
  const failed = (cause: unknown): never => {
    throw handlerFailure(exchange, cause).error;
  };
  try {
    const value = call();
    return value instanceof Promise ? (value.catch(failed) as Value) : value;
  } catch (cause) {
    return failed(cause);
  }
}

/** The failure that it is where a function of the test threw. */
export function handlerFailure(exchange: Exchange, cause: unknown): Failure {
  return { error: handlerError(exchange, cause, { message: unusable(exchange, cause) }) };
}

/** The failure of what a rule asked for: it cannot be done with what there is, or Waylay is at fault. */
export function ruleFailure(exchange: Exchange, cause: unknown): Failure {
  if (!(cause instanceof TestError) || cause.code === 'WAYLAY_HANDLER') return { error: asWaylayError(cause) };
  const message = unusable(exchange, cause) ?? `${exchange} could not be changed: ${cause.message}`;
  return { error: handlerError(exchange, cause, { message }) };
}

/**
 * @param what that the function was to handle
 * @param authority that the client asked for, where no exchange says it
 */
export function handlerError(
  what: { toString(): string },
  cause: unknown,
  { message = `A function that was to handle ${what} failed: ${thrownText(cause)}`, authority }: HandlerDetails = {},
): TestError {
  return new TestError('WAYLAY_HANDLER', message, { cause, ...(authority !== undefined && { authority }) });
}

interface HandlerDetails {
  readonly message?: string | undefined;
  readonly authority?: string;
}

/** The value that a rule gave, and why it cannot be: said by the cause, with the place. */
function unusable(exchange: Exchange, cause: unknown): string | undefined {
  if (!(cause instanceof TestError)) return undefined;
  const { code, message } = cause;
  if (code !== 'WAYLAY_INVALID_REPLY' && code !== 'WAYLAY_INVALID_CHANGE') return undefined;
  return message.includes(String(exchange)) ? message : `${exchange} could not be handled: ${message}`;
}

/** A response's head is none that can be written. */
export function unsendable(exchange: Exchange, cause: unknown): WaylayError {
  const reason = (cause as Error).message;
  return new InternalError('WAYLAY_INTERNAL', `The response to ${exchange} cannot be sent: ${reason}`, { cause });
}
