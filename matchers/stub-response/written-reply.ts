/** The forms in which a reply can be written, as types. */
import type { Request } from '../../src/journal/message.js';
import type { HeaderList } from '../message/header-list.js';
import type { ServerSentEvent } from './event-stream.js';
import type { FetchResponse } from './fetch-response.js';
import type { InformationalReply } from './informational.js';
import type { Passthrough } from './passthrough.js';
import type { REDIRECTS } from './redirect.js';
import type { Streamed } from './stream-body.js';

/** The parts of a reply beside its body. */
export interface ReplyHead {
  /** The status, from 200 to 599. Default 200; 302 with `redirect`. */
  status?: number | undefined;
  /** The reason phrase (HTTP/1 only). Default: the standard one of the status. */
  statusText?: string | undefined;
  /** Fields, by name or as a list of pairs. */
  headers?: HeaderList | undefined;
  /** Fields after the body, written as `headers` are. */
  trailers?: HeaderList | undefined;
  /** Milliseconds before the head is sent, when the request has come. Default 0. */
  delay?: number | undefined;
  /** Responses before the response: `[{ status: 103, headers: { link: '</app.css>; rel=preload' } }]`. */
  informational?: readonly InformationalReply[] | undefined;
}

/** The bodies that a reply may have. */
export interface ReplyBodies {
  /** Sent as JSON; `content-type: application/json` unless `headers` says otherwise. */
  json: unknown;
  /**
   * Sent as `content-type: text/plain; charset=utf-8` unless `headers` says otherwise; then in the charset that they name,
   * or that the text declares itself (`<meta charset>`), else in UTF-8.
   */
  text: string;
  /** Sent as it is, without a content type unless `headers` gives one. */
  body: string | Uint8Array | ArrayBuffer;
  /**
   * A path, relative to the working directory, or a `file:` URL, of a file that is there; what is in it is read each time
   * it is sent. With its length, `etag`, `last-modified`, `cache-control: no-cache` and a content type by its name, unless
   * `headers` says otherwise. With the status 200, ranges and conditions of the request hold (RFC 9110, sections 13, 14).
   */
  file: string | URL;
  /**
   * Chunks, sent as they come and no faster than the client takes them: a list, an (async) iterable, a `Readable`, a
   * `ReadableStream`, or a function of the request that returns one. What can be read once answers one request.
   */
  stream: Streamed<string | Uint8Array>;
  /**
   * Server-sent events, `content-type: text/event-stream`: a list, an (async) iterable, or a function of the request
   * that returns one. The connection stays open until they end; then an `EventSource` connects again.
   *
   * @example { sse: async function* () { yield 'hello'; yield { event: 'price', data: { eur: 42 }, delay: 100 }; } }
   */
  sse: Streamed<string | ServerSentEvent>;
  /** The target that the client is sent to: a URL, absolute or relative to the one it asked for. */
  redirect: string | URL;
}

/** An object with at most one of the keys. */
type AtMostOne<T, Key extends keyof T = keyof T> =
  | { readonly [K in Key]?: undefined }
  | { [K in Key]: { [One in K]: T[One] } & { readonly [Other in Exclude<Key, K>]?: undefined } }[Key];

/** A reply written as an object; at most one key of {@link ReplyBodies}. */
export type ReplyObject = ReplyHead &
  AtMostOne<ReplyBodies> &
  ({ redirect?: undefined } | { redirect: string | URL; status?: (typeof REDIRECTS)[number] | undefined });

/** One answer: a status, a text, an object, a `Response` of the Fetch standard, or `passthrough()`. */
export type ReplyValue = number | string | ReplyObject | FetchResponse | Passthrough;

/** Asked for each request, when its body has come. */
export type ReplyFunction = (request: Request) => ReplyValue | Promise<ReplyValue>;

/**
 * The answer of a stub: a status, a text, an object, a `Response`, `passthrough()`, a function of the request that
 * returns one of these, or a list of these that is gone through answer by answer; its last one repeats.
 *
 * @example
 * 503
 * { status: 402, headers: { 'retry-after': 5 }, json: { error: 'declined' } }
 * { file: 'test/fixtures/video.mp4', delay: 500 }
 * (request) => ({ json: { echo: request.json() } })
 * [503, { json: { ok: true } }]
 */
export type Reply = ReplyValue | ReplyFunction | readonly (ReplyValue | ReplyFunction)[];
