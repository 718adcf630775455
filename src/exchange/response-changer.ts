import { STATUS_CODES } from 'node:http';
import { Duplex } from 'node:stream';
import type { ResponseChange, ResponseHead } from '../interceptor.js';
import { decodeContent } from './content-coding.js';
import { headerValue, type RawHeaders, withBodyLength, withoutHeaders } from './headers.js';
import type { Request } from './message.js';

/** Where a changed response goes on to. */
export interface ChangedResponse {
  head(head: ResponseHead): void;
  data(chunk: Buffer): boolean;
  end(trailers: RawHeaders): void;
  /** A function that was to change the response threw. */
  failed(cause: unknown): void;
  /** Data may come again after `data` returned false. */
  more(): void;
  /** There is something to change. */
  changed(): void;
}

type Mode = 'hold' | 'pass' | 'drop' | 'collect' | 'stream';

/**
 * Changes one response on its way to the client. While the decision is pending the upstream is held
 * back; a body is collected only where its change needs it whole.
 */
export class ResponseChanger {
  readonly #head: ResponseHead;
  readonly #request: Request;
  readonly #out: ChangedResponse;
  #mode: Mode = 'hold';
  #change: ResponseChange | undefined;
  #held: Buffer[] = [];
  #ended: RawHeaders | undefined;
  #through: Duplex | undefined;
  #whole: (() => void) | undefined;

  constructor(head: ResponseHead, request: Request, out: ChangedResponse) {
    this.#head = head;
    this.#request = request;
    this.#out = out;
  }

  start(change: ResponseChange | Promise<ResponseChange | undefined>): void {
    if (!(change instanceof Promise)) {
      this.#decided(change);
      return;
    }
    change
      .then((decided) => {
        this.#decided(decided);
        this.#out.more();
      })
      .catch((cause) => this.#out.failed(cause));
  }

  data(chunk: Buffer): boolean {
    switch (this.#mode) {
      case 'pass':
        return this.#out.data(chunk);
      case 'drop':
        return true;
      case 'stream':
        return this.#through?.write(chunk) ?? true;
      case 'collect':
        this.#held.push(chunk);
        return true;
      case 'hold':
        this.#held.push(chunk);
        return false;
    }
  }

  end(trailers: RawHeaders): void {
    this.#ended = trailers;
    if (this.#mode === 'stream') this.#through?.end();
    else if (this.#mode === 'collect') this.#whole?.();
    else if (this.#mode !== 'hold') this.#end();
  }

  /** The client can take more. */
  resume(): void {
    this.#through?.resume();
  }

  #decided(change: ResponseChange | undefined): void {
    this.#change = change;
    if (change !== undefined) this.#out.changed();
    const head = this.#changedHead();
    const body = this.#mayHaveBody(head.status) ? change?.body : undefined;
    switch (body?.kind) {
      case undefined:
        this.#mode = 'pass';
        this.#out.head(head);
        this.#release((chunk) => void this.#out.data(chunk));
        break;
      case 'replace':
        this.#mode = 'drop';
        this.#held = [];
        this.#send(head, body.bytes);
        if (this.#ended !== undefined) this.#end();
        break;
      case 'stream': {
        this.#mode = 'stream';
        const through = Duplex.from(body.change);
        this.#out.head({ ...head, headers: withoutHeaders(head.headers, new Set(['content-length'])) });
        this.#pipe(through);
        this.#release((chunk) => void through.write(chunk));
        break;
      }
      case 'whole':
        this.#mode = 'collect';
        this.#whole = () => void this.#changeWhole(body.change);
        if (this.#ended !== undefined) this.#whole();
        break;
    }
  }

  #changedHead(): ResponseHead {
    const { status = this.#head.status, statusText, headers = this.#head.headers } = this.#change ?? {};
    const standard = status === this.#head.status ? this.#head.statusText : (STATUS_CODES[status] ?? '');
    return { status, statusText: statusText ?? standard, headers };
  }

  // RFC 9112, section 6.3.
  #mayHaveBody(status: number): boolean {
    return this.#request.method !== 'HEAD' && status !== 204 && status !== 304;
  }

  #release(write: (chunk: Buffer) => void): void {
    for (const chunk of this.#held) write(chunk);
    this.#held = [];
    if (this.#ended === undefined) return;
    if (this.#mode === 'stream') this.#through?.end();
    else this.#end();
  }

  #pipe(through: Duplex): void {
    this.#through = through;
    through.on('data', (chunk: Buffer) => {
      if (!this.#out.data(chunk)) through.pause();
    });
    through.on('drain', () => this.#out.more());
    through.on('end', () => this.#end());
    through.on('error', (cause) => this.#out.failed(cause));
  }

  async #changeWhole(change: (decoded: Buffer) => Buffer | Promise<Buffer>): Promise<void> {
    try {
      const encoding = headerValue(this.#head.headers, 'content-encoding');
      const decoded = decodeContent(Buffer.concat(this.#held), encoding, `the response to ${this.#request}`);
      this.#held = [];
      this.#send(this.#changedHead(), await change(decoded));
      this.#end();
    } catch (cause) {
      this.#out.failed(cause);
    }
  }

  #send(head: ResponseHead, bytes: Buffer): void {
    this.#out.head({ ...head, headers: withBodyLength(head.headers, bytes.length) });
    if (bytes.length > 0) this.#out.data(bytes);
  }

  #end(): void {
    const trailers = this.#ended ?? [];
    const change = this.#change?.trailers;
    if (change === undefined) {
      this.#out.end(trailers);
      return;
    }
    Promise.resolve(trailers)
      .then(change)
      .then((changed) => this.#out.end(changed))
      .catch((cause) => this.#out.failed(cause));
  }
}
