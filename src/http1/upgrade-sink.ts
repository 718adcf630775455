import type { Socket } from 'node:net';
import { endToEnd, endToEndWithUpgrade, type RawHeaders, withHeader } from '../exchange/headers.js';
import type { ClientSink } from '../exchange/incoming.js';
import type { ResponseHead } from '../interceptor.js';
import { formatHead } from './sink.js';

/**
 * Answers a request to upgrade, after node:http has let go of the socket: with a 101, after which the
 * socket belongs to the two parties, or with an ordinary response that the connection ends with.
 */
export class UpgradeSink implements ClientSink {
  onDrain: (() => void) | undefined;
  readonly #socket: Socket;
  readonly #raw: Socket;
  #begun = false;

  constructor(socket: Socket, raw: Socket) {
    this.#socket = socket;
    this.#raw = raw;
    socket.on('drain', () => this.onDrain?.());
  }

  informational({ status, statusText, headers }: ResponseHead): void {
    this.#socket.write(formatHead(status, statusText, endToEnd(headers)), 'latin1');
  }

  switchProtocols({ status, statusText, headers }: ResponseHead, _upstream: Socket, firstBytes: Buffer): void {
    this.#socket.write(formatHead(status, statusText, endToEndWithUpgrade(headers)), 'latin1');
    if (firstBytes.length > 0) this.#socket.write(firstBytes);
  }

  head({ status, statusText, headers }: ResponseHead): void {
    this.#begun = true;
    const fields = withHeader(endToEnd(headers), 'Connection', 'close');
    this.#socket.write(formatHead(status, statusText, fields), 'latin1');
  }

  data(chunk: Buffer): boolean {
    return this.#socket.write(chunk);
  }

  end(_trailers: RawHeaders): void {
    this.#socket.destroySoon();
  }

  fail(): void {
    if (this.#begun) this.#socket.destroySoon();
    else this.#raw.resetAndDestroy();
  }
}
