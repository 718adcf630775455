import { type ClientHttp2Stream, constants, type IncomingHttpHeaders } from 'node:http2';
import { UpstreamError } from '../errors.js';
import { mayHaveBody } from '../http/framing.js';
import { NO_FIELDS, type RawHeaders } from '../http/headers.js';
import { fromHttp2 } from '../http/http2/fields.js';
import { resetStream, resetWhenWritten } from '../http/http2/reset.js';
import type { Sending } from '../http/sending.js';
import type { ResponseSink } from '../http/sink.js';

/** Hands what arrives on a stream on to a sink. */
export class Http2Response implements Sending {
  readonly #stream: ClientHttp2Stream;
  readonly #method: string;
  readonly #sink: ResponseSink;
  readonly #authority: string;
  #started = false;
  /** Bytes that are still to come of a body whose length is given. */
  #left = 0;
  #trailers = NO_FIELDS;
  #settled = false;
  #brokenOff = false;
  #cause: Error | undefined;

  constructor(stream: ClientHttp2Stream, method: string, sink: ResponseSink, authority: string) {
    this.#stream = stream;
    this.#method = method;
    this.#sink = sink;
    this.#authority = authority;
    Object.assign(stream, { [RESPONSE]: this });
    for (const event of EVENTS) stream.on(event, LISTENERS[event]);
  }

  onInformational(fields: ResponseFields, raw: RawHeaders = NO_FIELDS): void {
    this.#sink.informational({ status: fields[':status'] ?? 0, statusText: '', headers: fromHttp2(raw) });
  }

  onHead(fields: ResponseFields, raw: RawHeaders = NO_FIELDS): void {
    this.#started = true;
    const status = fields[':status'] ?? 0;
    if (mayHaveBody(this.#method, status)) this.#left = Number(fields['content-length'] ?? 0);
    this.#sink.head({ status, statusText: '', headers: fromHttp2(raw) });
  }

  onTrailers(raw: RawHeaders = NO_FIELDS): void {
    this.#trailers = fromHttp2(raw);
  }

  onData(chunk: Buffer): void {
    this.#left -= chunk.length;
    if (!this.#sink.data(chunk)) this.#stream.pause();
  }

  onEnd(): void {
    // A stream may be ended without an error short of its length (RFC 9113, section 8.1.1).
    const isShort = this.#left > 0 || this.#stream.rstCode !== constants.NGHTTP2_NO_ERROR;
    if (this.#settled || !this.#started || isShort) return;
    this.#settled = true;
    this.#sink.end(this.#trailers);
  }

  onError(cause: Error): void {
    this.#cause = cause;
  }

  onClose(): void {
    if (this.#settled) return;
    this.#settled = true;
    // The code with which the request was broken off is not the upstream's.
    const code = (this.#brokenOff ? undefined : this.#stream.rstCode) ?? constants.NGHTTP2_INTERNAL_ERROR;
    this.#sink.fail(failure(this.#authority, this.#started, code, this.#cause));
  }

  resume(): void {
    this.#stream.resume();
  }

  abort(): void {
    this.#settled = true;
    resetStream(this.#stream, constants.NGHTTP2_CANCEL);
  }

  // Breaks off as a client that goes away does.
  breakOff(kind: 'truncate' | 'reset', done: () => void): void {
    if (kind === 'reset') this.#settled = true;
    this.#brokenOff = true;
    resetWhenWritten(this.#stream, constants.NGHTTP2_CANCEL, done);
  }
}

type ResponseFields = IncomingHttpHeaders & { ':status'?: number };

const RESPONSE = Symbol('response');

type Carrying = ClientHttp2Stream & { readonly [RESPONSE]: Http2Response };

/** The same for all streams: hundreds may be open, and each would have seven of its own. */
const LISTENERS = {
  // Node passes the raw list as a third argument, which its types do not know.
  headers(this: Carrying, ...[fields, , raw]: [ResponseFields, number, string[]?]) {
    this[RESPONSE].onInformational(fields, raw);
  },
  response(this: Carrying, ...[fields, , raw]: [ResponseFields, number, string[]?]) {
    this[RESPONSE].onHead(fields, raw);
  },
  trailers(this: Carrying, ...[, , raw]: [IncomingHttpHeaders, number, string[]?]) {
    this[RESPONSE].onTrailers(raw);
  },
  data(this: Carrying, chunk: Buffer) {
    this[RESPONSE].onData(chunk);
  },
  end(this: Carrying) {
    this[RESPONSE].onEnd();
  },
  error(this: Carrying, cause: Error) {
    this[RESPONSE].onError(cause);
  },
  close(this: Carrying) {
    this[RESPONSE].onClose();
  },
} as const;

const EVENTS = Object.keys(LISTENERS) as (keyof typeof LISTENERS)[];

function failure(authority: string, started: boolean, http2Code: number, cause: Error | undefined): UpstreamError {
  const details = { authority, cause, http2Code };
  const reason = cause?.message ?? `the stream was closed with code ${http2Code}`;
  // The code of what nghttp2 itself could not read; what the peer said by RST_STREAM or GOAWAY has others.
  if ((cause as NodeJS.ErrnoException | undefined)?.code === 'ERR_HTTP2_ERROR') {
    return new UpstreamError('WAYLAY_UPSTREAM_PROTOCOL', `${authority} sent what is not HTTP/2: ${reason}.`, details);
  }
  return started
    ? new UpstreamError(
        'WAYLAY_UPSTREAM_TRUNCATED',
        `${authority} ended the stream inside a response: ${reason}.`,
        details,
      )
    : new UpstreamError(
        'WAYLAY_UPSTREAM_RESET',
        `${authority} ended the stream before it sent a response: ${reason}.`,
        details,
      );
}
