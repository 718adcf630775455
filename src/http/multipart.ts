/** Reads multipart bodies (RFC 2046, section 5.1): forms (RFC 7578), related parts (RFC 2387) and the others. */
import { isUtf8 } from 'node:buffer';
import { withoutBlanks } from './blanks.js';
import { decodeText } from './charset.js';
import { charsetLabel, essenceOf, parameterOf } from './content-type.js';
import { decode, encodingNamed } from './encodings.js';
import type { Headers } from './headers.js';
import { parseJson } from './json-body.js';
import { isToken } from './token.js';

/** One part of a multipart body: of a form, a field or a file. */
export class Part {
  /**
   * The field's name; parts may share one. Where the body is no form, what `Content-Disposition` names it, else its
   * `Content-ID` without the angle brackets, else its place from `0` on.
   */
  readonly name: string;
  /** The file's name from the client; undefined where the part is no file. */
  readonly filename: string | undefined;
  /** Without parameters, in lower case; where the client sent none, `text/plain`, of files `application/octet-stream`. */
  readonly contentType: string;
  /** The part's own header fields; names in lower case. */
  readonly headers: Headers;
  /** Its content; where the body is no form, with its `Content-Transfer-Encoding` undone. */
  readonly bytes: Buffer;
  readonly #type: string;

  /** @internal */
  constructor(init: Pick<Part, 'name' | 'filename' | 'contentType' | 'headers' | 'bytes'> & { type: string }) {
    this.name = init.name;
    this.filename = init.filename;
    this.contentType = init.contentType;
    this.headers = init.headers;
    this.bytes = init.bytes;
    this.#type = init.type;
  }

  /** The part as text: in the charset of its content type, or of the form's field `_charset_`, else as a body's text. */
  text(): string {
    return decodeText(this.bytes, this.#type);
  }

  /**
   * The part as JSON; of NDJSON the list of its lines.
   * @throws {SyntaxError} where it is none
   */
  json<T = unknown>(): T {
    return parseJson(this.text(), this.#type) as T;
  }
}

/** The parts, or why there are none. */
export type MultipartParseResult = { readonly parts: readonly Part[] } | { readonly problem: string };

/** True if a content type says that the body has parts. */
export function isMultipart(contentType: string | undefined): boolean {
  return essenceOf(contentType).startsWith('multipart/');
}

/** The parts of a whole body with its content codings undone, in order. */
export function readMultipart(contentType: string | undefined, body: Buffer): MultipartParseResult {
  if (contentType === undefined) return { problem: 'it has no content type' };
  if (!isMultipart(contentType)) return { problem: `its content type is ${contentType}` };
  const boundary = parameterOf(contentType, 'boundary');
  if (boundary === undefined || boundary === '') return { problem: 'its content type names no boundary' };
  const pieces = split(body, boundary);
  if (pieces === undefined) return { problem: 'it ends before its last boundary' };
  const read: RawPart[] = [];
  for (const piece of pieces) {
    const part = readRawPart(piece);
    if (part === undefined) return { problem: 'a part has a malformed header field' };
    read.push(part);
  }
  const isForm = essenceOf(contentType) === 'multipart/form-data';
  const charset = isForm ? formCharset(read) : undefined;
  const parts: Part[] = [];
  for (const raw of read) {
    const part = isForm ? formPart(raw, charset) : otherPart(raw, parts.length);
    if (part === undefined) return { problem: 'a part has no name' };
    parts.push(part);
  }
  return { parts };
}

/**
 * The pieces between the boundaries. Lines end by CRLF; where the first boundary's does by a line feed alone, as some
 * clients send it, all do. Undefined where there is no last one.
 */
function split(body: Buffer, boundary: string): Buffer[] | undefined {
  const dashes = Buffer.from(`--${boundary}`, 'latin1');
  const pieces: Buffer[] = [];
  let start: number | undefined;
  let lineEnd = '';
  for (let at = body.indexOf(dashes); at !== -1; at = body.indexOf(dashes, at + 1)) {
    const after = body.toString('latin1', at + dashes.length, at + dashes.length + 256);
    const rest = /^(--)?[ \t]*(\r?\n|$)/.exec(after) ?? /^--/.exec(after);
    if (rest === null) continue;
    const [all, last, end = ''] = rest;
    const isLast = last !== undefined || all === '--';
    // Bytes before the first boundary have no meaning.
    if (at > 0 && body.toString('latin1', Math.max(0, at - (lineEnd.length || 1)), at) !== (lineEnd || '\n')) continue;
    if (start !== undefined) pieces.push(body.subarray(start, Math.max(start, at - lineEnd.length)));
    if (isLast) return pieces;
    if (end === '') return undefined;
    if (lineEnd === '') lineEnd = end;
    start = at + dashes.length + all.length;
  }
  return undefined;
}

interface RawPart {
  /** Names in lower case; the bytes of a value as characters. */
  readonly fields: ReadonlyMap<string, string>;
  readonly bytes: Buffer;
}

function readRawPart(piece: Buffer): RawPart | undefined {
  const { headEnd, start } = headOf(piece);
  const fields = new Map<string, string>();
  const lines = piece.toString('latin1', 0, headEnd).replace(/\r?\n[ \t]+/g, ' ');
  for (const line of lines.split(/\r?\n/)) {
    if (line === '') continue;
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0));
    if (!isToken(name)) return undefined;
    const key = name.toLowerCase();
    const value = withoutBlanks(line.slice(colon + 1));
    const before = fields.get(key);
    fields.set(key, before === undefined ? value : `${before}, ${value}`);
  }
  return { fields, bytes: piece.subarray(start) };
}

/** The end of the head and the start of the content. */
function headOf(piece: Buffer): { headEnd: number; start: number } {
  for (const empty of ['\r\n', '\n']) {
    if (piece.toString('latin1', 0, empty.length) === empty) return { headEnd: 0, start: empty.length };
  }
  const ends = ['\n\r\n', '\n\n'].map((empty) => ({ at: piece.indexOf(empty), length: empty.length }));
  const [first] = ends.filter(({ at }) => at !== -1).sort((a, b) => a.at - b.at);
  return first === undefined
    ? { headEnd: piece.length, start: piece.length }
    : { headEnd: first.at + 1, start: first.at + first.length };
}

/** The form's own word for its charset (RFC 7578, section 4.6). */
function formCharset(parts: readonly RawPart[]): string | undefined {
  const field = parts.find(({ fields }) => dispositionOf(fields, undefined).get('name') === '_charset_');
  return field === undefined ? undefined : encodingNamed(field.bytes.toString('latin1').trim());
}

function formPart({ fields, bytes }: RawPart, charset: string | undefined): Part | undefined {
  const parameters = dispositionOf(fields, charset);
  const name = parameters.get('name');
  if (!/^\s*form-data\s*;/i.test(fields.get('content-disposition') ?? '') || name === undefined) return undefined;
  return partOf(name, parameters, fields, bytes, charset);
}

function otherPart({ fields, bytes }: RawPart, place: number): Part {
  const parameters = dispositionOf(fields, undefined);
  const id = fields.get('content-id')?.replace(/^<(.*)>$/, '$1');
  return partOf(
    parameters.get('name') ?? id ?? String(place),
    parameters,
    fields,
    transferred(fields, bytes),
    undefined,
  );
}

function partOf(
  name: string,
  parameters: ReadonlyMap<string, string>,
  fields: ReadonlyMap<string, string>,
  bytes: Buffer,
  charset: string | undefined,
): Part {
  const headers: Record<string, string> = Object.create(null);
  for (const [key, value] of fields) headers[key] = sentText(value, charset);
  const filename = extendedFilename(parameters.get('filename*')) ?? parameters.get('filename');
  const implied = filename === undefined ? 'text/plain' : 'application/octet-stream';
  const sent = headers['content-type'] || implied;
  const contentType = essenceOf(sent);
  const isText = contentType.startsWith('text/') && charsetLabel(sent) === undefined;
  // A file need not be in the charset of the page that sends it.
  const isOwn = filename !== undefined && isUtf8(bytes);
  const type = isText && charset !== undefined && !isOwn ? `${sent}; charset=${charset}` : sent;
  return new Part({ name, filename, contentType, headers, bytes, type });
}

/** Bytes of a head as text: in the form's charset, else in UTF-8 or, where they are none, as browsers would read them. */
function sentText(binary: string, charset: string | undefined): string {
  const bytes = Buffer.from(binary, 'latin1');
  return decode(bytes, charset ?? (isUtf8(bytes) ? 'utf-8' : 'windows-1252'));
}

// RFC 2045, section 6. RFC 7578, section 4.7, forbids it in forms, and who reads them does not look at it.
function transferred(fields: ReadonlyMap<string, string>, bytes: Buffer): Buffer {
  switch (fields.get('content-transfer-encoding')?.trim().toLowerCase()) {
    case 'base64':
      return Buffer.from(bytes.toString('latin1'), 'base64');
    case 'quoted-printable': {
      const text = bytes.toString('latin1').replace(/(?<![ \t])[ \t]*=[ \t]*\r?\n/g, '');
      return Buffer.from(
        text.replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
        'latin1',
      );
    }
    default:
      return bytes;
  }
}

function dispositionOf(fields: ReadonlyMap<string, string>, charset: string | undefined): ReadonlyMap<string, string> {
  return parametersOf(sentText(fields.get('content-disposition') ?? '', charset));
}

const PARAMETER = /;\s*([^\s=;"]+)\s*=\s*(?:"((?:\\"|[^"])*)"|([^\s;"]*))/g;

// Clients send names as they are, in the page's charset, with these three escaped (HTML, "multipart/form-data
// encoding algorithm"); some escape a quote by a backslash. Read in order: a quoted value may look
// like parameters.
function parametersOf(disposition: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const [, name = '', quoted, token = ''] of disposition.matchAll(PARAMETER)) {
    const value = quoted?.replaceAll('\\"', '"') ?? token;
    const key = name.toLowerCase();
    if (!parameters.has(key))
      parameters.set(
        key,
        value.replace(/%(0A|0D|22)/gi, (code) => decodeURIComponent(code)),
      );
  }
  return parameters;
}

// RFC 7578, section 4.2, forbids it in forms; some clients send it (RFC 8187) all the same.
function extendedFilename(value: string | undefined): string | undefined {
  const [, label, encoded] = /^([^']*)'[^']*'(.+)$/.exec(value ?? '') ?? [];
  const encoding = encodingNamed(label);
  if (encoding === undefined || encoded === undefined || /%(?![0-9a-f]{2})/i.test(encoded)) return undefined;
  const binary = encoded.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  const bytes = Buffer.from(binary, 'latin1');
  return encoding === 'utf-8' && !isUtf8(bytes) ? undefined : decode(bytes, encoding);
}
