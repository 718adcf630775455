/** What the relay itself has to say of an exchange that did not come to its end. */
import { ClientError, InternalError, TestError, type WaylayError } from '../errors.js';
import { thrownText } from '../thrown.js';
import type { Exchange } from './exchange.js';

/** The client's connection has ended. */
export function clientGone(exchange: Exchange, stopping: boolean): WaylayError {
  return stopping
    ? new InternalError('WAYLAY_STOPPED', `The proxy was stopped before ${exchange} was complete.`)
    : new ClientError('WAYLAY_CLIENT_ABORTED', `The client closed the connection before ${exchange} was complete.`);
}

/** A function of the test threw. */
export function handlerError(exchange: Exchange, cause: unknown): WaylayError {
  return new TestError('WAYLAY_HANDLER', `A function that was to handle ${exchange} failed: ${thrownText(cause)}`, {
    cause,
  });
}

/** A response's head is none that can be written. */
export function unsendable(exchange: Exchange, cause: unknown): WaylayError {
  const reason = (cause as Error).message;
  return new InternalError('WAYLAY_INTERNAL', `The response to ${exchange} cannot be sent: ${reason}`, { cause });
}
