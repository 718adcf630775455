import { TestError, type WaylayError } from '../errors.js';
import { TextDecoder } from '../runtime/realm.js';
import { broken } from './broken.js';
import { type FrameHead, isControl, LONGEST_HEAD, readFrameHead } from './frame.js';
import { type Compression, DEFLATE_TAIL, INFLATED_LIMIT, Inflater } from './inflate.js';
import type { Sender, WebSocketMessage } from './message.js';
import { Payload } from './payload.js';

/** Compressed, a message is held until its end, for it cannot be undone without what was before. */
export const COMPRESSED_LIMIT = 16 * 1024 * 1024;

/** The parameters of a reader, and whom it tells. */
export interface MessageReaderInit {
  readonly sender: Sender;
  readonly compression: Compression | undefined;
  /** Bytes kept of one message. */
  readonly limit: number;
  /** Milliseconds since the Unix epoch. */
  now(): number;
  message(message: WebSocketMessage): void;
  /** The bytes are no WebSocket's, or are more than can be read; said once, after which nothing more is read. */
  failed(error: WaylayError): void;
}

interface Frame {
  readonly head: FrameHead;
  /** Bytes of its payload that have come. */
  read: number;
}

/**
 * Reads the messages of one sender from the bytes that pass by (RFC 6455, section 5), however they are cut. It changes
 * none of them and never throws. Not ws's Receiver: that one unmasks the bytes in place, which are still to be sent on,
 * and holds every frame in full.
 */
export class MessageReader {
  readonly #init: MessageReaderInit;
  readonly #inflater: Inflater | undefined;
  readonly #plain: Payload;
  readonly #compressed = new Payload(COMPRESSED_LIMIT + DEFLATE_TAIL.length);
  readonly #control = new Payload(125);
  /** The beginning of a head whose rest has not come. */
  #part = Buffer.alloc(0);
  #frame: Frame | undefined;
  /** The first head of the message that is under way. */
  #message: FrameHead | undefined;
  #ended = false;
  /** A close has come: nothing is to follow it (RFC 6455, section 5.5.1). */
  closed = false;

  constructor(init: MessageReaderInit) {
    this.#init = init;
    this.#inflater = init.compression && new Inflater(init.compression);
    this.#plain = new Payload(init.limit);
  }

  push(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0 && !this.#ended) {
      rest = this.#frame === undefined ? this.#readHead(rest) : this.#readPayload(rest, this.#frame);
    }
  }

  /** Nothing more will come; whether that is inside a message. */
  end(): boolean {
    if (this.#ended) return false;
    const inside = this.#frame !== undefined || this.#message !== undefined || this.#part.length > 0;
    if (inside) {
      this.#fail(broken(this.#init.sender, 'the beginning of a WebSocket message, and then the connection ended'));
    }
    this.#ended = true;
    return inside;
  }

  #readHead(bytes: Buffer): Buffer {
    const before = this.#part.length;
    const start = before === 0 ? bytes : Buffer.concat([this.#part, bytes.subarray(0, LONGEST_HEAD)]);
    const result = readFrameHead(start, this.#init.sender);
    if (result.kind === 'incomplete') {
      this.#part = Buffer.from(start);
      return bytes.subarray(bytes.length);
    }
    this.#part = Buffer.alloc(0);
    if (result.kind === 'failed') this.#fail(result.error);
    else this.#begin(result.value);
    return result.kind === 'done' ? bytes.subarray(result.length - before) : bytes;
  }

  #begin(head: FrameHead): void {
    const { sender } = this.#init;
    const continues = head.type === 'continuation';
    if (head.compressed && (this.#inflater === undefined || continues || isControl(head.type))) {
      this.#fail(broken(sender, `a ${head.type} frame that is marked as compressed (RSV1), which was not agreed on`));
    } else if (continues && this.#message === undefined) {
      this.#fail(broken(sender, 'a continuation frame of no message'));
    } else if (!continues && !isControl(head.type) && this.#message !== undefined) {
      this.#fail(broken(sender, `a ${head.type} frame inside another message`));
    } else {
      if (!continues && !isControl(head.type)) this.#message = head;
      this.#frame = { head, read: 0 };
      if (head.length === 0) this.#endFrame(head);
    }
  }

  #readPayload(bytes: Buffer, frame: Frame): Buffer {
    const { head } = frame;
    const part = bytes.subarray(0, head.length - frame.read);
    const payload = this.#payloadOf(head);
    const offset = frame.read;
    frame.read += part.length;
    payload.append(part, head.mask, offset, head.length - frame.read);
    if (payload === this.#compressed && payload.size > COMPRESSED_LIMIT) this.#fail(this.#tooLarge(COMPRESSED_LIMIT));
    else if (frame.read === head.length) this.#endFrame(head);
    return bytes.subarray(part.length);
  }

  #payloadOf({ type }: FrameHead): Payload {
    if (isControl(type)) return this.#control;
    return this.#message?.compressed ? this.#compressed : this.#plain;
  }

  #endFrame(head: FrameHead): void {
    this.#frame = undefined;
    if (isControl(head.type)) {
      this.#endControl(head.type);
      return;
    }
    if (!head.final || this.#message === undefined) return;
    const { type, compressed } = this.#message;
    this.#message = undefined;
    if (compressed) this.#endCompressed(type);
    else this.#tell(type, this.#plain.bytes, this.#plain.size, { own: () => this.#plain.take() });
    this.#plain.clear();
    this.#compressed.clear();
  }

  #endControl(type: 'ping' | 'pong' | 'close'): void {
    const { bytes } = this.#control;
    if (type !== 'close') this.#tell(type, bytes, bytes.length);
    else if (bytes.length === 1) this.#fail(broken(this.#init.sender, 'a close with half a code'));
    else {
      this.closed = true;
      const code = bytes.length === 0 ? undefined : bytes.readUInt16BE(0);
      this.#tell(type, bytes, bytes.length, {
        close: { code, reason: bytes.toString('utf8', 2) },
      });
    }
    this.#control.clear();
  }

  #endCompressed(type: FrameHead['type']): void {
    this.#compressed.append(DEFLATE_TAIL);
    const inflated = this.#inflater?.inflate(this.#compressed.bytes) ?? { problem: 'invalid', cause: undefined };
    if ('bytes' in inflated) this.#tell(type, inflated.bytes.subarray(0, this.#init.limit), inflated.bytes.length);
    else if (inflated.problem === 'too large') this.#fail(this.#tooLarge(INFLATED_LIMIT, inflated.cause));
    else this.#fail(broken(this.#init.sender, 'a compressed message that is not valid DEFLATE', inflated.cause));
  }

  /** The bytes may be a view of memory that is used again; `own`, by default a copy of them, is not. */
  #tell(
    type: FrameHead['type'],
    bytes: Buffer,
    size: number,
    {
      own = () => Buffer.from(bytes),
      close,
    }: { own?: () => Buffer; close?: Pick<WebSocketMessage, 'code' | 'reason'> } = {},
  ): void {
    if (type === 'continuation') return;
    const truncated = size > bytes.length;
    const about = { from: this.#init.sender, size, truncated, time: this.#init.now(), ...close };
    if (type !== 'text') this.#init.message({ ...about, type, data: own() });
    else this.#init.message({ ...about, type, data: truncated ? beginningOf(bytes) : bytes.toString('utf8') });
  }

  #tooLarge(limit: number, cause?: unknown): WaylayError {
    return new TestError(
      'WAYLAY_BODY_UNREADABLE',
      `The ${this.#init.sender} sent a compressed WebSocket message of over ${limit} bytes, which Waylay does not undo. What it sends is passed on, but its messages are no longer recorded.`,
      { cause },
    );
  }

  #fail(error: WaylayError): void {
    this.#ended = true;
    this.#frame = undefined;
    for (const payload of [this.#plain, this.#compressed, this.#control]) payload.clear();
    this.#init.failed(error);
  }
}

/** Text that was cut, without the part of a character at its end. */
function beginningOf(bytes: Buffer): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, { stream: true });
}
