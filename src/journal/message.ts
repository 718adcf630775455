import { TestError } from '../errors.js';
import { contentCoding } from '../http/aws-chunked.js';
import { CapturedBody } from '../http/captured-body.js';
import { decodeText } from '../http/charset.js';
import { readForm } from '../http/form.js';
import { type Headers, headersObject, headerValue, NO_FIELDS, type RawHeaders } from '../http/headers.js';
import { parseJson } from '../http/json-body.js';
import { isMultipart, type Part, readMultipart } from '../http/multipart.js';
import { wireText } from '../net/wire-text.js';
import { printable } from '../runtime/printable.js';
import type { Intervention } from './intervention.js';
import { textWithoutSecrets } from './mask/body-secrets.js';
import { DEFAULT_SECRETS, type Secrets } from './mask/secrets.js';

/** The version of HTTP that a message was sent with. */
export type HttpVersion = '1.0' | '1.1' | '2.0';

/** The common part of requests and responses. */
abstract class Message<Json = unknown> {
  /** The fields as sent: names and values in turn, with their order, case and repetition. */
  readonly rawHeaders: RawHeaders;
  /** The version of HTTP that it was sent in. */
  readonly httpVersion: HttpVersion;
  /** @internal the bytes, as they pass by */
  readonly captured: CapturedBody;
  /** Trailer fields as sent: `[name, value, …]`; empty where there were none. */
  trailers = NO_FIELDS;
  #headers: Headers | undefined;

  /** @param body how much is kept of it at most, or where it is kept */
  constructor(rawHeaders: RawHeaders, httpVersion: HttpVersion, body: number | CapturedBody) {
    this.rawHeaders = rawHeaders;
    this.httpVersion = httpVersion;
    this.captured = typeof body === 'number' ? new CapturedBody(body) : body;
  }

  /** Names in lower case; repeated fields joined by `, ` (cookies by `; `, `set-cookie` by line feeds). */
  get headers(): Headers {
    this.#headers ??= headersObject(this.rawHeaders);
    return this.#headers;
  }

  /** The value of one field, whatever its case; undefined where it is absent. */
  header(name: string): string | undefined {
    return headerValue(this.rawHeaders, name);
  }

  /** The bytes as on the wire, as far as they have come; of a body beyond the capture limit its beginning. */
  get body(): Buffer {
    return this.captured.bytes;
  }

  /**
   * The body as text: content codings undone, in the charset of its byte order mark, its content type, or what it
   * declares itself (HTML, XML, CSS); else in UTF-8, and a `text/…` that is not valid UTF-8 in windows-1252, as browsers
   * read it.
   * @throws {TestError} `WAYLAY_BODY_INCOMPLETE` before it has arrived in full or beyond the capture limit
   */
  text(): string {
    return decodeText(this.bytes(), this.header('content-type'));
  }

  /** The body with its content codings undone, `aws-chunked` among them. Throws as {@link text} does. */
  bytes(): Buffer {
    return this.captured.decoded(contentCoding(this.rawHeaders), this);
  }

  /**
   * The body as JSON (RFC 8259); of NDJSON, JSON Lines and JSON sequences (RFC 7464), by their content type, the list of
   * what they hold.
   * @throws {TestError} `WAYLAY_BODY_UNREADABLE` where it is none; else as {@link text}
   * @example exchange.request.json<{ amount: number }>().amount
   */
  json<T = Json>(): T {
    const text = this.text();
    try {
      return parseJson(text, this.header('content-type')) as T;
    } catch (cause) {
      // More than is told: what is secret may begin in one part and end in the other.
      const shown = textWithoutSecrets(this.secrets, text.slice(0, 1000), this.header('content-type'));
      const start = shown.length > 80 ? `${shown.slice(0, 80)}…` : shown;
      throw new TestError(
        'WAYLAY_BODY_UNREADABLE',
        `The body of ${this} is not JSON: ${printable(JSON.stringify(start))}`,
        {
          cause,
        },
      );
    }
  }

  /**
   * The parts of a multipart body, in order: fields and files of a form (RFC 7578), or what `multipart/related`,
   * `multipart/mixed` and the like hold.
   * @throws {TestError} `WAYLAY_BODY_UNREADABLE` where it is none; else as {@link text}
   * @example exchange.request.multipart().find(({ name }) => name === 'photo')?.filename
   */
  multipart(): readonly Part[] {
    const result = readMultipart(this.header('content-type'), this.bytes());
    if ('parts' in result) return result.parts;
    throw new TestError('WAYLAY_BODY_UNREADABLE', `The body of ${this} is not a multipart form: ${result.problem}.`);
  }

  /** @internal What rules did to its exchange; undefined where none took part. */
  abstract readonly intervention: Intervention<Request, Response> | undefined;

  /** One line that names the message, for error messages. */
  abstract toString(): string;

  /** @internal what is not printed of it */
  abstract readonly secrets: Secrets;

  /**
   * The summary that runners and consoles print: heads and bodies hold secrets, and are long. For all of it there is the
   * HAR.
   */
  abstract toJSON(): object;

  [Symbol.for('nodejs.util.inspect.custom')](): object {
    return this.toJSON();
  }
}

/** A request, mostly as the client sent it, before any mutation; `Json` is what {@link json} gives, where that is known. */
export class Request<Json = unknown> extends Message<Json> {
  /** The method as sent: `GET`. */
  readonly method: string;
  /** Absolute: scheme, host, path and query as the client meant them. */
  readonly url: string;
  /** @internal what of the URL is not printed */
  secrets: Secrets = DEFAULT_SECRETS;
  /** @internal noted here, where its response finds it too */
  intervention: Intervention<Request, Response> | undefined;
  #parsed: URL | undefined;

  constructor(
    method: string,
    url: string,
    rawHeaders: RawHeaders,
    httpVersion: HttpVersion,
    body: number | CapturedBody,
  ) {
    super(rawHeaders, httpVersion, body);
    this.method = method;
    this.url = url;
  }

  /** The URL, parsed on first use. */
  get parsedUrl(): URL {
    this.#parsed ??= new URL(wireText(this.url));
    return this.#parsed;
  }

  /**
   * The body as an HTML form (`application/x-www-form-urlencoded`), in the charset that its field `_charset_` or its
   * content type names, else in UTF-8. Throws as {@link text} does.
   * @throws {TestError} `WAYLAY_BODY_UNREADABLE` where it is a multipart form
   */
  form(): URLSearchParams {
    if (isMultipart(this.header('content-type'))) {
      const message = `The body of ${this} is a multipart form. Read it with request.multipart().`;
      throw new TestError('WAYLAY_BODY_UNREADABLE', message);
    }
    return readForm(this.bytes(), this.header('content-type'));
  }

  override toString(): string {
    return printable(`${this.method} ${this.secrets.url(this.url)}`);
  }

  override toJSON(): object {
    return { method: this.method, url: this.secrets.url(this.url) };
  }
}

/** A response, mostly as the client received it, after any mutation. */
export class Response extends Message {
  /** The status code (RFC 9110, section 15). */
  readonly status: number;
  /** The reason phrase; empty in HTTP/2, which has none. */
  readonly statusText: string;
  readonly #request: Request;

  constructor(
    request: Request,
    status: number,
    statusText: string,
    rawHeaders: RawHeaders,
    httpVersion: HttpVersion,
    body: number | CapturedBody,
  ) {
    super(rawHeaders, httpVersion, body);
    this.#request = request;
    this.status = status;
    this.statusText = statusText;
  }

  /** @internal */
  get secrets(): Secrets {
    return this.#request.secrets;
  }

  /** @internal */
  override get intervention(): Intervention<Request, Response> | undefined {
    return this.#request.intervention;
  }

  override toString(): string {
    return `the ${this.status} response to ${this.#request}`;
  }

  override toJSON(): object {
    return { status: this.status, statusText: this.statusText };
  }
}
