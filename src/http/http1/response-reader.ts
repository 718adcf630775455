/**
 * Reads responses as a client does: all that Chromium or curl read. Where one of them reads what the other gives up at, it is
 * read; where both read, and differently, mostly Chromium's reading is taken. To a client over HTTP/1 the bytes are passed on,
 * and it judges by itself.
 *
 * | what                                       | here               | Chromium            | curl                  |
 * |--------------------------------------------|--------------------|---------------------|-----------------------|
 * | up to 4 odd bytes before `HTTP`            | left out           | same                | gives up              |
 * | `http/1.1`                                 | read               | same                | same                  |
 * | other versions, or none                    | 1.0 below 1.1      | same                | gives up, but for 2   |
 * | a status of other than three digits        | a number           | same                | gives up              |
 * | no status                                  | 200                | same                | gives up              |
 * | status 000 to 099                          | read               | same                | gives up              |
 * | a CR by itself in the status line           | its end            | same                | a part of the reason  |
 * | NUL in the head                            | read               | gives up            | gives up              |
 * | 1xx but 101                                | any number         | same                | same                  |
 * | 101 that was not asked for                 | a tunnel           | gives up            | until the end         |
 * | a head that is cut by the connection's end  | a failure          | read, over http:    | gives up at the line  |
 * | bytes behind the last response             | a failure after it | dropped             | dropped               |
 * | no HTTP at all                             | a failure          | gives up            | gives up              |
 *
 * Fields: lenient-fields.ts. Bodies: framing.ts and chunks.ts.
 */

import type { BodyEvents } from './body-events.js';
import type { FailureReason } from './failure.js';
import { type FieldList, INCOMPLETE } from './field-list.js';
import type { FieldSection } from './field-section.js';
import { type Framing, keepsAlive, responseFraming } from './framing.js';
import type { Grammar } from './head-lines.js';
import { hashOf, knownText } from './known-text.js';
import { readLenientLine } from './lenient-fields.js';
import { MessageReader } from './message-reader.js';
import { CR, LF } from './octets.js';
import type { ReaderLimits } from './reader-limits.js';
import { findHttp, MAX_SLOP, parseStatusLine, type StatusLine } from './start-line.js';

/** Takes the responses of a connection. */
export interface ResponseEvents extends BodyEvents {
  /** The head of a response whose status is 1xx, but not 101; others follow for the same request (RFC 9110, section 15.2). */
  informational(line: StatusLine, section: FieldSection): void;
  /** The head of the response. */
  head(line: StatusLine, section: FieldSection): void;
}

class StatusLineReader implements Grammar {
  line: StatusLine = parseStatusLine('HTTP/1.1 200 OK\r\n');

  readonly readLine = readLenientLine;

  readStart(bytes: Buffer, at: number, end: number, list: FieldList): number {
    const slop = findHttp(bytes, at, end);
    if (slop < 0) return slop === -1 ? list.fail('not-http', at) : INCOMPLETE;
    let i = at;
    let hash = 0;
    let octet = 0;
    for (const from = at + slop; i < from; i += 1) hash = hashOf(hash, bytes[i] as number);
    while (i < end && (octet = bytes[i] as number) !== CR && octet !== LF) {
      hash = hashOf(hash, octet);
      i += 1;
    }
    if (i === end || (octet === CR && i + 1 === end)) return INCOMPLETE;
    const next = octet === CR && bytes[i + 1] === LF ? i + 2 : i + 1;
    list.emptyLine = bytes[next - 1] === LF;
    const text = knownText(bytes, at, next, hash + next - i);
    if (text !== this.line.text) this.line = parseStatusLine(text);
    return next;
  }

  foresee(bytes: Buffer, at: number, end: number, list: FieldList): number {
    return findHttp(bytes, at, Math.min(end, at + MAX_SLOP + 4)) === -1 ? list.fail('not-http', at) : INCOMPLETE;
  }
}

/** Reads responses; see the table above. */
export class ResponseReader extends MessageReader {
  readonly #sink: ResponseEvents;
  readonly #line: StatusLineReader;
  readonly #nextMethod: () => string | undefined;
  /** The request's method; undefined between responses. */
  #method: string | undefined;
  #section: FieldSection | undefined;

  /**
   * @param nextMethod gives the method of the next request that has no response, and is not asked for it again; undefined where
   * there is none. Asked when a response begins, or the connection ends instead
   */
  constructor(sink: ResponseEvents, nextMethod: () => string | undefined, limits: Partial<ReaderLimits> = {}) {
    const line = new StatusLineReader();
    super(sink, line, false, limits);
    this.#sink = sink;
    this.#line = line;
    this.#nextMethod = nextMethod;
  }

  /** The status line that was read last. */
  get line(): StatusLine {
    return this.#line.line;
  }

  /** Does the response that was read last let the connection carry another one (RFC 9112, section 9.3)? */
  get keepsAlive(): boolean {
    const { kind } = this.framing;
    if (kind === 'close' || kind === 'tunnel' || this.#section === undefined) return false;
    return keepsAlive(this.#line.line.minor, this.#section);
  }

  protected get startText(): string {
    return this.#line.line.text;
  }

  protected skip(at: number): number {
    return at;
  }

  protected begin(): FailureReason | undefined {
    this.#method ??= this.#nextMethod();
    return this.#method === undefined ? 'unasked-bytes' : undefined;
  }

  protected frame(section: FieldSection): Framing | undefined {
    this.#section = section;
    const { status, minor } = this.#line.line;
    if (isInterim(status)) return undefined;
    return responseFraming(this.#method ?? 'GET', minor, status, section);
  }

  protected tell(section: FieldSection): void {
    const { line } = this.#line;
    if (isInterim(line.status)) {
      this.#sink.informational(line, section);
      return;
    }
    this.#method = undefined;
    this.#sink.head(line, section);
  }

  protected refusesTrailers(): boolean {
    return false;
  }

  protected holdsAfter(): boolean {
    return false;
  }

  protected isAwaited(): boolean {
    return this.begin() === undefined;
  }
}

function isInterim(status: number): boolean {
  return status >= 100 && status < 200 && status !== 101;
}
