import type { Socket } from 'node:net';
import type { WaylayError } from '../errors.js';
import type { FaultKind } from '../faults.js';
import { NO_FIELDS } from '../http/headers.js';
import type { BodySink } from '../http/sink.js';
import type { Shape } from '../interceptor.js';
import { whenClosed } from '../net/reset.js';
import { type Ending, JoinedEnds } from '../net/splice.js';
import type { Clock } from '../runtime/clock.js';
import { AbortController } from '../runtime/realm.js';
import { BodyStage } from './body-stage.js';
import { shaped, shapeFailure } from './shape.js';

/** A side of a connection that has switched protocols. */
export interface ShapedSide {
  readonly socket: Socket;
  /** Bytes that it sent in one packet with its head, as far as they have not been sent on. */
  readonly firstBytes: Buffer;
  /** The shape in which its bytes travel. */
  readonly shape: Shape;
  /** Shown what it sends, after it was sent on. */
  readonly see: ((chunk: Buffer) => void) | undefined;
  /** Its fault is due. */
  fail: BodySink['fail'];
}

/**
 * Joins both sides as `splice` does, with what each sends in its shape: the bytes of a stream stand for those of a body.
 * `onEnd` is called when both are closed. What comes after `abort` changes nothing more; `endNow` ends both at once, and calls
 * `onEnd` without waiting for that.
 */
export function joinShaped(
  client: ShapedSide,
  upstream: ShapedSide,
  clock: Clock,
  onEnd: (ending: Ending) => void,
): { readonly hangs: boolean; abort(): void; endNow(): void } {
  // A client that has said all, where something hangs, is not going to be answered by an end: it has left.
  const leave = (): void => {
    if (!stopped && client.socket.readableEnded && directions.some(({ hangs }) => hangs)) client.socket.destroySoon();
  };
  const directions = [
    new Direction(client, upstream.socket, clock, leave),
    new Direction(upstream, client.socket, clock, leave),
  ];
  const [fromClient, fromUpstream] = directions as [Direction, Direction];
  client.socket.once('end', leave);
  let open = directions.length;
  let stopped = false;
  const abort = (): void => {
    stopped = true;
    for (const way of directions) way.abort();
  };
  const ends = new JoinedEnds(
    { client: client.socket, upstream: upstream.socket },
    (by) => !stopped && !(by === 'client' ? fromClient : fromUpstream).hangs,
  );
  const closed = (own: Direction, other: Direction) => (hadError: boolean) => {
    if (stopped) return;
    // Nobody takes what the other side still sends; what this one sent is on its way.
    other.abort();
    if (!ends.resets(own.to)) own.close(hadError);
    // Nothing more is going to come of it, and nobody is there to whom the other side could say anything.
    if (own === fromClient && own.hangs) own.to.destroy();
    open -= 1;
    if (open > 0) return;
    abort();
    onEnd(ends.ending);
  };
  whenClosed(client.socket, closed(fromClient, fromUpstream));
  whenClosed(upstream.socket, closed(fromUpstream, fromClient));
  for (const way of directions) way.start();
  const endNow = (): void => {
    if (stopped) return;
    abort();
    client.socket.destroy();
    upstream.socket.destroy();
    onEnd(ends.ending);
  };
  return {
    get hangs() {
      return directions.some(({ hangs }) => hangs);
    },
    abort,
    endNow,
  };
}

/** One direction: the bytes that one side sends, on their way to the other. */
class Direction {
  readonly #from: ShapedSide;
  readonly to: Socket;
  readonly #abort = new AbortController();
  readonly #stage: BodyStage;
  readonly #onHang: () => void;
  hangs = false;
  #over = false;

  constructor(from: ShapedSide, to: Socket, clock: Clock, onHang: () => void) {
    const { socket, shape, see } = from;
    this.#from = from;
    this.to = to;
    this.#onHang = onHang;
    const through = (chunks: AsyncIterable<Buffer>) => shaped(chunks, shape, clock, this.#abort.signal, 'end');
    this.#stage = new BodyStage(through, shapeFailure, socket, {
      data: (chunk) => {
        const room = to.write(chunk);
        see?.(chunk);
        return room;
      },
      end: () => this.#end(),
      fail: (error, ending) => this.#fail(error, ending),
    });
  }

  start(): void {
    const { socket, firstBytes } = this.#from;
    const stage = this.#stage;
    this.to.on('drain', () => stage.resume());
    if (firstBytes.length > 0) stage.data(firstBytes);
    socket.on('data', (chunk: Buffer) => {
      if (!stage.data(chunk)) socket.pause();
    });
    socket.on('end', () => stage.end(NO_FIELDS));
  }

  /** Its sender is gone. */
  close(hadError: boolean): void {
    if (this.hangs) return;
    if (hadError) this.to.destroy();
    else if (this.#over) this.to.destroySoon();
    else this.#stage.end(NO_FIELDS);
  }

  abort(): void {
    this.#over = true;
    this.#abort.abort();
    this.#stage.abort();
  }

  #fail(error: WaylayError, ending?: FaultKind): void {
    if (ending === undefined) {
      this.#end();
      return;
    }
    this.#over = true;
    this.hangs = ending === 'hang';
    this.#from.fail(error, ending);
    this.#onHang();
  }

  #end(): void {
    this.#over = true;
    if (this.#from.socket.destroyed) this.to.destroySoon();
    else this.to.end();
  }
}
