import { TOKEN_OCTETS } from '../token.js';
import type { BodyEvents } from './body-events.js';
import { type FieldList, INCOMPLETE } from './field-list.js';
import type { FieldSection } from './field-section.js';
import { type Framing, keepsAlive, requestFraming } from './framing.js';
import { FORESIGHT, type Grammar } from './head-lines.js';
import { hashOf, knownText } from './known-text.js';
import { MessageReader } from './message-reader.js';
import { CR, LF, SPACE } from './octets.js';
import type { ReaderLimits } from './reader-limits.js';
import { readStrictLine } from './strict-fields.js';

/** Takes the requests of a connection. */
export interface RequestEvents extends BodyEvents {
  /**
   * The head of a request. Texts have a character for each byte (Latin-1).
   *
   * @param method any token, as it was sent
   * @param target any bytes but a space, CR and LF
   * @param minor the version: HTTP/1.0 or HTTP/1.1
   */
  head(method: string, target: string, minor: 0 | 1, section: FieldSection): void;
}

/** The request line (RFC 9112, section 3), to the letter: one space between its parts, CRLF at its end. */
class RequestLine implements Grammar {
  method = '';
  target = '';
  minor: 0 | 1 = 1;

  readonly readLine = readStrictLine;

  readStart(bytes: Buffer, at: number, end: number, list: FieldList): number {
    let i = at;
    let octet = bytes[i] as number;
    let hash = 0;
    while (TOKEN_OCTETS[octet] === 1) {
      hash = hashOf(hash, octet);
      if (++i === end) return INCOMPLETE;
      octet = bytes[i] as number;
    }
    if (i === at || octet !== SPACE) return list.fail('invalid-method', i);
    const methodEnd = i;
    const methodHash = hash;
    if (++i === end) return INCOMPLETE;
    const start = i;
    octet = bytes[i] as number;
    hash = 0;
    while (octet !== SPACE && octet !== CR && octet !== LF) {
      hash = hashOf(hash, octet);
      if (++i === end) return INCOMPLETE;
      octet = bytes[i] as number;
    }
    if (i === start) return list.fail('invalid-target', i);
    if (octet !== SPACE) return list.fail(isEnd(bytes, i) ? 'invalid-version' : 'invalid-target', i);
    const version = i + 1;
    for (i = version; i < version + VERSION.length; i += 1) {
      if (i === end) return INCOMPLETE;
      if (bytes[i] !== VERSION[i - version]) return list.fail(versionReason(bytes, version), i);
    }
    if (i === end) return INCOMPLETE;
    const minor = bytes[i];
    if (minor !== ONE && minor !== ZERO) return list.fail('invalid-version', i);
    if (++i === end) return INCOMPLETE;
    if (bytes[i] !== CR) return list.fail(bytes[i] === LF ? 'bare-line-end' : versionReason(bytes, version), i);
    if (++i === end) return INCOMPLETE;
    if (bytes[i] !== LF) return list.fail('bare-line-end', i - 1);
    this.method = knownText(bytes, at, methodEnd, methodHash);
    this.target = knownText(bytes, start, version - 1, hash);
    this.minor = minor === ONE ? 1 : 0;
    return i + 1;
  }

  foresee(bytes: Buffer, at: number, end: number, list: FieldList): number {
    const seen = Math.min(end, at + FORESIGHT);
    let i = at;
    while (i < seen && TOKEN_OCTETS[bytes[i] as number] === 1) i += 1;
    return i === seen || (i > at && bytes[i] === SPACE) ? INCOMPLETE : list.fail('invalid-method', i);
  }
}

const VERSION = Buffer.from('HTTP/1.');
const ZERO = 0x30;
const ONE = 0x31;

function isEnd(bytes: Buffer, at: number): boolean {
  return bytes[at] === LF || bytes[at + 1] === LF;
}

/** A seeming version may be the second half of a target with a space in it. The line is there in full. */
function versionReason(bytes: Buffer, at: number): 'invalid-version' | 'invalid-target' {
  let i = at;
  while (i < bytes.length && bytes[i] !== CR && bytes[i] !== LF) {
    if (bytes[i] === SPACE && bytes[i + 1] !== CR && bytes[i + 1] !== LF) return 'invalid-target';
    i += 1;
  }
  return 'invalid-version';
}

/**
 * Reads requests as a server does (RFC 9112). Any token is a method and any bytes are a target; a request that two servers
 * could read in two ways is a failure.
 *
 * It is held behind a request with `Upgrade`: whoever accepts it takes the unread bytes, whoever does not calls
 * `declineUpgrade`. After CONNECT it is in a tunnel.
 */
export class RequestReader extends MessageReader {
  readonly #sink: RequestEvents;
  readonly #line: RequestLine;
  #section: FieldSection | undefined;

  constructor(sink: RequestEvents, limits: Partial<ReaderLimits> = {}) {
    const line = new RequestLine();
    super(sink, line, true, limits);
    this.#sink = sink;
    this.#line = line;
  }

  /** The method of the request line that was read last; empty before the first. */
  get method(): string {
    return this.#line.method;
  }

  /** Its target. */
  get target(): string {
    return this.#line.target;
  }

  /** Does the client let the connection carry another request behind this one (RFC 9112, section 9.3)? */
  get keepsAlive(): boolean {
    return this.#section !== undefined && keepsAlive(this.#line.minor, this.#section);
  }

  /** The last request, which asked for another protocol, is an ordinary one: reads on behind it. */
  declineUpgrade(): void {
    this.release();
  }

  protected get startText(): string {
    const { method, target, minor } = this.#line;
    return `${method} ${target} HTTP/1.${minor}\r\n`;
  }

  /** Empty lines before a request (RFC 9112, section 2.2). */
  protected skip(from: number, bytes: Buffer): number {
    let at = from;
    while (bytes[at] === CR || bytes[at] === LF) at += 1;
    return at;
  }

  protected begin(): undefined {
    return undefined;
  }

  protected frame(section: FieldSection): Framing {
    this.#section = section;
    return requestFraming(this.#line.method, this.#line.minor, section);
  }

  protected tell(section: FieldSection): void {
    const { method, target, minor } = this.#line;
    this.#sink.head(method, target, minor, section);
  }

  protected refusesTrailers(section: FieldSection): boolean {
    return section.hasLength || section.hasCoding;
  }

  protected holdsAfter(): boolean {
    return this.#section?.hasUpgrade === true;
  }

  protected isAwaited(): boolean {
    return false;
  }
}
