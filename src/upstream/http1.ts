import type { Dispatcher, Client as UndiciClient } from 'undici';
import { NO_FIELDS, type RawHeaders } from '../http/headers.js';
import { interned, internedText } from '../http/interned.js';
import { MAX_HEAD_SIZE } from '../http/limits.js';
import type { OutgoingRequest, Sending } from '../http/sending.js';
import type { ResponseSink } from '../http/sink.js';
import { type Authority, formatAuthority } from '../net/authority.js';
import { isJoined } from '../net/splice.js';
import { requireOwn } from '../runtime/own-require.js';
import { queueMicrotask } from '../runtime/realm.js';
import { FromProxy, inAbsoluteForm } from './absolute-form.js';
import type { UpstreamConnection } from './connection.js';
import { contentLength, Http1HeadWriter } from './http1-head-writer.js';
import { sendOverNodeHttp } from './node-http1.js';
import { ORIGIN } from './origin.js';
import { responseError } from './response-error.js';
import type { Transport } from './transport.js';

// The one module of undici that is needed: importing all of it takes five times as long, and sets the dispatcher behind
// this process's fetch. It loads parts of itself late: a runner's own require has no more when its tests are over.
const Client = requireOwn('undici/lib/dispatcher/client.js') as typeof UndiciClient;
type Client = UndiciClient;

// The upstream decides when an idle connection ends, and the client's ends with it.
const KEEP_ALIVE = 24 * 60 * 60 * 1000;

// One for all: undici would make an error, with its stack, for each connection that ends, a thirtieth of a new one's cost.
const ENDED = new Error('the connection has ended');

/**
 * An HTTP/1.1 connection over undici, on a socket that is open already (RFC 9112).
 *
 * undici frames the body, parses the response and keeps the connection alive. The head is ours: undici
 * writes `host` first, `content-length` last and both in lower case, and refuses fields that a proxy
 * has to pass on, so the head it writes is replaced by the one the client sent, to the byte.
 */
export class Http1Connection implements UpstreamConnection {
  readonly transport: Transport;
  onClose: (() => void) | undefined;
  used = false;
  readonly #client: Client;
  readonly #authority: string;
  readonly #to: Authority;
  readonly #heads: Http1HeadWriter;
  #busy = false;

  constructor(transport: Transport, authority: Authority) {
    this.transport = transport;
    this.#to = authority;
    this.#authority = formatAuthority(authority);
    const { socket } = transport;
    this.#heads = new Http1HeadWriter(socket);
    let handedOut = false;
    this.#client = new Client(ORIGIN, {
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: KEEP_ALIVE,
      keepAliveMaxTimeout: KEEP_ALIVE,
      maxHeaderSize: MAX_HEAD_SIZE,
      connect: (_options, callback) => {
        if (handedOut || socket.destroyed) {
          callback(ENDED, null);
          return;
        }
        handedOut = true;
        // undici loses a socket that it is given before it has returned from asking.
        queueMicrotask(() => callback(null, socket));
      },
    });
    socket.once('close', () => {
      void this.#client.destroy(ENDED);
      this.onClose?.();
    });
  }

  claim(exclusive: boolean): boolean {
    const { socket } = this.transport;
    if (this.#busy || socket.destroyed || socket.readableEnded || (exclusive && this.used)) return false;
    this.#busy = true;
    return true;
  }

  release(): void {
    this.#busy = false;
  }

  send(request: OutgoingRequest, sink: ResponseSink): Sending {
    const { forwarder } = this.transport;
    return forwarder === undefined
      ? this.#send(request, sink)
      : this.#send(inAbsoluteForm(request, forwarder), new FromProxy(sink, forwarder, this.#to));
  }

  #send(request: OutgoingRequest, sink: ResponseSink): Sending {
    // Never given back: the connection ends with such an exchange.
    if (request.exclusive) return sendOverNodeHttp(this.transport, this.#authority, request, sink);
    const response = new Http1Response(sink, this.transport, this.#authority, () => {
      this.used = true;
      this.#busy = false;
    });
    this.#heads.expect(request);
    const length = contentLength(request);
    this.#client.dispatch(
      {
        method: request.method as Dispatcher.HttpMethod,
        // Neither path nor fields reach the wire, see requestHead; only the framing is undici's.
        path: '/',
        headers: length === undefined ? [] : ['content-length', length],
        body: request.body,
        reset: false,
      },
      response,
    );
    return response;
  }

  destroy(): void {
    const { socket } = this.transport;
    if (!isJoined(socket)) socket.destroy(ENDED);
  }
}

/**
 * Hands what undici parses on to a sink. It takes it as undici's own parser gives it: for the other, newer kind of handler
 * undici makes an object of the fields first, which is a twentieth of a request over plain HTTP.
 */
class Http1Response implements Dispatcher.DispatchHandler, Sending {
  readonly #sink: ResponseSink;
  readonly #transport: Transport;
  readonly #authority: string;
  readonly #onDone: () => void;
  #abort: ((cause: Error) => void) | undefined;
  #resume: (() => void) | undefined;
  #paused = false;
  #started = false;
  #aborted = false;
  /** Bytes of the body still to come; NaN where its length is not given. */
  #remaining = Number.NaN;

  constructor(sink: ResponseSink, transport: Transport, authority: string, onDone: () => void) {
    this.#sink = sink;
    this.#transport = transport;
    this.#authority = authority;
    this.#onDone = onDone;
  }

  onConnect(abort: (cause: Error) => void): void {
    this.#abort = abort;
    if (this.#aborted) abort(new Error('aborted'));
  }

  onHeaders(status: number, fields: readonly (Buffer | string)[], resume: () => void, statusText: string): boolean {
    this.#resume = resume;
    const head = { status, statusText: internedText(statusText), headers: rawHeaders(fields) };
    if (status < 200) {
      this.#sink.informational(head);
    } else {
      this.#started = true;
      this.#remaining = Number(contentLength(head) ?? Number.NaN);
      this.#sink.head(head);
    }
    return !this.#paused;
  }

  onData(chunk: Buffer): boolean {
    this.#remaining -= chunk.length;
    // No pause before the end: a client that has the whole body may go, and its exchange is complete.
    if (!this.#sink.data(chunk) && this.#remaining !== 0) this.#paused = true;
    return !this.#paused;
  }

  onComplete(trailers: readonly (Buffer | string)[] | null): void {
    this.#onDone();
    this.#sink.end(rawHeaders(trailers));
  }

  onError(cause: Error): void {
    this.#onDone();
    if (this.#aborted) return;
    this.#sink.fail(responseError(this.#authority, this.#started, this.#transport.alert ?? cause));
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#resume?.();
  }

  abort(): void {
    this.#aborted = true;
    this.#abort?.(new Error('aborted'));
  }
}

// Header bytes are Latin-1 as far as HTTP is concerned (RFC 9110, section 5.5).
function rawHeaders(raw: readonly (Buffer | string)[] | null): RawHeaders {
  if (raw === null || raw.length === 0) return NO_FIELDS;
  return interned(raw.map((item) => (typeof item === 'string' ? item : item.toString('latin1'))));
}
