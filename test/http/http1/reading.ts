import type { ReadFailure } from '../../../src/http/http1/failure.js';
import type { FieldSection } from '../../../src/http/http1/field-section.js';
import type { MessageReader } from '../../../src/http/http1/message-reader.js';
import type { ReaderLimits } from '../../../src/http/http1/reader-limits.js';
import { RequestReader } from '../../../src/http/http1/request-reader.js';
import { ResponseReader } from '../../../src/http/http1/response-reader.js';
import type { StatusLine } from '../../../src/http/http1/start-line.js';

/** The end by the sender; by default there is none. */
export type Ending = 'fin' | 'rst' | undefined;

/** A reading's settings. */
export interface Setting {
  readonly ending?: Ending;
  readonly limits?: Partial<ReaderLimits>;
  /** Without it, `coded` is not listened to. */
  readonly coded?: boolean;
}

/** The bytes of a text, a character each. */
export function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

/** The bytes in pieces of a size. */
export function pieces(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

/**
 * A reading's result, as lines. Pieces of a body that follow one another are one, since how they are cut is the
 * network's affair.
 */
export class Events {
  readonly #lines: string[] = [];
  #body: Buffer[] = [];
  #coded: Buffer[] = [];

  get lines(): readonly string[] {
    this.#flush();
    return this.#lines;
  }

  head(head: string, section: FieldSection, reader: MessageReader): void {
    this.#flush();
    const { kind, length } = reader.framing;
    this.#lines.push(`${head} ${fieldsText(section.fields)} ${kind === 'length' ? length : kind}`);
  }

  interim(line: StatusLine, section: FieldSection): void {
    this.#flush();
    this.#lines.push(`${line.status} ${quoted(line.reason)} ${fieldsText(section.fields)}`);
  }

  data(bytes: Buffer): void {
    this.#body.push(bytes);
  }

  coded(bytes: Buffer): void {
    this.#coded.push(bytes);
  }

  end(trailers: readonly string[]): void {
    this.#flush();
    this.#lines.push(trailers.length === 0 ? 'end' : `end ${fieldsText(trailers)}`);
  }

  fail({ reason, offset }: ReadFailure): void {
    this.#flush();
    this.#lines.push(`${reason} at ${offset}`);
  }

  #flush(): void {
    if (this.#body.length > 0) this.#lines.push(quoted(Buffer.concat(this.#body).toString('latin1')));
    if (this.#coded.length > 0) this.#lines.push(`coded ${quoted(Buffer.concat(this.#coded).toString('latin1'))}`);
    this.#body = [];
    this.#coded = [];
  }
}

/** `{A: 1, B: 2}`, long ones cut short. */
export function fieldsText(fields: readonly string[]): string {
  const pairs: string[] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) pairs.push(`${fields[i]}: ${fields[i + 1]}`);
  return `{${printable(short(pairs.join(', ')))}}`;
}

function quoted(text: string): string {
  return `"${printable(short(text))}"`;
}

function short(text: string): string {
  return text.length > 200 ? `${text.slice(0, 20)}… ${text.length} in all` : text;
}

function printable(text: string): string {
  return text
    .replace(/\r/g, '\\r')
    .replace(/\n/g, '\\n')
    .replace(/[^\x20-\x7e…]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** Reads responses to requests with these methods, one after the other. */
export function readResponses(
  parts: readonly Buffer[],
  methods: readonly string[] = ['GET'],
  { ending, limits, coded }: Setting = {},
): string[] {
  const events = new Events();
  const left = [...methods];
  const reader: ResponseReader = new ResponseReader(
    {
      informational: (line, section) => events.interim(line, section),
      head: (line, section) =>
        events.head(`${line.minor === 0 ? '1.0 ' : ''}${line.status} ${quoted(line.reason)}`, section, reader),
      data: (bytes) => events.data(bytes),
      ...(coded === true ? { coded: (bytes: Buffer) => events.coded(bytes) } : {}),
      end: (trailers) => events.end(trailers),
      fail: (failure) => events.fail(failure),
    },
    () => left.shift(),
    limits,
  );
  return read(reader, events, parts, ending);
}

/** Reads requests. */
export function readRequests(parts: readonly Buffer[], { ending, limits, coded }: Setting = {}): string[] {
  const events = new Events();
  const reader: RequestReader = new RequestReader(
    {
      head: (method, target, minor, section) =>
        events.head(`${minor === 0 ? '1.0 ' : ''}${method} ${quoted(target)}`, section, reader),
      data: (bytes) => events.data(bytes),
      ...(coded === true ? { coded: (bytes: Buffer) => events.coded(bytes) } : {}),
      end: (trailers) => events.end(trailers),
      fail: (failure) => events.fail(failure),
    },
    limits,
  );
  return read(reader, events, parts, ending);
}

function read(reader: MessageReader, events: Events, parts: readonly Buffer[], ending: Ending): string[] {
  for (const part of parts) reader.push(part);
  if (ending === 'fin') reader.end();
  if (ending === 'rst') reader.reset();
  const { state } = reader;
  const unread = reader.takeUnread();
  const rest = unread.length === 0 ? [] : [`unread ${quoted(unread.toString('latin1'))}`];
  return [...events.lines, ...rest, ...(state === 'between' || state === 'failed' ? [] : [`(${state})`])];
}
