import type { Writable } from 'node:stream';
import type { Source } from './sink.js';

/**
 * Bytes of a body that may wait on their way to a peer before the other side is held. Node's own mark, 16 KiB before Node
 * 22, holds it after each record of TLS: a body of 1 MiB then took half as much again of the processor.
 */
export const WINDOW = 256 * 1024;

/** Writes, and says whether there is room for more; where there is none, the sink's source is resumed when there is. */
export function writeInWindow(
  stream: Pick<Writable, 'write' | 'writableLength' | 'listenerCount' | 'once'>,
  chunk: Buffer,
  sink: { readonly source: Pick<Source, 'resume'> | undefined },
): boolean {
  const room = stream.write(chunk) || stream.writableLength < WINDOW;
  if (!room && stream.listenerCount('drain') === 0) stream.once('drain', () => sink.source?.resume());
  return room;
}
