import type { Socket } from 'node:net';
import { connectionOf, resetConnection, resetWhenWritten, whenClosed } from './reset.js';

/** A client's connection and its upstream's, whose bytes go from one to the other. */
export interface Joined {
  readonly client: Socket;
  readonly upstream: Socket;
}

/** The end of two connections that were joined. */
export interface Ending {
  /** The side whose end came first; where one was reset, whose reset it was. */
  readonly by: 'client' | 'upstream';
  /** The error that it was reset with before all that it said was passed on, with its end; undefined where it ended in order. */
  readonly reset: Error | undefined;
}

/**
 * Joins two sockets so that the bytes of each go to the other, half-closes included (RFC 9110,
 * section 9.3.6). When one breaks, so does the other: FIN stays FIN, RST stays RST. `onEnd` is called once, when both are
 * closed. `see` is shown what each of them sends, after it was sent on; it must neither change it nor throw. Returns what ends both at once,
 * and calls `onEnd` without waiting for that.
 */
export function splice(
  { client, upstream }: Joined,
  onEnd: (ending: Ending) => void,
  see?: { client(chunk: Buffer): void; upstream(chunk: Buffer): void },
): () => void {
  const ends = new JoinedEnds({ client, upstream });
  let open = 2;
  const closed = (other: Socket) => (hadError: boolean) => {
    if (!ends.resets(other)) {
      if (hadError) other.destroy();
      else other.destroySoon();
    }
    open -= 1;
    if (open === 0) onEnd(ends.ending);
  };
  const endNow = (): void => {
    if (open <= 0) return;
    open = 0;
    client.destroy();
    upstream.destroy();
    onEnd(ends.ending);
  };
  whenClosed(client, closed(upstream));
  whenClosed(upstream, closed(client));
  client.pipe(upstream);
  upstream.pipe(client);
  // A listener beside a pipe has no say in the flow: the pipe pauses and resumes.
  if (see !== undefined) {
    client.on('data', see.client);
    upstream.on('data', see.upstream);
  }
  if (client.destroyed && !ends.resets(upstream)) upstream.destroy();
  if (upstream.destroyed && !ends.resets(client)) client.destroy();
  return endNow;
}

const joined = new WeakSet<Socket>();

/** True of the connection to an upstream that was joined with a client's: how the client's ends is what ends it. */
export function isJoined(upstream: Socket): boolean {
  return joined.has(upstream);
}

/**
 * Watches how two connections that are joined end, and makes the reset of either one of the other; also of one that was reset
 * before they were joined.
 */
export class JoinedEnds {
  readonly #resetting = new Set<Socket>();
  #ending: Ending | undefined;

  /** @param passes whether what a side does still has an effect on the other */
  constructor({ client, upstream }: Joined, passes: (by: Ending['by']) => boolean = () => true) {
    joined.add(upstream).add(connectionOf(upstream).raw);
    this.#watch(
      client,
      'client',
      () => upstream.writableFinished,
      () => passes('client') && this.#reset(upstream, resetConnection),
    );
    // Bytes written before are waited for.
    this.#watch(
      upstream,
      'upstream',
      () => client.writableEnded,
      () => passes('upstream') && this.#reset(client, resetWhenWritten),
    );
  }

  get ending(): Ending {
    return this.#ending ?? { by: 'client', reset: undefined };
  }

  /** The socket is being reset, as the other one was. */
  resets(socket: Socket): boolean {
    return this.#resetting.has(socket);
  }

  /** @param goneOut whether all that it had said before it ended is on its way to the other */
  #watch(socket: Socket, by: Ending['by'], goneOut: () => boolean, passOn: () => unknown): void {
    const ended = (): void => {
      this.#ending ??= { by, reset: undefined };
    };
    socket.once('end', ended);
    socket.once('close', ended);
    const failed = (error: NodeJS.ErrnoException): void => {
      if (!RESETS.has(error.code ?? '')) return;
      const loses = !socket.readableEnded || !goneOut();
      if (loses && this.#ending?.reset === undefined) this.#ending = { by, reset: error };
      passOn();
    };
    // 'close' follows every error; of a reset it does not tell.
    socket.on('error', failed);
    if (socket.errored) failed(socket.errored);
  }

  #reset(socket: Socket, reset: typeof resetConnection): void {
    if (socket.destroyed) return;
    this.#resetting.add(socket);
    reset(connectionOf(socket));
  }
}

// The second is what a write meets on a connection that was reset before it.
const RESETS = new Set(['ECONNRESET', 'EPIPE']);
