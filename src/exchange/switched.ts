import type { Socket } from 'node:net';
import type { ResponseHead } from '../http/response-head.js';
import type { Exchange } from '../journal/exchange.js';
import { type Ending, splice } from '../net/splice.js';
import type { ExchangeContext } from './context.js';
import { observeWebSocket, type WebSocketObserver } from './observed-websocket.js';
import { switchedBroken } from './relay-errors.js';

/** One side of a connection that has switched protocols. */
export interface SwitchedSide {
  readonly socket: Socket;
  /** Bytes that it sent in one packet with its head. */
  readonly firstBytes: Buffer;
}

/** Both, and the 101 between them as the upstream sent it. */
export interface SwitchedSides {
  readonly head: ResponseHead;
  readonly client: SwitchedSide;
  readonly upstream: SwitchedSide;
}

/**
 * Joins both sides after a 101 (RFC 9110, section 15.2.2), whose head and first bytes the client has been sent. `onEnd`
 * is called when both are closed.
 */
export function joinSwitched(
  context: ExchangeContext,
  exchange: Exchange,
  { head, client, upstream }: SwitchedSides,
  onEnd: () => void,
): void {
  if (client.firstBytes.length > 0) upstream.socket.write(client.firstBytes);
  const observer = observed(context, exchange, head);
  observer?.server(upstream.firstBytes);
  observer?.client(client.firstBytes);
  const endNow = splice(
    { client: client.socket, upstream: upstream.socket },
    (ending) => {
      context.onStop.delete(endNow);
      recordEnd(context, exchange, ending, observer);
      onEnd();
    },
    observer && { client: observer.client, upstream: observer.server },
  );
  context.onStop.add(endNow);
}

/** Records what was wrong with the end of both sides, where something was. */
export function recordEnd(
  { stopping }: ExchangeContext,
  exchange: Exchange,
  ending: Ending,
  observer: WebSocketObserver | undefined,
): void {
  const error = switchedBroken(exchange, ending, observer?.end(), stopping);
  if (error === undefined || exchange.error !== undefined) return;
  exchange.error = error;
  if (error.fault === 'upstream') exchange.source = 'failed';
}

/** The recorder of what passes by, where that is a WebSocket's. */
export function observed(
  context: ExchangeContext,
  exchange: Exchange,
  head: ResponseHead,
): WebSocketObserver | undefined {
  return exchange.websocket ? observeWebSocket(context, exchange, head) : undefined;
}
