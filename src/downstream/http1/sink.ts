import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { WaylayError } from '../../errors.js';
import type { ClientSink } from '../../exchange/incoming.js';
import type { BreakKind, FaultKind } from '../../faults.js';
import { declaredLength, mayHaveBody } from '../../http/framing.js';
import { endToEnd, formatFields, headerValue, type RawHeaders, withoutProxyFields } from '../../http/headers.js';
import type { ResponseHead } from '../../http/response-head.js';
import type { Source } from '../../http/sink.js';
import { writeInWindow } from '../../http/window.js';
import { nextTick } from '../../runtime/realm.js';
import { asTheSystemSays } from '../redirected.js';
import type { Retirement } from '../retirement.js';
import { breakConnection, type Framing } from './break.js';

const CLOSE = /(^|,)\s*close\s*(,|$)/i;

/** Sends a response over HTTP/1 (RFC 9112), through the node:http server that read the request. */
export class Http1Sink implements ClientSink {
  source: Source | undefined;
  /** The client speaks to a proxy, and knows it: what a proxy says is no origin's to say. */
  toProxy = false;
  /** Tells a client of this process what a connection met that was made for it late. */
  tell: ((cause: Error) => void) | undefined;
  readonly #response: ServerResponse;
  readonly #raw: Socket;
  readonly #retirement: Retirement;
  #head: ResponseHead | undefined;
  #sent = false;

  constructor(response: ServerResponse, raw: Socket, retirement: Retirement) {
    this.#response = response;
    this.#raw = raw;
    this.#retirement = retirement;
    // Date, like all fields, is the upstream's to give.
    response.sendDate = false;
  }

  informational({ status, statusText, headers }: ResponseHead): void {
    // HTTP/1.0 knows no interim responses (RFC 9110, section 15.2).
    const { socket, req } = this.#response;
    if (socket === null || this.#head !== undefined || req.httpVersion === '1.0') return;
    socket.write(formatHead(status, statusText, endToEnd(headers)), 'latin1');
  }

  switchProtocols(): void {
    throw new Error('an upgrade has a sink of its own');
  }

  head(head: ResponseHead): void {
    const { status, statusText, headers } = head;
    const response = this.#response;
    const connection = headerValue(headers, 'connection');
    if (this.#retirement.begun || (connection !== undefined && CLOSE.test(connection)))
      response.shouldKeepAlive = false;
    // HTTP/1.1 need not say that the connection stays, and node:http is kept from adding fields.
    else if (response.shouldKeepAlive && response.req.httpVersion !== '1.0') response.removeHeader('connection');
    // Node reads the list and leaves it as it is.
    const passed = endToEnd(headers);
    response.writeHead(status, statusText, (this.toProxy ? withoutProxyFields(passed) : passed) as string[]);
    this.#head = head;
    // Head and first bytes leave in one packet where they come together; else the head goes by itself.
    nextTick(() => {
      if (!this.#sent && !response.destroyed) response.flushHeaders();
    });
  }

  data(chunk: Buffer): boolean {
    this.#sent = true;
    return writeInWindow(this.#response, chunk, this);
  }

  end(trailers: RawHeaders): void {
    this.#sent = true;
    if (trailers.length > 0) this.#response.addTrailers(pairs(trailers));
    this.#response.end();
  }

  fail(error: WaylayError, ending?: FaultKind): void {
    // A client that is left hanging is seen leaving in any case.
    if (ending === 'hang') return;
    if (ending !== undefined) {
      this.#breakOff(ending);
      return;
    }
    const cause = asTheSystemSays(error);
    if (this.tell !== undefined && this.#head === undefined && cause !== error) {
      this.tell(cause);
      return;
    }
    this.#breakOff(this.#head === undefined ? 'reset' : 'truncate');
  }

  #breakOff(kind: BreakKind): void {
    const response = this.#response;
    const { socket } = response;
    if (socket === null) {
      // Answers to earlier requests on this connection come first.
      response.once('socket', () => this.#breakOff(kind));
      return;
    }
    if (this.#head !== undefined) response.flushHeaders();
    breakConnection(kind, { socket, raw: this.#raw, framing: this.#framing });
  }

  get #framing(): Framing | undefined {
    const { req, chunkedEncoding } = this.#response;
    if (this.#head === undefined) return undefined;
    if (!mayHaveBody(req.method ?? '', this.#head.status)) return 'none';
    if (chunkedEncoding) return 'chunked';
    return declaredLength(this.#head.headers) === undefined ? 'close' : 'length';
  }
}

/** A response's head as text. */
export function formatHead(status: number, statusText: string, headers: RawHeaders): string {
  return `HTTP/1.1 ${status} ${statusText}\r\n${formatFields(headers)}\r\n`;
}

function pairs(raw: RawHeaders): [string, string][] {
  const result: [string, string][] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) result.push([raw[i] as string, raw[i + 1] as string]);
  return result;
}
