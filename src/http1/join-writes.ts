import type { Socket } from 'node:net';

/** What is longer would be copied once more, and goes out in several pieces at best. */
const MOST = 16 * 1024;

interface Written {
  readonly chunk: string | Buffer;
  readonly encoding: BufferEncoding | 'buffer';
}

/**
 * Lets a short response leave as one text: node:http writes its head, its body and its end one by one, and a socket that is
 * given a list takes a tenth of a stub's answer to put it together.
 */
export function joinWrites(socket: Socket): void {
  const writeList = socket._writev?.bind(socket);
  const write: Socket['_writev'] = (pieces: Written[], done) => {
    const text = joined(pieces);
    if (text === undefined) writeList?.(pieces as never, done);
    else socket._write(text, 'latin1', done);
  };
  socket._writev = write;
}

/** The pieces as one text in Latin-1, in which each character is a byte; undefined where they are long, or are not in it. */
function joined(pieces: readonly Written[]): string | undefined {
  let length = 0;
  for (const { chunk, encoding } of pieces) {
    if (typeof chunk === 'string' && encoding !== 'latin1') return undefined;
    length += chunk.length;
  }
  if (length > MOST) return undefined;
  let text = '';
  for (const { chunk } of pieces) text += typeof chunk === 'string' ? chunk : chunk.toString('latin1');
  return text;
}
