import { constants, type ServerHttp2Stream } from 'node:http2';
import type { WaylayError } from '../../errors.js';
import type { ClientSink } from '../../exchange/incoming.js';
import type { BreakKind, FaultKind } from '../../faults.js';
import { hasNoContent } from '../../http/framing.js';
import type { RawHeaders } from '../../http/headers.js';
import { responseToHttp2, toHttp2 } from '../../http/http2/fields.js';
import { resetStream, resetWhenRead } from '../../http/http2/reset.js';
import type { ResponseHead } from '../../http/response-head.js';
import type { Source } from '../../http/sink.js';
import { writeInWindow } from '../../http/window.js';

/** Sends a response over one HTTP/2 stream (RFC 9113, section 8.1). */
export class Http2Sink implements ClientSink {
  source: Source | undefined;
  readonly #stream: ServerHttp2Stream;
  readonly #method: string;
  readonly #mayHaveTrailers: boolean;
  #bodiless = false;
  #trailers: RawHeaders = [];

  constructor(stream: ServerHttp2Stream, method: string, mayHaveTrailers: boolean) {
    this.#stream = stream;
    this.#method = method;
    this.#mayHaveTrailers = mayHaveTrailers;
  }

  informational({ status, headers }: ResponseHead): void {
    if (!this.#gone && !this.#stream.headersSent) {
      this.#stream.additionalHeaders(responseToHttp2(status, headers));
    }
  }

  switchProtocols(): void {
    throw new Error('HTTP/2 has no 101 (RFC 9113, section 8.6)');
  }

  // A response without a body ends with its HEADERS: what follows them, be it an empty DATA frame, is a body to clients. Those
  // of gRPC miss its trailers then.
  head({ status, headers, headOnly = false }: ResponseHead, trailersFollow = false): void {
    if (this.#gone) return;
    this.#bodiless = headOnly || this.#method === 'HEAD' || hasNoContent(status);
    const waitForTrailers = (this.#mayHaveTrailers || trailersFollow) && !this.#bodiless;
    // Date, like all fields, is the upstream's to give; the types do not know the option.
    const options = { endStream: this.#bodiless, waitForTrailers, sendDate: false };
    this.#stream.respond(responseToHttp2(status, headers), options);
    if (waitForTrailers) this.#stream.once('wantTrailers', () => this.#stream.sendTrailers(toHttp2(this.#trailers)));
  }

  data(chunk: Buffer): boolean {
    if (this.#gone || this.#bodiless) return true;
    return writeInWindow(this.#stream, chunk, this);
  }

  end(trailers: RawHeaders): void {
    this.#trailers = trailers;
    if (!this.#gone && !this.#bodiless) this.#stream.end();
  }

  fail(error: WaylayError, ending?: FaultKind): void {
    const stream = this.#stream;
    if (ending === undefined) {
      // A stream that the upstream ended without an error, but short of its length, has failed all the same.
      const code = error.http2Code || constants.NGHTTP2_INTERNAL_ERROR;
      if (stream.headersSent) resetStream(stream, code);
      else stream.close(code);
    } else if (ending !== 'hang' && !this.#gone) {
      if (stream.headersSent) resetWhenRead(stream, CODES[ending]);
      else stream.close(CODES[ending]);
    }
  }

  get #gone(): boolean {
    return this.#stream.destroyed || this.#stream.closed;
  }
}

/**
 * Each fault on the wire: INTERNAL_ERROR, and PROTOCOL_ERROR for what is malformed (RFC 9113, sections 5.4.2 and 8.1.1):
 * clients fail on these. After CANCEL Node says nothing, after REFUSED_STREAM browsers try again.
 */
const CODES: Readonly<Record<BreakKind, number>> = {
  truncate: constants.NGHTTP2_INTERNAL_ERROR,
  reset: constants.NGHTTP2_INTERNAL_ERROR,
  empty: constants.NGHTTP2_INTERNAL_ERROR,
  'malformed-chunk': constants.NGHTTP2_PROTOCOL_ERROR,
};
