import type { Socket } from 'node:net';
import type { WaylayError } from '../../errors.js';
import type { ClientSink } from '../../exchange/incoming.js';
import type { FaultKind } from '../../faults.js';
import { declaredLength, mayHaveBody } from '../../http/framing.js';
import { endToEnd, endToEndWithUpgrade, formatFields, type RawHeaders, withHeader } from '../../http/headers.js';
import type { ResponseHead } from '../../http/response-head.js';
import type { Source } from '../../http/sink.js';
import { breakConnection, type Framing } from './break.js';
import { formatHead } from './sink.js';

const LINE_END = Buffer.from('\r\n');

/**
 * Answers a request to upgrade, after node:http has let go of the socket: with a 101, after which the
 * socket belongs to the two parties, or with an ordinary response that the connection ends with.
 */
export class UpgradeSink implements ClientSink {
  source: Source | undefined;
  readonly #socket: Socket;
  readonly #raw: Socket;
  #framing: Framing | undefined;

  constructor(socket: Socket, raw: Socket) {
    this.#socket = socket;
    this.#raw = raw;
    socket.on('drain', () => this.source?.resume());
  }

  informational({ status, statusText, headers }: ResponseHead): void {
    this.#socket.write(formatHead(status, statusText, endToEnd(headers)), 'latin1');
  }

  switchProtocols({ status, statusText, headers }: ResponseHead, _upstream: Socket, firstBytes: Buffer): void {
    this.#framing = 'none';
    this.#socket.write(formatHead(status, statusText, endToEndWithUpgrade(headers)), 'latin1');
    if (firstBytes.length > 0) this.#socket.write(firstBytes);
  }

  head({ status, statusText, headers }: ResponseHead): void {
    let fields = withHeader(endToEnd(headers), 'Connection', 'close');
    if (!mayHaveBody('GET', status)) this.#framing = 'none';
    else this.#framing = declaredLength(headers) === undefined ? 'chunked' : 'length';
    if (this.#framing === 'chunked') fields = [...fields, 'Transfer-Encoding', 'chunked'];
    this.#socket.write(formatHead(status, statusText, fields), 'latin1');
  }

  data(chunk: Buffer): boolean {
    if (this.#framing !== 'chunked') return this.#socket.write(chunk);
    // RFC 9112, section 7.1.
    return this.#socket.write(Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, LINE_END]));
  }

  end(trailers: RawHeaders): void {
    if (this.#framing === 'chunked') this.#socket.write(`0\r\n${formatFields(trailers)}\r\n`, 'latin1');
    this.#socket.destroySoon();
  }

  fail(_error: WaylayError, ending: FaultKind = this.#framing === undefined ? 'reset' : 'truncate'): void {
    if (ending === 'hang') this.#hang();
    else breakConnection(ending, { socket: this.#socket, raw: this.#raw, framing: this.#framing });
  }

  // node:http has let go of the socket, and nobody reads it.
  #hang(): void {
    this.#socket.once('end', () => this.#socket.destroySoon());
    this.#socket.resume();
  }
}
