import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
} from 'node:http2';
import { type Authority, formatAuthority } from '../destination.js';
import { UpstreamError } from '../errors.js';
import { mayHaveBody } from '../exchange/framing.js';
import type { RawHeaders } from '../exchange/headers.js';
import type { ResponseSink } from '../exchange/sink.js';
import { fromHttp2, requestToHttp2, toHttp2 } from '../http2/fields.js';
import { resetStream, resetWhenWritten } from '../http2/reset.js';
import { WINDOW_SIZE } from '../http2/settings.js';
import { DIRECT } from '../own-process/target.js';
import type { OutgoingRequest, Sending, UpstreamConnection } from './connection.js';
import type { Transport } from './transport.js';

/**
 * An HTTP/2 connection over node:http2, on a socket that is open already (RFC 9113). undici's own
 * HTTP/2 drops trailers and informational responses and sends one body at a time.
 */
export class Http2Connection implements UpstreamConnection {
  readonly transport: Transport;
  onClose: (() => void) | undefined;
  used = false;
  readonly #session: ClientHttp2Session;
  readonly #authority: string;

  constructor(transport: Transport, authority: Authority) {
    this.transport = transport;
    this.#authority = formatAuthority(authority);
    this.#session = connect('https://upstream.invalid', {
      createConnection: () => transport.socket,
      settings: { enablePush: false, initialWindowSize: WINDOW_SIZE },
    });
    Object.assign(this.#session, { [DIRECT]: true });
    this.#session.once('connect', () => this.#session.setLocalWindowSize(WINDOW_SIZE));
    // A failure of the session reaches every stream of it; nobody has to hear of it twice.
    this.#session.on('error', () => {});
    this.#session.on('close', () => this.onClose?.());
    // HTTP/2 has no half-close of the connection, and a session does not hear of one.
    transport.socket.once('end', () => transport.socket.destroySoon());
  }

  claim(): boolean {
    return !this.#session.closed && !this.#session.destroyed;
  }

  release(): void {
    // A stream that was never opened takes nothing away from the others.
  }

  send(request: OutgoingRequest, sink: ResponseSink): Sending {
    const { body } = request;
    const stream = this.#session.request(requestToHttp2(request), {
      endStream: body === null,
      waitForTrailers: body !== null && !Buffer.isBuffer(body),
    });
    this.used = true;
    if (Buffer.isBuffer(body)) stream.end(body);
    else if (body !== null) {
      stream.on('wantTrailers', () => stream.sendTrailers(toHttp2(request.trailers())));
      body.on('error', () => resetStream(stream, constants.NGHTTP2_CANCEL));
      body.pipe(stream);
    }
    return receive(stream, request.method, sink, this.#authority);
  }

  destroy(): void {
    this.#session.destroy();
    this.transport.socket.destroy();
  }
}

function receive(stream: ClientHttp2Stream, method: string, sink: ResponseSink, authority: string): Sending {
  let started = false;
  let left = 0;
  let trailers: RawHeaders = [];
  let settled = false;
  let brokenOff = false;

  stream.on('headers', (fields: IncomingHttpHeaders & { ':status'?: number }, _flags, raw?: string[]) => {
    sink.informational({ status: fields[':status'] ?? 0, statusText: '', headers: fromHttp2(raw ?? []) });
  });
  // Node passes the raw list as a third argument, which its types do not know.
  stream.on('response', (...[fields, , raw]: [IncomingHttpHeaders & { ':status'?: number }, number, string[]?]) => {
    started = true;
    const status = fields[':status'] ?? 0;
    if (mayHaveBody(method, status)) left = Number(fields['content-length'] ?? 0);
    sink.head({ status, statusText: '', headers: fromHttp2(raw ?? []) });
  });
  stream.on('trailers', (...[, , raw]: [IncomingHttpHeaders, number, string[]?]) => {
    trailers = fromHttp2(raw ?? []);
  });
  stream.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (!sink.data(chunk)) stream.pause();
  });
  stream.on('end', () => {
    // A stream may be ended without an error short of its length (RFC 9113, section 8.1.1).
    if (settled || !started || left > 0 || stream.rstCode !== constants.NGHTTP2_NO_ERROR) return;
    settled = true;
    sink.end(trailers);
  });
  let cause: Error | undefined;
  stream.on('error', (error) => {
    cause = error;
  });
  stream.on('close', () => {
    if (settled) return;
    settled = true;
    // The code with which the request was broken off is not the upstream's.
    const code = brokenOff ? undefined : stream.rstCode;
    sink.fail(failure(authority, started, code ?? constants.NGHTTP2_INTERNAL_ERROR, cause));
  });

  return {
    pause: () => void stream.pause(),
    resume: () => void stream.resume(),
    abort: () => {
      settled = true;
      resetStream(stream, constants.NGHTTP2_CANCEL);
    },
    // As a client that goes away does.
    breakOff: (kind, done) => {
      if (kind === 'reset') settled = true;
      brokenOff = true;
      resetWhenWritten(stream, constants.NGHTTP2_CANCEL, done);
    },
  };
}

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
