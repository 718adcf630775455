/**
 * HTTP Archive 1.2 (http://www.softwareishard.com/blog/har-12-spec/), the part of it that Waylay
 * writes. Names with an underscore are custom fields, which the specification allows; those that
 * Chrome DevTools or Playwright write too have the name and meaning they have there.
 */
import type { ResourceType } from './initiator.js';
import type { ExchangeRule } from './intervention.js';

/** A HAR file: `JSON.stringify` it. */
export interface Har {
  readonly log: HarLog;
}

export interface HarLog {
  readonly version: '1.2';
  readonly creator: { readonly name: string; readonly version: string };
  readonly pages?: readonly HarPage[];
  readonly entries: readonly HarEntry[];
}

/** What entries are grouped under: a page, a test, a step. */
export interface HarPage {
  /** ISO 8601 with milliseconds. */
  readonly startedDateTime: string;
  /** Unique; entries name it in `pageref`. */
  readonly id: string;
  readonly title: string;
  /** Milliseconds since `startedDateTime`; -1 where it does not apply. */
  readonly pageTimings: { readonly onContentLoad?: number; readonly onLoad?: number };
}

export interface HarEntry {
  readonly pageref?: string;
  /** ISO 8601 with milliseconds. */
  readonly startedDateTime: string;
  /** Milliseconds: the sum of the timings that are not -1, `ssl` being part of `connect`. */
  readonly time: number;
  readonly request: HarRequest;
  readonly response: HarResponse;
  readonly cache: Record<string, never>;
  readonly timings: HarTimings;
  readonly serverIPAddress?: string;
  /** The port of the client's end of its connection: equal for exchanges on one connection. */
  readonly connection?: string;
  readonly comment?: string;
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
  readonly _initiator?: HarInitiator | undefined;
  /** Of a WebSocket, as Chrome DevTools writes it. */
  readonly _webSocketMessages?: readonly HarWebSocketMessage[];
  readonly _serverPort?: number;
  /** `host:port` of the proxy that the server was reached through: address and port are the proxy's. */
  readonly _proxy?: string;
  readonly _securityDetails?: HarSecurityDetails;
}

/** Who sent the request, as far as it is known. DevTools reads `type` and `url`. */
export interface HarInitiator {
  readonly type: 'other';
  readonly url: string | undefined;
  readonly client: string | undefined;
  readonly pageURL: string | undefined;
  readonly frameURL: string | undefined;
  readonly step: string | undefined;
}

/** What one side sent through a WebSocket. */
export interface HarWebSocketMessage {
  readonly type: 'send' | 'receive';
  /** Seconds since the Unix epoch. */
  readonly time: number;
  /** RFC 6455, section 5.2: 1 is text, 2 is binary, 8 to 10 are close, ping and pong. */
  readonly opcode: number;
  /** Text where the opcode is 1, else base64. */
  readonly data: string;
  /** Bytes of the message where `data` is only its beginning. */
  readonly _size?: number;
}

/** The TLS session with the upstream server. */
export interface HarSecurityDetails {
  /** `TLS 1.3` and the like. */
  readonly protocol: string;
  readonly subjectName?: string;
  readonly issuer?: string;
  /** Seconds since the Unix epoch. */
  readonly validFrom?: number;
  /** Seconds since the Unix epoch. */
  readonly validTo?: number;
  readonly subjectAltName?: string;
  /** Why the certificate does not verify. */
  readonly defect?: string;
}

export interface HarRequest {
  readonly method: string;
  /** Absolute, without fragment. */
  readonly url: string;
  readonly httpVersion: string;
  readonly cookies: readonly HarCookie[];
  readonly headers: readonly HarField[];
  readonly queryString: readonly HarField[];
  readonly postData?: HarPostData;
  /** Bytes of the head; -1 where unknown, as in HTTP/2, where heads are compressed. */
  readonly headersSize: number;
  /** Bytes of the body as sent; -1 while unknown. */
  readonly bodySize: number;
  readonly comment?: string;
  readonly _trailers?: readonly HarField[];
  /** The body is that of the entry's `request`, and left out here. */
  readonly _sameBody?: true;
}

export interface HarResponse {
  /**
   * 0 where no response came, as Chrome has it. Playwright's replay answers such an entry with an
   * empty 200: leave failed exchanges out of an archive that is made for replay.
   */
  readonly status: number;
  readonly statusText: string;
  readonly httpVersion: string;
  readonly cookies: readonly HarCookie[];
  readonly headers: readonly HarField[];
  readonly content: HarContent;
  readonly redirectURL: string;
  /** Bytes of the head; -1 where unknown, as in HTTP/2, where heads are compressed. */
  readonly headersSize: number;
  /** Bytes of the body as sent; -1 while unknown. */
  readonly bodySize: number;
  /** Bytes of head and body, as far as they are known; -1 where no response came. */
  readonly _transferSize: number;
  /** The error's code and sentence, as Playwright names it. */
  readonly _failureText?: string;
  /** The same, as Chrome DevTools names it. */
  readonly _error?: string;
  readonly _trailers?: readonly HarField[];
  /** The body is that of the entry's `response`, and left out here. */
  readonly _sameBody?: true;
}

/** A header field, a query parameter or a form field. */
export interface HarField {
  readonly name: string;
  readonly value: string;
}

export interface HarCookie {
  readonly name: string;
  readonly value: string;
  readonly path?: string;
  readonly domain?: string;
  /** ISO 8601 with milliseconds. */
  readonly expires?: string;
  readonly httpOnly?: boolean;
  readonly secure?: boolean;
  /** Not in the specification, but Chrome DevTools and Playwright write it. */
  readonly sameSite?: string;
}

export interface HarPostData {
  readonly mimeType: string;
  /** The fields of an HTML form; else empty. */
  readonly params: readonly HarField[];
  readonly text: string;
  /** Not in the specification, but Playwright's replay reads it as it does in `content`. */
  readonly encoding?: 'base64';
  readonly comment?: string;
}

export interface HarContent {
  /** Bytes of the body with its content codings undone, or as sent where that is impossible. */
  readonly size: number;
  /** Bytes that the content coding saved; absent where there is none or it was not undone. */
  readonly compression?: number;
  /** `x-unknown` where the response does not say. */
  readonly mimeType: string;
  readonly text?: string;
  readonly encoding?: 'base64';
  /** Says so where the body is not here in full, or its content coding could not be undone. */
  readonly comment?: string;
}

/** Milliseconds; -1 for what does not apply to the exchange. */
export interface HarTimings {
  /** Until the upstream connection was begun. */
  readonly blocked: number;
  /** Always -1: name resolution is part of `connect`. */
  readonly dns: -1;
  /** Name resolution, TCP and TLS. */
  readonly connect: number;
  readonly ssl: number;
  readonly send: number;
  readonly wait: number;
  readonly receive: number;
}

/** A date as HAR writes it; undefined for what is no date or beyond what a date can be. */
export function isoDate(milliseconds: number): string | undefined {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
