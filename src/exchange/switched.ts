import type { Socket } from 'node:net';
import type { ProxyContext } from '../context.js';
import type { ResponseHead } from '../interceptor.js';
import { splice } from '../splice.js';
import { observeWebSocket } from '../websocket/observe.js';
import type { Exchange } from './exchange.js';

/** One side of a connection that has switched protocols. */
export interface SwitchedSide {
  readonly socket: Socket;
  /** What it sent in one packet with its head. */
  readonly firstBytes: Buffer;
}

/**
 * Joins both sides after a 101 (RFC 9110, section 15.2.2), whose head and first bytes the client has been sent. `onEnd`
 * is called when both are closed.
 */
export function joinSwitched(
  context: ProxyContext,
  exchange: Exchange,
  { head, client, upstream }: { head: ResponseHead; client: SwitchedSide; upstream: SwitchedSide },
  onEnd: () => void,
): void {
  if (client.firstBytes.length > 0) upstream.socket.write(client.firstBytes);
  const observer = exchange.websocket ? observeWebSocket(context, exchange, head) : undefined;
  observer?.server(upstream.firstBytes);
  observer?.client(client.firstBytes);
  const ended = (): void => {
    observer?.end();
    onEnd();
  };
  splice(client.socket, upstream.socket, ended, observer && { a: observer.client, b: observer.server });
}
