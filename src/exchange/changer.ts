import { STATUS_CODES } from 'node:http';
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
import { headerValue, NO_FIELDS, type RawHeaders } from '../http/headers.js';
import type { ResponseHead } from '../http/response-head.js';
import type { ResponseSink } from '../http/sink.js';
import type { BodyChange, ResponseChange } from '../interceptor.js';
import type { Exchange } from '../journal/exchange.js';
import type { Response } from '../journal/message.js';
import { BodyStage } from './body-stage.js';
import type { StageContext } from './context.js';
import { recordOriginal } from './record.js';
import { called, handlerFailure, ruleFailure } from './relay-errors.js';
import { Stage } from './stage.js';

type Mode = 'pass' | 'drop' | 'collect' | 'stream';

/** Changes a response, and keeps it as it was. Its body is collected only where its change needs it whole. */
export class Changer extends Stage {
  readonly #context: StageContext;
  readonly #exchange: Exchange;
  readonly #change: ResponseChange;
  #head: ResponseHead = NO_HEAD;
  #trailersFollow = false;
  #mode: Mode = 'pass';
  #collected: Buffer[] = [];
  #trailers = NO_FIELDS;
  #stream: BodyStage | undefined;
  #over = false;
  /** The response as it was. */
  #original: Response | undefined;
  /** Its body, where that has to be kept by itself. */
  #kept: CapturedBody | undefined;

  constructor(context: StageContext, exchange: Exchange, change: ResponseChange, next: ResponseSink) {
    super(next);
    this.#context = context;
    this.#exchange = exchange;
    this.#change = change;
  }

  override head(head: ResponseHead, trailersFollow = false): void {
    this.#head = head;
    this.#trailersFollow = trailersFollow;
    try {
      this.#begin();
    } catch (cause) {
      this.#failed(cause);
    }
  }

  override data(chunk: Buffer): boolean {
    this.#kept?.append(chunk);
    switch (this.#mode) {
      case 'pass':
        return this.next.data(chunk);
      case 'drop':
        return true;
      case 'stream':
        return this.#stream?.data(chunk) ?? true;
      case 'collect':
        this.#collected.push(chunk);
        return true;
    }
  }

  override end(trailers: RawHeaders): void {
    this.#trailers = trailers;
    if (this.#original !== undefined) this.#original.trailers = trailers;
    if (this.#kept !== undefined) this.#kept.complete = true;
    if (this.#mode === 'stream') this.#stream?.end(trailers);
    else if (this.#mode === 'collect') void this.#changeWhole();
    else this.#end();
  }

  override fail(...failure: Parameters<ResponseSink['fail']>): void {
    if (this.#stream === undefined) this.next.fail(...failure);
    else this.#stream.fail(...failure);
  }

  override resume(): void {
    if (this.#stream === undefined) super.resume();
    else this.#stream.resume();
  }

  override abort(): void {
    this.#over = true;
    this.#stream?.abort();
    this.#collected = [];
    super.abort();
  }

  #failed(cause: unknown): void {
    if (!this.#over) this.next.fail(ruleFailure(this.#exchange, cause).error);
  }

  #begin(): void {
    const head = this.#changedHead();
    const { body, coded } = this.#change;
    this.#keepOriginal();
    switch (this.#isBodyless(head.status) ? undefined : body?.kind) {
      case undefined:
        if (this.#losesBody) {
          this.#mode = 'drop';
          this.next.head({ ...head, headers: bodyless(head.status, head.headers) });
        } else if (this.#changesTrailers) this.#sendHead(head, true);
        else this.next.head(this.#endsWithHead ? { ...head, headOnly: true } : head, this.#trailersFollow);
        break;
      case 'replace':
        this.#mode = 'drop';
        this.#send(head, (body as BodyChange & { kind: 'replace' }).bytes);
        break;
      case 'stream':
        this.#mode = 'stream';
        this.#stream = this.#streamThrough((body as BodyChange & { kind: 'stream' }).change);
        this.#sendHead({ ...head, headers: withUnknownLength(head.headers, coded) }, this.#willHaveTrailers);
        break;
      case 'whole':
        this.#mode = 'collect';
        break;
    }
  }

  #keepOriginal(): void {
    const { body, shape } = this.#change;
    const untouched = body === undefined && shape?.fault === undefined && !this.#losesBody;
    this.#original = recordOriginal(this.#context, this.#exchange, this.#head, untouched);
    if (!untouched) this.#kept = this.#original.captured;
  }

  #changedHead(): ResponseHead {
    const { status = this.#head.status, statusText, headers = this.#head.headers } = this.#change;
    const standard = status === this.#head.status ? this.#head.statusText : (STATUS_CODES[status] ?? '');
    return { status, statusText: statusText ?? standard, headers };
  }

  get #losesBody(): boolean {
    return !this.#isBodyless(this.#head.status) && this.#isBodyless(this.#changedHead().status);
  }

  #isBodyless(status: number): boolean {
    return this.#exchange.request.method === 'HEAD' || hasNoContent(status);
  }

  #streamThrough(change: (decoded: AsyncIterable<Buffer>) => AsyncIterable<Uint8Array>): BodyStage {
    const { source, next } = this;
    const encoding = headerValue(this.#head.headers, 'content-encoding');
    return new BodyStage(
      (chunks) => {
        const decoded = decodeStream(chunks, encoding, this.#named);
        return called(this.#exchange, () => change(decoded));
      },
      (cause) => handlerFailure(this.#exchange, cause),
      source,
      {
        data: (chunk) => next.data(chunk),
        end: () => this.#end(),
        fail: (error, ending) => next.fail(error, ending),
      },
    );
  }

  async #changeWhole(): Promise<void> {
    const { body } = this.#change;
    if (body?.kind !== 'whole') return;
    try {
      const encoding = headerValue(this.#head.headers, 'content-encoding');
      const decoded = decodeContent(Buffer.concat(this.#collected), encoding, this.#named);
      this.#collected = [];
      const made = await called(this.#exchange, () => body.change(decoded));
      if (this.#over) return;
      const head = this.#changedHead();
      if (Buffer.isBuffer(made)) this.#send(head, made);
      else this.#send({ ...head, headers: withContentType(head.headers, made.contentType) }, made.bytes);
      this.#end();
    } catch (cause) {
      this.#failed(cause);
    }
  }

  #send(head: ResponseHead, bytes: Buffer): void {
    const headers = withBodyLength(head.headers, bytes.length, this.#change.coded);
    this.#sendHead({ ...head, headers }, this.#willHaveTrailers);
    if (bytes.length > 0) this.next.data(bytes);
  }

  // A body that trailers follow has no length (RFC 9112, section 7.1.2).
  #sendHead(head: ResponseHead, trailersFollow: boolean): void {
    if (trailersFollow) this.next.head({ ...head, headers: withoutLength(head.headers) }, true);
    else this.next.head(head);
  }

  // A fault is still to break it off.
  get #endsWithHead(): boolean {
    return this.#head.headOnly === true && this.#change.shape?.fault === undefined;
  }

  get #named(): Named {
    return { toString: () => `the response to ${this.#exchange.request}` };
  }

  get #changesTrailers(): boolean {
    return (
      this.#change.trailers !== undefined && mayHaveBody(this.#exchange.request.method, this.#changedHead().status)
    );
  }

  /** True if trailers are known to follow: a response from the upstream may have them all the same. */
  get #willHaveTrailers(): boolean {
    const announced = headerValue(this.#changedHead().headers, 'trailer') !== undefined;
    return this.#changesTrailers || this.#trailersFollow || announced || this.#trailers.length > 0;
  }

  #end(): void {
    const change = this.#changesTrailers ? this.#change.trailers : undefined;
    if (change === undefined) this.next.end(this.#trailers);
    else void this.#changeTrailers(change);
  }

  async #changeTrailers(change: NonNullable<ResponseChange['trailers']>): Promise<void> {
    try {
      const trailers = await called(this.#exchange, () => change(this.#trailers));
      if (!this.#over) this.next.end(trailers);
    } catch (cause) {
      this.#failed(cause);
    }
  }
}

const NO_HEAD: ResponseHead = { status: 0, statusText: '', headers: NO_FIELDS };
