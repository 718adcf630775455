import type { BodySink, Source } from '../http/sink.js';
import type { Shape } from '../interceptor.js';

/** The source of a response: the upstream, an answer, or a fault in its place. */
export interface ResponseSource extends Source {
  /** The request has got there. */
  readonly begun: boolean;
  /** Shapes what the client sends after a 101; absent where it travels as it comes. */
  readonly clientStream?: ClientStream | undefined;
}

/** The client's side of a connection that switches protocols. */
export interface ClientStream extends Pick<BodySink, 'fail'> {
  readonly shape: Shape;
}
