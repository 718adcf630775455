/**
 * HTTP Archive 1.2 (http://www.softwareishard.com/blog/har-12-spec/), the part of it that Waylay
 * writes. Names with an underscore are custom fields, which the specification allows; those that
 * Chrome DevTools or Playwright write too have the name and meaning they have there.
 */
import type { ResourceType } from '../initiator.js';
import type { ExchangeRule } from '../intervention.js';

/** A HAR file: `JSON.stringify` it. */
export interface Har {
  /** All of it. */
  readonly log: HarLog;
}

/** The traffic, and who wrote it. */
export interface HarLog {
  /** The version of the format. */
  readonly version: '1.2';
  /** Waylay, and its version. */
  readonly creator: { readonly name: string; readonly version: string };
  /** The groups of the entries; absent where nothing groups them. */
  readonly pages?: readonly HarPage[] | undefined;
  /** The exchanges, in order of arrival. */
  readonly entries: readonly HarEntry[];
}

/** A group of entries: a page, a test, a step. */
export interface HarPage {
  /** ISO 8601 with milliseconds. */
  readonly startedDateTime: string;
  /** Unique; entries name it in `pageref`. */
  readonly id: string;
  /** Its title. */
  readonly title: string;
  /** Milliseconds since `startedDateTime`; -1 where it does not apply. */
  readonly pageTimings: { readonly onContentLoad?: number | undefined; readonly onLoad?: number | undefined };
}

/** One exchange. */
export interface HarEntry {
  /** The `id` of its page; absent where it has none. */
  readonly pageref?: string | undefined;
  /** ISO 8601 with milliseconds. */
  readonly startedDateTime: string;
  /** Milliseconds: the sum of the timings that are not -1, `ssl` being part of `connect`. */
  readonly time: number;
  /** The request as the client sent it. */
  readonly request: HarRequest;
  /** The response as the client received it. */
  readonly response: HarResponse;
  /** Always empty: Waylay caches nothing. */
  readonly cache: Record<string, never>;
  /** The parts of its time. */
  readonly timings: HarTimings;
  /** The address of the upstream server, or of the proxy on the way to it; absent where there was no connection. */
  readonly serverIPAddress?: string | undefined;
  /** The port of the client's end of its connection: equal for exchanges on one connection. */
  readonly connection?: string | undefined;
  /** Further facts about it. */
  readonly comment?: string | undefined;
  /** The exchange's `id`. */
  readonly _id: number;
  /** The exchange's `source`. */
  readonly _source: string;
  /** The exchange's `mutated`. */
  readonly _mutated: boolean;
  /** The exchange's `rules`; absent where there are none. */
  readonly _rules?: readonly ExchangeRule[] | undefined;
  /** The exchange's `forwardedRequest`, where it has one. Its body is left out where it is that of `request`. */
  readonly _forwardedRequest?: HarRequest | undefined;
  /** The exchange's `originalResponse`, where it has one. Its body is left out where it is that of `response`. */
  readonly _originalResponse?: HarResponse | undefined;
  /** The browser sent it by itself, such as for updates, and no rule and no expectation is about it. */
  readonly _background?: true | undefined;
  /** Playwright's words, such as `document` and `fetch`. */
  readonly _resourceType?: ResourceType | undefined;
  /** The sender of the request, where anything of it is known. */
  readonly _initiator?: HarInitiator | undefined;
  /** The messages of a WebSocket, as Chrome DevTools writes them. */
  readonly _webSocketMessages?: readonly HarWebSocketMessage[] | undefined;
  /** The port that belongs to `serverIPAddress`. */
  readonly _serverPort?: number | undefined;
  /** `host:port` of the proxy that the server was reached through: address and port are the proxy's. */
  readonly _proxy?: string | undefined;
  /** The TLS session with the upstream server; absent where there was none. */
  readonly _securityDetails?: HarSecurityDetails | undefined;
}

/** The sender of a request, as far as it is known. DevTools reads `type` and `url`. */
export interface HarInitiator {
  /** Always `other`, of the words of DevTools. */
  readonly type: 'other';
  /** The page's URL, which DevTools shows. */
  readonly url: string | undefined;
  /** The name of the client that sent it. */
  readonly client: string | undefined;
  /** The URL of the page. */
  readonly pageURL: string | undefined;
  /** The URL of the frame. */
  readonly frameURL: string | undefined;
  /** The step of the test. */
  readonly step: string | undefined;
}

/** A message that one side sent through a WebSocket. */
export interface HarWebSocketMessage {
  /** `send` by the client, `receive` by it. */
  readonly type: 'send' | 'receive';
  /** Seconds since the Unix epoch. */
  readonly time: number;
  /** RFC 6455, section 5.2: 1 is text, 2 is binary, 8 to 10 are close, ping and pong. */
  readonly opcode: number;
  /** Text where the opcode is 1, else base64. */
  readonly data: string;
  /** Bytes of the message where `data` is only its beginning. */
  readonly _size?: number | undefined;
}

/** The TLS session with the upstream server. */
export interface HarSecurityDetails {
  /** `TLS 1.3` and the like. */
  readonly protocol: string;
  /** The name of the certificate's subject. */
  readonly subjectName?: string | undefined;
  /** The name of who issued the certificate. */
  readonly issuer?: string | undefined;
  /** Seconds since the Unix epoch. */
  readonly validFrom?: number | undefined;
  /** Seconds since the Unix epoch. */
  readonly validTo?: number | undefined;
  /** The names that the certificate is for, as Node prints them. */
  readonly subjectAltName?: string | undefined;
  /** The reason why the certificate does not verify. */
  readonly defect?: string | undefined;
}

/** A request. */
export interface HarRequest {
  /** The method as sent: `GET`. */
  readonly method: string;
  /** Absolute, without fragment. */
  readonly url: string;
  /** `HTTP/1.1`, `HTTP/2.0`. */
  readonly httpVersion: string;
  /** The cookies of the field `cookie`. */
  readonly cookies: readonly HarCookie[];
  /** The fields in their order, repeated ones one by one. */
  readonly headers: readonly HarField[];
  /** The parameters of the query. */
  readonly queryString: readonly HarField[];
  /** The body; absent where there is none. */
  readonly postData?: HarPostData | undefined;
  /** Bytes of the head; -1 where unknown, as in HTTP/2, where heads are compressed. */
  readonly headersSize: number;
  /** Bytes of the body as sent; -1 while unknown. */
  readonly bodySize: number;
  /** Says so where the body is left out. */
  readonly comment?: string | undefined;
  /** The trailer fields; absent where there are none. */
  readonly _trailers?: readonly HarField[] | undefined;
  /** The body is that of the entry's `request`, and left out here. */
  readonly _sameBody?: true | undefined;
}

/** A response, or that none came. */
export interface HarResponse {
  /**
   * 0 where no response came, as Chrome has it. Playwright's replay answers such an entry with an
   * empty 200: leave failed exchanges out of an archive that is made for replay.
   */
  readonly status: number;
  /** The reason phrase; empty in HTTP/2, which has none. */
  readonly statusText: string;
  /** `HTTP/1.1`, `HTTP/2.0`. */
  readonly httpVersion: string;
  /** The cookies of the fields `set-cookie`. */
  readonly cookies: readonly HarCookie[];
  /** The fields in their order, repeated ones one by one. */
  readonly headers: readonly HarField[];
  /** The body. */
  readonly content: HarContent;
  /** The field `location`, as it is; empty where there is none. */
  readonly redirectURL: string;
  /** Bytes of the head; -1 where unknown, as in HTTP/2, where heads are compressed. */
  readonly headersSize: number;
  /** Bytes of the body as sent; -1 while unknown. */
  readonly bodySize: number;
  /** Bytes of head and body, as far as they are known; -1 where no response came. */
  readonly _transferSize: number;
  /** The error's code and sentence, as Playwright names it. */
  readonly _failureText?: string | undefined;
  /** The same, as Chrome DevTools names it. */
  readonly _error?: string | undefined;
  /** The trailer fields; absent where there are none. */
  readonly _trailers?: readonly HarField[] | undefined;
  /** The body is that of the entry's `response`, and left out here. */
  readonly _sameBody?: true | undefined;
}

/** A header field, a query parameter or a form field. */
export interface HarField {
  /** The name as sent. */
  readonly name: string;
  /** The value as sent. */
  readonly value: string;
}

/** A cookie, as `cookie` or `set-cookie` has it. */
export interface HarCookie {
  /** Its name. */
  readonly name: string;
  /** Its value, as sent. */
  readonly value: string;
  /** The attribute `Path` (RFC 6265, section 5.2). */
  readonly path?: string | undefined;
  /** The attribute `Domain`. */
  readonly domain?: string | undefined;
  /** ISO 8601 with milliseconds. */
  readonly expires?: string | undefined;
  /** The attribute `HttpOnly`. */
  readonly httpOnly?: boolean | undefined;
  /** The attribute `Secure`. */
  readonly secure?: boolean | undefined;
  /** Not in the specification, but Chrome DevTools and Playwright write it. */
  readonly sameSite?: string | undefined;
}

/** A request's body. */
export interface HarPostData {
  /** `x-unknown` where the request does not say. */
  readonly mimeType: string;
  /** The fields of an HTML form; else empty. */
  readonly params: readonly HarField[];
  /** The body, as text or as `encoding` says. */
  readonly text: string;
  /** Not in the specification, but Playwright's replay reads it as it does in `content`. */
  readonly encoding?: 'base64' | undefined;
  /** Says so where the body is not here in full. */
  readonly comment?: string | undefined;
}

/** A response's body. */
export interface HarContent {
  /** Bytes of the body with its content codings undone, or as sent where that is impossible. */
  readonly size: number;
  /** Bytes that the content coding saved; absent where there is none or it was not undone. */
  readonly compression?: number | undefined;
  /** `x-unknown` where the response does not say. */
  readonly mimeType: string;
  /** The body, as text or as `encoding` says; absent where it was not kept. */
  readonly text?: string | undefined;
  /** The text is base64; absent where it is the text itself. */
  readonly encoding?: 'base64' | undefined;
  /** Says so where the body is not here in full, or its content coding could not be undone. */
  readonly comment?: string | undefined;
}

/** Milliseconds; -1 for what does not apply to the exchange. */
export interface HarTimings {
  /** The time until the upstream connection was begun. */
  readonly blocked: number;
  /** Always -1: name resolution is part of `connect`. */
  readonly dns: -1;
  /** Name resolution, TCP and TLS. */
  readonly connect: number;
  /** The TLS handshake with the upstream server, a part of `connect`. */
  readonly ssl: number;
  /** Passing the request on. */
  readonly send: number;
  /** The time until the response's head came. */
  readonly wait: number;
  /** The time until its last byte was handed on. */
  readonly receive: number;
}

/** A date as HAR writes it; undefined for what is no date or beyond what a date can be. */
export function isoDate(milliseconds: number): string | undefined {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
