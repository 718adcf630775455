import type { Socket } from 'node:net';
import { type BreakKind, rowOf } from '../../faults.js';
import { resetConnection, resetWhenWritten } from '../../net/reset.js';

/** The sign of a body's end for its receiver (RFC 9112, section 6.3); `none` where there is no body. */
export type Framing = 'none' | 'length' | 'chunked' | 'close';

/** Each fault on the wire. */
const ENDINGS: Readonly<Record<BreakKind, 'FIN' | 'RST' | 'no size, FIN'>> = {
  truncate: 'FIN',
  reset: 'RST',
  empty: 'FIN',
  'malformed-chunk': 'no size, FIN',
};

/**
 * Breaks a response off, and the connection with it, when what was written before has left.
 *
 * - `truncate` and `empty`: FIN, so that the body ends short of its length or without its last chunk
 *   (RFC 9112, section 8). Where FIN is what ends a body it would look complete: it is reset instead.
 * - `reset`: RST
 * - `malformed-chunk`: a line that gives no size (section 7.1), then FIN. A body that is not chunked is truncated.
 *
 * @param framing undefined where the head has not gone out
 */
export function breakConnection(
  kind: BreakKind,
  { socket, raw, framing }: { socket: Socket; raw: Socket; framing: Framing | undefined },
): void {
  broken.add(socket);
  const ending = ENDINGS[kind];
  if (ending === 'RST' || (framing === 'close' && rowOf(kind).neverAfter === undefined)) {
    if (socket.writableLength === 0 && framing === undefined) resetConnection({ socket, raw });
    else resetWhenWritten({ socket, raw });
    return;
  }
  if (ending === 'no size, FIN' && framing === 'chunked' && socket.writable) socket.write('no size\r\n');
  socket.destroySoon();
}

const broken = new WeakSet<Socket>();

/** True if the connection is being broken off: nothing else is left to happen on it. */
export function isBroken(socket: Socket): boolean {
  return broken.has(socket);
}
