import { NO_FIELDS, type RawHeaders } from '../headers.js';
import type { BodyEvents } from './body-events.js';
import { Chunks } from './chunks.js';
import type { FailureReason } from './failure.js';
import type { FieldSection } from './field-section.js';
import type { Framing } from './framing.js';
import { type Grammar, HeadLines } from './head-lines.js';
import { CR, LF } from './octets.js';
import { DEFAULT_LIMITS, type ReaderLimits } from './reader-limits.js';
import * as Phase from './reader-phases.js';
import { Unread } from './unread.js';

const NOTHING = Buffer.alloc(0);
const NO_BODY: Framing = { kind: 'none', length: 0 };

/**
 * Reads the messages of one direction of a connection (RFC 9112): bytes in, events out. It knows no socket. The events depend
 * on the bytes alone, not on how they are split, and take time in proportion to them.
 */
export abstract class MessageReader {
  protected readonly limits: ReaderLimits;
  readonly #sink: BodyEvents;
  readonly #wantsCoded: boolean;
  readonly #lines: HeadLines;
  readonly #chunks: Chunks;
  readonly #unread = new Unread();
  #framing = NO_BODY;
  /** Head fields. */
  #section: FieldSection | undefined;
  #phase = Phase.BETWEEN;
  #bytes: Buffer = NOTHING;
  #at = 0;
  /** Bytes of the connection before `#bytes`. */
  #base = 0;
  /** Bytes of the body that are to come, by their length. */
  #remaining = 0;
  /** The head has begun, and the sink does not know of it. */
  #isHeadOpen = false;
  #paused = false;
  #held = false;
  #running = false;
  #ending: 'end' | 'reset' | undefined;

  constructor(sink: BodyEvents, grammar: Grammar, strict: boolean, limits: Partial<ReaderLimits>) {
    this.#sink = sink;
    this.#wantsCoded = sink.coded !== undefined;
    this.limits = { ...DEFAULT_LIMITS, ...limits };
    this.#lines = new HeadLines(grammar);
    this.#chunks = new Chunks(strict, this.limits.maxExtensionsSize);
  }

  /** `between` messages, within a `head` or a `body`; over: in a `tunnel`, after what `failed`, or when all has `ended`. */
  get state(): Phase.ReaderState {
    return Phase.STATES[this.#phase] as Phase.ReaderState;
  }

  /** Framing of the body whose head was read last; known before the sink is told of the head. */
  get framing(): Framing {
    return this.#framing;
  }

  /** The fields of the head that was read last; of one that is not complete, those that there are. */
  get fields(): RawHeaders {
    return this.#section?.fields ?? this.#lines.list.fields;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Nothing is read behind the last message until the caller has decided what comes there. */
  get held(): boolean {
    return this.#held;
  }

  /** Reads bytes, which must not change as long as what was made of them is in use. While paused they are kept. */
  push(bytes: Buffer): void {
    if (this.#running || this.#at < this.#bytes.length) this.#unread.add(bytes);
    else this.#take(bytes);
    if (!this.#running) this.#run();
  }

  /** The sender has ended its side of the connection in order (FIN). */
  end(): void {
    this.#ending ??= 'end';
    if (!this.#running) this.#run();
  }

  /** The connection is gone (RST): a body that would have ended with it is truncated. */
  reset(): void {
    this.#ending = 'reset';
    if (!this.#running) this.#run();
  }

  /** Holds all events until {@link resume}, but for the `coded` of data that has been given, and an `end` behind it. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    if (!this.#running) this.#run();
  }

  protected release(): void {
    this.#held = false;
    this.resume();
  }

  /**
   * The bytes that no event has had, which are not read any more: those behind a head that leads into a tunnel; after a failure,
   * all of a head that is not complete, or of a body what cannot be read; those of the next messages.
   */
  takeUnread(): Buffer {
    const head = this.#isHeadOpen ? this.#headSoFar() : [];
    this.#isHeadOpen = false;
    const rest = this.#bytes.subarray(this.#at);
    this.#take(NOTHING);
    return this.#unread.takeAll(...head, rest);
  }

  /** Skips bytes that may come before a message. */
  protected abstract skip(at: number, bytes: Buffer): number;
  /** A message begins: why it must not, where it must not. */
  protected abstract begin(): FailureReason | undefined;
  /** Says how the body ends; `undefined` after an interim response, behind which the message goes on. */
  protected abstract frame(section: FieldSection): Framing | undefined;
  /** Tells the sink of the head. */
  protected abstract tell(section: FieldSection): void;
  /** Would another reader take the trailers for something else? */
  protected abstract refusesTrailers(section: FieldSection): boolean;
  /** Nothing is to be read behind this message until the caller says so. */
  protected abstract holdsAfter(): boolean;
  /** Is a message waited for, so that the end of the connection is a failure? */
  protected abstract isAwaited(): boolean;
  /** The start line that was read last, as it came. */
  protected abstract get startText(): string;

  #headSoFar(): Buffer[] {
    const start = this.#lines.started ? [Buffer.from(this.startText, 'latin1')] : [];
    return [...start, this.#section?.bytes ?? this.#lines.takeCarried()];
  }

  #take(bytes: Buffer): void {
    this.#base += this.#bytes.length;
    this.#bytes = bytes;
    this.#at = 0;
  }

  #run(): void {
    this.#running = true;
    while (!this.#paused && !this.#held && this.#phase < Phase.TUNNEL) {
      if (this.#phase === Phase.FINISHED) this.#finish(NO_FIELDS);
      else if (this.#at < this.#bytes.length) this.#step();
      else if (!this.#unread.isEmpty) this.#take(this.#unread.next());
      else break;
    }
    this.#running = false;
    if (this.#at < this.#bytes.length || !this.#unread.isEmpty) return;
    if (this.#bytes.length > 0) this.#take(NOTHING);
    if (this.#ending !== undefined && !this.#paused && !this.#held) this.#close();
  }

  #step(): void {
    switch (this.#phase) {
      case Phase.BETWEEN:
        this.#begin();
        break;
      case Phase.HEAD:
        this.#head();
        break;
      case Phase.CHUNKED:
      case Phase.TRAILERS:
        this.#coded();
        break;
      default:
        this.#body();
    }
  }

  #begin(): void {
    this.#at = this.skip(this.#at, this.#bytes);
    if (this.#at === this.#bytes.length) return;
    const reason = this.begin();
    if (reason !== undefined) {
      this.#fail(reason, this.#at);
      return;
    }
    this.#section = undefined;
    this.#lines.begin(false);
    this.#isHeadOpen = true;
    this.#phase = Phase.HEAD;
    this.#head();
  }

  #head(): void {
    const lines = this.#lines;
    this.#at = lines.read(this.#bytes, this.#at, this.limits.maxHeadSize);
    const section = (this.#section = lines.section);
    if (section === undefined) {
      if (lines.failure !== undefined) this.#fail(lines.failure, lines.failedAt);
      return;
    }
    if (section.fields.length > 2 * this.limits.maxFields) {
      this.#fail('too-many-fields', this.#at);
      return;
    }
    const framing = this.frame(section);
    if (framing?.failure !== undefined) {
      this.#fail(framing.failure, this.#at);
      return;
    }
    this.#isHeadOpen = false;
    this.#framing = framing ?? NO_BODY;
    this.#remaining = this.#framing.length;
    this.#phase = framing === undefined ? Phase.BETWEEN : Phase.PHASES[framing.kind];
    if (this.#phase === Phase.CHUNKED) this.#chunks.begin();
    this.tell(section);
  }

  #body(): void {
    const bytes = this.#bytes;
    const at = this.#at;
    let end = bytes.length;
    if (this.#phase === Phase.LENGTH) {
      end = Math.min(end, at + this.#remaining);
      this.#remaining -= end - at;
      if (this.#remaining === 0) this.#phase = Phase.FINISHED;
    }
    this.#at = end;
    this.#sink.data(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end));
  }

  #coded(): void {
    const bytes = this.#bytes;
    const from = this.#at;
    if (this.#phase === Phase.CHUNKED) this.#readChunks(bytes);
    // The events of the data may have taken the rest.
    if (this.#bytes !== bytes) return;
    const lines = this.#lines;
    if (this.#phase === Phase.TRAILERS && !this.#paused && this.#at < bytes.length) {
      const next = this.#at;
      if (bytes[next] === CR && bytes[next + 1] === LF && lines.isFresh) {
        this.#at = next + 2;
        this.#phase = Phase.FINISHED;
      } else this.#at = lines.read(bytes, next, this.limits.maxTrailersSize);
    }
    const failure = this.#chunks.failure ?? lines.failure;
    if (this.#wantsCoded && this.#at > from) this.#sink.coded?.(bytes.subarray(from, this.#at));
    if (failure !== undefined) {
      const isOfLines = this.#chunks.failure === undefined;
      this.#fail(failure === 'head-too-large' ? 'trailers-too-large' : failure, isOfLines ? lines.failedAt : this.#at);
    } else if (this.#phase === Phase.TRAILERS && lines.section !== undefined) {
      if (this.refusesTrailers(lines.section)) this.#fail('invalid-trailers', this.#at);
      else this.#finish(lines.section.fields);
    }
  }

  #readChunks(bytes: Buffer): void {
    const chunks = this.#chunks;
    const end = bytes.length;
    while (this.#at < end && !this.#paused && this.#bytes === bytes) {
      if (chunks.remaining > 0) {
        const at = this.#at;
        this.#at = Math.min(end, at + chunks.remaining);
        chunks.remaining -= this.#at - at;
        this.#sink.data(bytes.subarray(at, this.#at));
        continue;
      }
      this.#at = chunks.read(bytes, this.#at, end);
      if (chunks.failure !== undefined) return;
      if (chunks.last) {
        this.#lines.begin(true);
        this.#phase = Phase.TRAILERS;
        return;
      }
    }
  }

  #finish(trailers: RawHeaders): void {
    this.#phase = Phase.BETWEEN;
    this.#held = this.holdsAfter();
    this.#sink.end(trailers);
  }

  #close(): void {
    if (this.#phase === Phase.CLOSE && this.#ending === 'end') this.#finish(NO_FIELDS);
    else if (this.#phase === Phase.BETWEEN && this.isAwaited()) this.#fail('no-response', 0);
    const reason = Phase.TRUNCATED[this.#phase];
    if (reason !== undefined) this.#fail(reason, 0);
    else if (this.#phase === Phase.BETWEEN) this.#phase = Phase.ENDED;
  }

  #fail(reason: FailureReason, at: number): void {
    this.#phase = Phase.FAILED;
    this.#sink.fail({ reason, offset: this.#base + at });
  }
}
