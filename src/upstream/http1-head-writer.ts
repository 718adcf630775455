import type { Socket } from 'node:net';
import { isNamed } from '../http/headers.js';
import type { OutgoingRequest } from '../http/sending.js';
import { setImmediate } from '../runtime/realm.js';
import { requestHead } from './http1-head.js';

/** The part that undici still has to write of a head that has gone out before it. */
type Overdue = 'length' | 'chunked' | 'first-chunk' | undefined;

/**
 * Puts the client's own head in the place of the one that undici writes, which is the first text of a
 * request. undici holds a head back until the first bytes of the body are there; a server may have its
 * answer before that, and the client may wait for it.
 */
export class Http1HeadWriter {
  readonly #socket: Socket;
  readonly #write: (chunk: unknown, ...rest: unknown[]) => boolean;
  #request: OutgoingRequest | undefined;
  #overdue: Overdue;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#write = socket.write.bind(socket) as (chunk: unknown, ...rest: unknown[]) => boolean;
    const write = (chunk: unknown, ...rest: unknown[]): boolean =>
      typeof chunk === 'string' ? this.#text(chunk, rest) : this.#write(chunk, ...rest);
    socket.write = write as Socket['write'];
  }

  /** The head to be written next; by `flush` at the latest, where its body is long in coming. */
  expect(request: OutgoingRequest): void {
    this.#request = request;
    this.#overdue = undefined;
    if (request.body === null || Buffer.isBuffer(request.body)) return;
    // Not in the next turn but in the one after it: in the next undici writes over a connection that it has used before, and
    // head and body leave in one record.
    setImmediate(() => setImmediate(() => this.#flush(request)));
  }

  #flush(request: OutgoingRequest): void {
    if (this.#request !== request || this.#socket.destroyed) return;
    this.#request = undefined;
    const isChunked = contentLength(request) === undefined;
    this.#overdue = isChunked ? 'chunked' : 'length';
    const head = requestHead(request, isChunked ? CHUNKED : '');
    this.#write(isChunked ? `${head}\r\n` : head, 'latin1');
  }

  #text(text: string, rest: unknown[]): boolean {
    if (this.#request !== undefined) {
      const head = requestHead(this.#request, text);
      this.#request = undefined;
      return this.#write(head, ...rest);
    }
    switch (this.#overdue) {
      case 'length':
        this.#overdue = undefined;
        return true;
      case 'chunked':
        // Without chunks undici writes no chunked head; but that is how ours promised the body to end.
        this.#overdue = text.endsWith(CHUNKED) ? 'first-chunk' : undefined;
        return this.#overdue === undefined ? this.#write('0\r\n\r\n', ...rest) : true;
      case 'first-chunk':
        // The line break that ends undici's head.
        this.#overdue = undefined;
        return this.#write(text.replace(/^\r\n/, ''), ...rest);
      default:
        return this.#write(text, ...rest);
    }
  }
}

/** The end of a head in undici where it is going to send chunks, each of which begins with the line break before it. */
const CHUNKED = 'transfer-encoding: chunked\r\n';

/** The length that the client gave; undefined where its body comes in chunks. */
export function contentLength({ headers }: Pick<OutgoingRequest, 'headers'>): string | undefined {
  for (let i = 0; i + 1 < headers.length; i += 2) {
    if (isNamed(headers[i] as string, 'content-length')) return (headers[i + 1] as string).trim();
  }
  return undefined;
}
