import type { Sending } from '../http/sending.js';
import type { MessageFault, Shape } from '../interceptor.js';

/** The source of a response: the upstream, an answer, or a fault in its place. */
export interface ResponseSource extends Sending {
  /** The request has got there. */
  readonly begun: boolean;
  /** Shapes what the client sends after a 101; absent where it travels as it comes. */
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
