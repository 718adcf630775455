import type { Socket } from 'node:net';

/**
 * Joins two sockets so that the bytes of each go to the other, half-closes included (RFC 9110,
 * section 9.3.6). When one breaks, so does the other. `onEnd` is called once, when both are closed. `see` is
 * shown what each of them sends, after it was sent on; it must neither change it nor throw.
 */
export function splice(
  a: Socket,
  b: Socket,
  onEnd: () => void,
  see?: { a(chunk: Buffer): void; b(chunk: Buffer): void },
): void {
  let open = 2;
  const closed = (other: Socket) => (hadError: boolean) => {
    if (hadError) other.destroy();
    else other.destroySoon();
    open -= 1;
    if (open === 0) onEnd();
  };
  a.once('close', closed(b));
  b.once('close', closed(a));
  // 'close' follows every error and says the same.
  a.on('error', () => {});
  b.on('error', () => {});
  a.pipe(b);
  b.pipe(a);
  // A listener beside a pipe has no say in the flow: the pipe pauses and resumes.
  if (see !== undefined) {
    a.on('data', see.a);
    b.on('data', see.b);
  }
  if (a.destroyed) b.destroy();
  if (b.destroyed) a.destroy();
}
