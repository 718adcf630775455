import type { Sending } from '../http/sending.js';
import type { MessageFault, Shape } from '../interceptor.js';

/** Where a response comes from: the upstream, an answer, or a fault in its place. */
export interface ResponseSource extends Sending {
  /** The request has got there. */
  readonly begun: boolean;
  /** How what the client sends after a 101 travels; absent where as it comes. */
  readonly clientStream?: ClientStream | undefined;
  /** The exchange is over. */
  stop(): void;
}

/** The client's side of a connection that switches protocols. */
export interface ClientStream {
  readonly shape: Shape;
  /** The fault in it is due. */
  broken(fault: MessageFault): void;
}
