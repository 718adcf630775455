import type { Socket } from 'node:net';
import type { ParseResult } from './parse-result.js';

/** The result of a look at the start of a stream. */
export type Peeked<T> =
  /** The result of the reader; all bytes are back in the socket. */
  | { readonly kind: 'read'; readonly result: Exclude<ParseResult<T>, { kind: 'incomplete' }> }
  /** The client ended before the reader was satisfied; `bytes` are what it sent. */
  | { readonly kind: 'ended'; readonly bytes: Buffer }
  /** `interrupt` came first; bytes read so far are back in the socket. */
  | { readonly kind: 'interrupted' };

/**
 * Reads from the start of a socket until `read` is satisfied and puts everything back, so that
 * whoever handles the connection next sees it from its first byte.
 *
 * `interrupt` is called with a function that ends the wait early.
 */
export function peek<T>(
  socket: Socket,
  read: (bytes: Buffer) => ParseResult<T>,
  interrupt?: (stop: () => void) => void,
): Promise<Peeked<T>> {
  return new Promise((resolve) => {
    let bytes: Buffer = Buffer.alloc(0);

    function onReadable(): void {
      for (let chunk = socket.read() as Buffer | null; chunk !== null; chunk = socket.read() as Buffer | null) {
        bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
      }
      if (bytes.length === 0) return;
      const result = read(bytes);
      if (result.kind === 'incomplete') return;
      // The next owner must find no listener of ours: a 'readable' listener holds the flow back.
      detach();
      socket.unshift(bytes);
      resolve({ kind: 'read', result });
    }
    function onEnd(): void {
      detach();
      resolve({ kind: 'ended', bytes });
    }
    function detach(): void {
      socket.off('readable', onReadable);
      socket.off('end', onEnd);
      socket.off('close', onEnd);
    }

    socket.on('readable', onReadable);
    socket.on('end', onEnd);
    socket.on('close', onEnd);
    if (socket.destroyed || socket.readableEnded) onEnd();
    interrupt?.(() => {
      detach();
      if (bytes.length > 0) socket.unshift(bytes);
      resolve({ kind: 'interrupted' });
    });
  });
}
