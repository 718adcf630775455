/** The forms in which a pattern can be written, as types. */

import type { Part } from '../../src/http/multipart.js';
import type { Request } from '../../src/journal/message.js';
import type { AsymmetricMatcher } from '../values/format.js';
import type { UrlPatternLike } from '../values/url-pattern.js';
import type { Exactly } from '../values/value.js';
import type { GraphqlOperation } from './graphql-operation.js';

/** The result of `JSON.parse`: anything, until it is looked at. */
export type ParsedJson = ReturnType<typeof JSON.parse>;

/** The pattern of one value: the value itself, a RegExp, a predicate, or `expect.stringContaining(…)` and the like. */
export type ValuePattern<T> = T | RegExp | ((value: T) => boolean) | AsymmetricMatcher;

/** Expected values by name, as a subset: a list stands for all values of a repeated name, null for "absent". */
export type NamedPatterns = Readonly<Record<string, ValuePattern<string> | readonly ValuePattern<string>[] | null>>;

/** Parameters or fields as a predicate gets them: repeated names give arrays. */
export type NamedTexts = Record<string, string | string[]>;

/** {@link NamedPatterns}, exactly these, or one question over all. */
export type WholePattern<Patterns extends object, Whole> =
  | Patterns
  | Exactly<Patterns>
  | ((whole: Whole) => boolean)
  | AsymmetricMatcher;

/** The expected properties of one part of a multipart form; all that are given must match. */
export interface PartPattern {
  /** null: a field and no file. */
  filename?: ValuePattern<string> | null | undefined;
  /** Without parameters. */
  contentType?: ValuePattern<string> | undefined;
  /** The body, read in its charset. */
  text?: ValuePattern<string> | undefined;
  /** The body as JSON, as a subset. */
  json?: JsonPattern | undefined;
  /** The bytes: exactly these, or a question about them. */
  body?: Uint8Array | ((body: Buffer) => boolean) | AsymmetricMatcher | undefined;
  /** Bytes. */
  size?: number | ((size: number) => boolean) | AsymmetricMatcher | undefined;
}

/** Expected parts by name, as a subset: a part's text, or a {@link PartPattern}. */
export type MultipartPattern = Readonly<
  Record<
    string,
    ValuePattern<string> | Readonly<PartPattern> | readonly (ValuePattern<string> | Readonly<PartPattern>)[] | null
  >
>;

/** The expected properties of a GraphQL operation; all that are given must match. */
export interface GraphqlPattern {
  /** null: an anonymous operation. */
  operationName?: ValuePattern<string> | null | undefined;
  /** The type of the operation (GraphQL, section 2.3). */
  operationType?:
    | 'query'
    | 'mutation'
    | 'subscription'
    | RegExp
    | ((type: string) => boolean)
    | AsymmetricMatcher
    | undefined;
  /** The variables as in `json`: a subset. */
  variables?: JsonPattern | undefined;
  /** A text stands for the same document, however it is set; a RegExp finds something in it. */
  query?: ValuePattern<string> | undefined;
}

/** The scheme or the version of HTTP, by its ALPN name (RFC 7301). */
export type Protocol = 'http' | 'https' | 'ws' | 'wss' | 'http/1.0' | 'http/1.1' | 'h2';

/** Expected JSON, as a subset; RegExps, predicates and asymmetric matchers anywhere inside. */
export type JsonPattern =
  | ((value: ParsedJson) => boolean)
  | { readonly [key: string]: JsonPattern }
  | readonly JsonPattern[]
  | string
  | number
  | boolean
  | null
  | object;

/** A pattern written as an object: every key given must match. */
export interface RequestPattern {
  /** Upper-case; of a list one must match. */
  method?: ValuePattern<string> | readonly string[] | undefined;
  /**
   * A glob with Playwright's rules over the whole URL, a RegExp, a `URLPattern`, or a predicate over the `URL`. Beside the
   * key `query`, a glob without `?` says nothing of the query.
   */
  url?: string | RegExp | UrlPatternLike | ((url: URL) => boolean) | AsymmetricMatcher | undefined;
  /** Without the port; `*` stands for any characters. */
  host?: ValuePattern<string> | readonly string[] | undefined;
  /** Also where the URL leaves it out. */
  port?: number | readonly number[] | ((port: number) => boolean) | AsymmetricMatcher | undefined;
  /** A glob over the path, without the query. */
  path?: ValuePattern<string> | undefined;
  /** Parameters of the URL, as a subset. */
  query?: WholePattern<NamedPatterns, NamedTexts> | undefined;
  /** Names in any case. */
  headers?: WholePattern<NamedPatterns, Record<string, string>> | undefined;
  /** Cookies by name, as a subset. */
  cookies?: WholePattern<NamedPatterns, NamedTexts> | undefined;
  /** A predicate is asked for both: `(scheme, version) => boolean`. A WebSocket is `wss` and `https`. */
  protocol?:
    | Protocol
    | readonly Protocol[]
    | RegExp
    | ((scheme: string, version: string) => boolean)
    | AsymmetricMatcher
    | undefined;
  /** The server name in the client's TLS handshake, as `host`; null where it sent none. */
  sni?:
    | string
    | readonly (string | null)[]
    | RegExp
    | ((name: string | null) => boolean)
    | AsymmetricMatcher
    | null
    | undefined;
  /** The request opens a WebSocket. */
  websocket?: boolean | undefined;
  /** Objects match as subsets, arrays element by element. */
  json?: JsonPattern | undefined;
  /** The name of a GraphQL operation, or an object; of a batch any operation may match. */
  graphql?:
    | string
    | RegExp
    | GraphqlPattern
    | ((operation: GraphqlOperation) => boolean)
    | AsymmetricMatcher
    | undefined;
  /** Fields of a body of type `application/x-www-form-urlencoded`, or of none. */
  form?: WholePattern<NamedPatterns, NamedTexts> | undefined;
  /**
   * Fields and files of a body of type `multipart/form-data` (RFC 7578); parts of any other multipart by the name of
   * their `Content-Disposition`, by their `Content-ID`, else by their place from `0` on.
   */
  multipart?: WholePattern<MultipartPattern, readonly Part[]> | undefined;
  /** The whole body as text, or a RegExp that finds something in it. */
  text?: ValuePattern<string> | undefined;
  /** The body's bytes, content codings undone. */
  body?: Uint8Array | ((body: Buffer) => boolean) | AsymmetricMatcher | undefined;
}

/** A function of the request. It answers at once; one that reads a body is asked when the body has come. */
export type RequestPredicate = (request: Request) => boolean;

/**
 * A selection of requests, as the client sent them: a glob with or without a method, a RegExp over the URL, a
 * `URLPattern`, a predicate, or an object.
 *
 * @example
 * 'POST https://api.pay.test/v1/charges'
 * /\/v1\/charges\/\d+$/
 * new URLPattern('https://*.pay.test/v1/:resource')
 * (request) => request.header('x-trace') !== undefined
 * { method: 'POST', host: '*.pay.test', json: { amount: 4200 } }
 */
export type Pattern = string | RegExp | UrlPatternLike | RequestPredicate | RequestPattern;
