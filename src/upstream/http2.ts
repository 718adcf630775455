import { type ClientHttp2Session, connect, constants } from 'node:http2';
import { requestToHttp2, toHttp2 } from '../http/http2/fields.js';
import { resetStream } from '../http/http2/reset.js';
import { keepStreamsById } from '../http/http2/session-streams.js';
import { WINDOW_SIZE } from '../http/http2/settings.js';
import type { OutgoingRequest, Sending } from '../http/sending.js';
import type { ResponseSink } from '../http/sink.js';
import { type Authority, formatAuthority } from '../net/authority.js';
import { DIRECT } from '../net/direct.js';
import type { UpstreamConnection } from './connection.js';
import { openStream } from './http2-request.js';
import { Http2Response } from './http2-response.js';
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
    keepStreamsById(this.#session);
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
    const stream = openStream(this.#session, requestToHttp2(request), {
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
    return new Http2Response(stream, request.method, sink, this.#authority);
  }

  destroy(): void {
    this.#session.destroy();
    this.transport.socket.destroy();
  }
}
