import { STATUS_CODES } from 'node:http';
import type { WaylayError } from '../errors.js';
import type { CapturedBody } from '../http/captured-body.js';
import { decodeContent, type Named } from '../http/content-coding.js';
import { withContentType } from '../http/content-type.js';
import { decodeStream } from '../http/decoded-stream.js';
import {
  bodyless,
  hasNoContent,
  mayHaveBody,
  withBodyLength,
  withoutLength,
  withUnknownLength,
} from '../http/framing.js';
import { headerValue, type RawHeaders } from '../http/headers.js';
import type { ResponseHead } from '../http/response-head.js';
import type { ResponseChange } from '../interceptor.js';
import type { Request, Response } from '../journal/message.js';
import type { Clock } from '../runtime/clock.js';
import { BodyStage } from './body-stage.js';
import { ShapedResponse, type ShapedTarget } from './shaped-response.js';

/** The target of a changed response. */
export interface ChangedResponse extends ShapedTarget {
  /**
   * There is something to change. Returns the place where the response is kept as it was.
   * @param untouched the body goes on as it comes
   */
  changed(untouched: boolean): Response;
}

type Mode = 'hold' | 'pass' | 'drop' | 'collect' | 'stream';

/**
 * Changes one response on its way to the client. While the decision is pending the upstream is held
 * back; a body is collected only where its change needs it whole.
 */
export class ResponseChanger {
  readonly #head: ResponseHead;
  readonly #request: Request;
  readonly #clock: Clock;
  readonly #client: ChangedResponse;
  readonly #trailersFollow: boolean;
  /** The client, or the shape that the response takes before it. */
  #out: Pick<ChangedResponse, 'head' | 'data' | 'end' | 'fail'>;
  #mode: Mode = 'hold';
  #stopped = false;
  #change: ResponseChange | undefined;
  #held: Buffer[] = [];
  #takesMore = true;
  #ended: RawHeaders | undefined;
  #stream: BodyStage | undefined;
  #shaped: ShapedResponse | undefined;
  /** The response as it was, where there is a change. */
  #original: Response | undefined;
  /** The same, where its body has to be kept by itself. */
  #kept: CapturedBody | undefined;

  constructor(
    response: { head: ResponseHead; trailersFollow: boolean; request: Request },
    clock: Clock,
    client: ChangedResponse,
  ) {
    this.#head = response.head;
    this.#trailersFollow = response.trailersFollow;
    this.#request = response.request;
    this.#clock = clock;
    this.#client = client;
    this.#out = client;
  }

  start(change: ResponseChange | Promise<ResponseChange | undefined>): void {
    if (!(change instanceof Promise)) {
      this.#attempt(() => this.#decided(change));
      return;
    }
    change.then(
      (decided) => {
        this.#attempt(() => this.#decided(decided));
        // Resumes the upstream, which was held back by whatever came meanwhile; a client that this has filled does it later.
        if (this.#takesMore) this.#client.more();
      },
      (cause) => this.#client.failed(cause),
    );
  }

  data(chunk: Buffer): boolean {
    this.#kept?.append(chunk);
    switch (this.#mode) {
      case 'pass':
        return this.#out.data(chunk);
      case 'drop':
        return true;
      case 'stream':
        return this.#stream?.data(chunk) ?? true;
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
    this.#keepEnd();
    if (this.#mode === 'stream') this.#stream?.end();
    else if (this.#mode === 'collect') void this.#changeWhole();
    else if (this.#mode !== 'hold') this.#end();
  }

  /** The upstream failed. */
  fail(error: WaylayError): void {
    if (this.#mode === 'stream') this.#stream?.fail(error);
    else if (this.#mode === 'pass' || this.#mode === 'drop') this.#out.fail(error);
    else this.#client.fail(error);
  }

  /** The client can take more. */
  resume(): void {
    if (this.#shaped !== undefined) this.#shaped.resume();
    else this.#more();
  }

  /** The exchange is over. */
  stop(): void {
    this.#stopped = true;
    this.#stream?.stop();
    this.#shaped?.stop();
    this.#held = [];
  }

  #more(): void {
    if (this.#stream !== undefined) this.#stream.resume();
    else this.#client.more();
  }

  #attempt(step: () => void): void {
    try {
      step();
    } catch (cause) {
      this.#client.failed(cause);
    }
  }

  #decided(change: ResponseChange | undefined): void {
    if (this.#stopped) return;
    this.#change = change;
    if (change !== undefined) this.#keepOriginal(change);
    if (change?.shape !== undefined) {
      this.#shaped = new ShapedResponse(change.shape, this.#clock, { ...this.#client, more: () => this.#more() });
      this.#out = this.#shaped;
    }
    const head = this.#changedHead();
    const body = this.#isBodyless(head.status) ? undefined : change?.body;
    switch (body?.kind) {
      case undefined:
        if (this.#losesBody(head.status)) {
          this.#drop();
          this.#out.head({ ...head, headers: bodyless(head.status, head.headers) });
          if (this.#ended !== undefined) this.#end();
          break;
        }
        this.#mode = 'pass';
        if (this.#changesTrailers) this.#sendHead(head, true);
        else this.#out.head(this.#endsWithHead ? { ...head, headOnly: true } : head, this.#trailersFollow);
        this.#release((chunk) => this.#out.data(chunk));
        break;
      case 'replace':
        this.#drop();
        this.#send(head, body.bytes);
        if (this.#ended !== undefined) this.#end();
        break;
      case 'stream': {
        const stream = this.#streamThrough(body.change);
        this.#mode = 'stream';
        this.#stream = stream;
        this.#sendHead({ ...head, headers: withUnknownLength(head.headers, change?.coded) }, this.#willHaveTrailers);
        this.#release((chunk) => stream.data(chunk));
        break;
      }
      case 'whole':
        this.#mode = 'collect';
        if (this.#ended !== undefined) void this.#changeWhole();
        break;
    }
  }

  #keepOriginal({ body, shape }: ResponseChange): void {
    const untouched = body === undefined && shape?.fault === undefined && !this.#losesBody(this.#changedHead().status);
    this.#original = this.#client.changed(untouched);
    if (!untouched) this.#kept = this.#original.captured;
    for (const chunk of this.#held) this.#kept?.append(chunk);
    this.#keepEnd();
  }

  #keepEnd(): void {
    if (this.#original === undefined || this.#ended === undefined) return;
    this.#original.trailers = this.#ended;
    if (this.#kept !== undefined) this.#kept.complete = true;
  }

  #changedHead(): ResponseHead {
    const { status = this.#head.status, statusText, headers = this.#head.headers } = this.#change ?? {};
    const standard = status === this.#head.status ? this.#head.statusText : (STATUS_CODES[status] ?? '');
    return { status, statusText: statusText ?? standard, headers };
  }

  #drop(): void {
    this.#mode = 'drop';
    this.#held = [];
  }

  #losesBody(status: number): boolean {
    return !this.#isBodyless(this.#head.status) && this.#isBodyless(status);
  }

  #isBodyless(status: number): boolean {
    return this.#request.method === 'HEAD' || hasNoContent(status);
  }

  #release(write: (chunk: Buffer) => boolean): void {
    for (const chunk of this.#held) if (!write(chunk)) this.#takesMore = false;
    this.#held = [];
    if (this.#ended === undefined) return;
    if (this.#mode === 'stream') this.#stream?.end();
    else this.#end();
  }

  #streamThrough(change: (decoded: AsyncIterable<Buffer>) => AsyncIterable<Uint8Array>): BodyStage {
    const encoding = headerValue(this.#head.headers, 'content-encoding');
    return new BodyStage((chunks) => change(decodeStream(chunks, encoding, this.#named)), {
      data: (chunk) => this.#out.data(chunk),
      end: () => this.#end(),
      fail: (error) => this.#out.fail(error),
      failed: (cause) => this.#client.failed(cause),
      more: () => this.#client.more(),
    });
  }

  async #changeWhole(): Promise<void> {
    const body = this.#change?.body;
    if (body?.kind !== 'whole') return;
    try {
      const encoding = headerValue(this.#head.headers, 'content-encoding');
      const decoded = decodeContent(Buffer.concat(this.#held), encoding, this.#named);
      this.#held = [];
      const made = await body.change(decoded);
      const head = this.#changedHead();
      if (Buffer.isBuffer(made)) this.#send(head, made);
      else this.#send({ ...head, headers: withContentType(head.headers, made.contentType) }, made.bytes);
      this.#end();
    } catch (cause) {
      this.#client.failed(cause);
    }
  }

  #send(head: ResponseHead, bytes: Buffer): void {
    const headers = withBodyLength(head.headers, bytes.length, this.#change?.coded);
    this.#sendHead({ ...head, headers }, this.#willHaveTrailers);
    if (bytes.length > 0) this.#out.data(bytes);
  }

  // A body that trailers follow has no length (RFC 9112, section 7.1.2).
  #sendHead(head: ResponseHead, trailersFollow: boolean): void {
    if (trailersFollow) this.#out.head({ ...head, headers: withoutLength(head.headers) }, true);
    else this.#out.head(head);
  }

  // A fault is still to break it off.
  get #endsWithHead(): boolean {
    return this.#head.headOnly === true && this.#change?.shape?.fault === undefined;
  }

  get #named(): Named {
    return { toString: () => `the response to ${this.#request}` };
  }

  get #changesTrailers(): boolean {
    return this.#change?.trailers !== undefined && mayHaveBody(this.#request.method, this.#changedHead().status);
  }

  /** True if trailers are known to follow: a response from the upstream may have them all the same. */
  get #willHaveTrailers(): boolean {
    const announced = headerValue(this.#changedHead().headers, 'trailer') !== undefined;
    return this.#changesTrailers || this.#trailersFollow || announced || (this.#ended ?? []).length > 0;
  }

  #end(): void {
    const trailers = this.#ended ?? [];
    const change = this.#changesTrailers ? this.#change?.trailers : undefined;
    if (change === undefined) this.#out.end(trailers);
    else this.#changeTrailers(trailers, change).catch((cause) => this.#client.failed(cause));
  }

  async #changeTrailers(trailers: RawHeaders, change: NonNullable<ResponseChange['trailers']>): Promise<void> {
    this.#out.end(await change(trailers));
  }
}
