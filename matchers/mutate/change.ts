/** The types that a test writes of what a mutation changes. */
import type { RequestFault, ResponseFault } from '../../src/faults.js';
import type { Exchange } from '../../src/journal/exchange.js';
import type { TlsChange } from './handshake-change.js';
import type { HeadersChange } from './header-change.js';
import type { ShapeChanges } from './shape-change.js';
import type { StreamChange } from './stream-change.js';

/** A new value, or a function of the old one, which may be asynchronous. */
export type ValueChange<Old, New = Old> = New | ((old: Old, exchange: Exchange) => New | Promise<New>);

/** A value that can be written as JSON; functions are asked for it. */
export type JsonInput = string | number | boolean | null | object;

/** The values that a body can be changed to, by key. */
export interface Bodies<Json = unknown> {
  /**
   * The body as JSON; of NDJSON the list of its lines. What a function leaves as it is stays as it was written, numbers
   * that JavaScript would round among it. Sent in the charset that the body was in.
   */
  json: JsonInput | ((old: Json, exchange: Exchange) => unknown);
  /**
   * The body as text: read as `request.text()` reads it, and sent in the same charset, or in the one that the new text or
   * its content type names. What that charset does not have becomes a character reference in HTML and XML; any other text
   * is then sent in UTF-8, and `content-type` says so.
   */
  text: ValueChange<string>;
  /**
   * The body's bytes, content codings undone; the new ones are in none, unless the same change sets the header
   * `content-encoding`.
   */
  body: BodyInput | ((old: Buffer, exchange: Exchange) => BodyInput | Promise<BodyInput>);
  /** Changes the body, as `body` does, while it passes by: for bodies that are long or never end. */
  stream: StreamChange;
}

/** A body: bytes, or text that is sent as UTF-8. */
export type BodyInput = string | Uint8Array;

/** The keys that change a body. */
export const BODY_KEYS = ['json', 'text', 'body', 'stream'] as const satisfies readonly (keyof Bodies)[];
export type BodyKey = (typeof BODY_KEYS)[number];

/** Any of the keys that change a body. */
export type AnyBodies = { readonly [Key in keyof Bodies]?: Bodies[Key] | undefined };

type AtMostOneOf<T> = {
  [K in keyof T]: { [One in K]?: T[One] | undefined } & { readonly [Other in Exclude<keyof T, K>]?: undefined };
}[keyof T];

/** The changes of a body: at most one of `json`, `text`, `body` and `stream`. */
export type BodyChanges<Json = unknown> = AtMostOneOf<Bodies<Json>>;

/** The changes of a request's head; a function gets the old value and the exchange. */
export interface RequestHeadChanges {
  /** The method. */
  method?: ValueChange<string> | undefined;
  /** Absolute; another authority sends the request there. */
  url?: ValueChange<string, string | URL> | undefined;
  /** Fields to set, null to delete; or a function of all fields. */
  headers?: HeadersChange | undefined;
}

/** The changes of a response's head and trailers; a function gets the old value and the exchange. */
export interface ResponseHeadChanges {
  /**
   * The status, from 200 to 599. In the place of the 101 of an accepted WebSocket it refuses it, with the body of the
   * same change.
   */
  status?: ValueChange<number> | undefined;
  /** The reason phrase, which HTTP/2 does not have. Default: the standard one where the status changes. */
  statusText?: ValueChange<string> | undefined;
  /** Fields to set, null to delete; or a function of all fields. */
  headers?: HeadersChange | undefined;
  /** Trailer fields, as `headers`. They are asked for when the body has come. */
  trailers?: HeadersChange | undefined;
}

/** The changes of a request before it is forwarded, and the shape in which it travels. */
export type RequestChanges<Json = unknown> = RequestHeadChanges & BodyChanges<Json> & ShapeChanges<RequestFault>;

/** The changes of a response before the client gets it, and the shape in which it travels. */
export type ResponseChanges<Json = unknown> = ResponseHeadChanges & BodyChanges<Json> & ShapeChanges<ResponseFault>;

/** The changes of an exchange. */
export interface MessageChange<Json = unknown> {
  /** The changes of the request. */
  request?: RequestChanges<Json> | undefined;
  /** The changes of the response. */
  response?: ResponseChanges<Json> | undefined;
  /** A handshake comes before any request: it is changed by a mutation of its own. */
  tls?: undefined;
}

// No keys that the other form is told not to have: TypeScript would then say of a wrong one in `response` that it has to
// be undefined, and not what is wrong with it.
/**
 * The changes of a mutation: requests and responses, or the TLS handshakes before them.
 *
 * @example
 * { request: { headers: { authorization: null } }, response: { json: (cart: Cart) => ({ ...cart, currency: 'EUR' }) } }
 * { response: { delay: 300, jitter: 100, bandwidth: 50_000 } }
 * { response: { fault: 'truncate', after: 1000 } }
 * { tls: { leaf: 'expired' } }
 */
export type Change<Json = unknown> = MessageChange<Json> | { tls: TlsChange };

/**
 * Decides by the exchange what is changed; undefined changes nothing, and is no hit. It is asked
 * once, when the request's body has come, and may be asynchronous.
 *
 * @example
 * ({ request }) => (request.json<Order>().amount > 100 ? { response: { status: 402 } } : undefined)
 */
export type ChangeFunction<Json = unknown> = (
  exchange: Exchange,
) => MessageChange<Json> | undefined | Promise<MessageChange<Json> | undefined>;
