/** Reads `multipart/form-data` (RFC 7578). */
import { make, type PartInfo } from 'multipasta';
import { TextDecoder } from '../realm.js';
import type { Headers } from './headers.js';

/** One part of a `multipart/form-data` body: a field, or a file. */
export class Part {
  /** The field's name; parts may share one. */
  readonly name: string;
  /** As the client named the file; undefined where the part is no file. */
  readonly filename: string | undefined;
  /** Without parameters, in lower case; where the client sent none, `text/plain`, of files `application/octet-stream`. */
  readonly contentType: string;
  /** The part's own header fields; names in lower case. */
  readonly headers: Headers;
  readonly bytes: Buffer;
  readonly #charset: string;

  /** @internal */
  constructor(init: Pick<Part, 'name' | 'filename' | 'contentType' | 'headers' | 'bytes'> & { charset: string }) {
    this.name = init.name;
    this.filename = init.filename;
    this.contentType = init.contentType;
    this.headers = init.headers;
    this.bytes = init.bytes;
    this.#charset = init.charset;
  }

  /** The part as text, in the charset of its content type (default UTF-8). */
  text(): string {
    try {
      return new TextDecoder(this.#charset).decode(this.bytes);
    } catch {
      return new TextDecoder().decode(this.bytes);
    }
  }

  /**
   * The part as JSON.
   * @throws {SyntaxError} where it is none
   */
  json<T = unknown>(): T {
    return JSON.parse(this.text()) as T;
  }
}

/** The parts, or why there are none. */
export type MultipartReading = { readonly parts: readonly Part[] } | { readonly problem: string };

/** Whether a content type says that the body is a multipart form. */
export function isMultipart(contentType: string | undefined): boolean {
  return /^\s*multipart\/form-data\s*(?:;|$)/i.test(contentType ?? '');
}

/** The parts of a whole body with its content codings undone, in order. */
export function readMultipart(contentType: string | undefined, body: Buffer): MultipartReading {
  if (contentType === undefined) return { problem: 'it has no content type' };
  if (!isMultipart(contentType)) return { problem: `its content type is ${contentType}` };
  const parts: Part[] = [];
  let problem: string | undefined;
  let done = false;
  const parser = make({
    headers: { 'content-type': contentType },
    maxFieldSize: Number.POSITIVE_INFINITY,
    // Fields and files alike are taken as they come.
    isFile: () => true,
    onFile: (info) => {
      const chunks: Uint8Array[] = [];
      return (chunk) => {
        if (chunk !== null) {
          chunks.push(chunk);
          return;
        }
        const part = readPart(info, Buffer.concat(chunks));
        if (part === undefined) problem ??= 'a part has no name';
        else parts.push(part);
      };
    },
    onField: () => {},
    onError: (error) => {
      problem ??= PROBLEMS[error._tag];
    },
    onDone: () => {
      done = true;
    },
  });
  try {
    parser.write(body);
    parser.end();
  } catch (error) {
    problem ??= `it cannot be read (${String(error)})`;
  }
  if (problem === undefined && !done) problem = PROBLEMS.EndNotReached;
  return problem === undefined ? { parts } : { problem };
}

const PROBLEMS = {
  InvalidBoundary: 'its content type names no boundary',
  BadHeaders: 'a part has a malformed header field',
  InvalidDisposition: 'a part has no name',
  ReachedLimit: 'it is too long',
  EndNotReached: 'it ends before its last boundary',
} as const;

function readPart(info: PartInfo, bytes: Buffer): Part | undefined {
  const { headers: sent, contentTypeParameters } = info;
  const headers: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(sent)) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  const disposition = headers['content-disposition'] ?? '';
  const parameters = parametersOf(disposition);
  const name = parameters.get('name');
  if (!/^\s*form-data\s*;/i.test(disposition) || name === undefined) return undefined;
  const filename = extendedFilename(parameters.get('filename*')) ?? parameters.get('filename');
  // The parser tells files by what it reads of the disposition, which is Latin-1 at most.
  const implied = filename === undefined ? 'text/plain' : 'application/octet-stream';
  const contentType = headers['content-type'] === undefined ? implied : info.contentType;
  return new Part({ name, filename, contentType, headers, bytes, charset: contentTypeParameters.charset ?? 'utf-8' });
}

const PARAMETER = /;\s*([^\s=;"]+)=(?:"((?:\\"|[^"])*)"|([^\s;"]*))/g;

// Clients send names as they are, in UTF-8, with these three escaped (HTML, "multipart/form-data
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

// RFC 7578, section 4.2, forbids it in forms; some clients send it (RFC 5987) all the same.
function extendedFilename(value: string | undefined): string | undefined {
  const encoded = /^utf-8'[^']*'(.+)$/i.exec(value ?? '')?.[1];
  if (encoded === undefined) return undefined;
  try {
    return decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}
