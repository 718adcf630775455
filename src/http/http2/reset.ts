import type { Http2Session, Http2Stream } from 'node:http2';
import type { Writable } from 'node:stream';
import { setImmediate } from '../../runtime/realm.js';

const NOTHING = Buffer.alloc(0);
const sendNothing = (): void => {};

/**
 * Resets a stream (RFC 9113, section 5.4.2) that may be inside its body.
 *
 * Node's close() ends the body first, so that it looks complete: END_STREAM goes out by `_final`, or with a
 * write of the same turn of the event loop. Neither gets the chance.
 */
export function resetStream(stream: Http2Stream & Writable, code: number): void {
  stream._final = sendNothing;
  setImmediate(() => stream.close(code));
}

/** Resets it when what was written before has gone out. */
export function resetWhenWritten(stream: Http2Stream & Writable, code: number, done = () => {}): void {
  whenWritten(stream, () => {
    resetStream(stream, code);
    done();
  });
}

/**
 * Resets it when the peer has read what was written before, as its answer to a PING says (RFC 9113, section 6.7). A
 * browser that reads a head and the reset at once tells nobody of the head.
 */
export function resetWhenRead(stream: Http2Stream & Writable, code: number): void {
  const go = (): void => resetStream(stream, code);
  whenWritten(stream, () => {
    const session: Http2Session | undefined = stream.session;
    // It calls back as well where no answer is to come.
    if (session === undefined || session.destroyed) go();
    else session.ping(go);
  });
}

function whenWritten(stream: Writable & Http2Stream, then: () => void): void {
  if (stream.writable && !stream.closed) stream.write(NOTHING, then);
  else then();
}
