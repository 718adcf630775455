/** Turns exchanges into an HTTP Archive. Pure; whatever state an exchange is in, it has an entry. */

import type { RawHeaders } from '../../http/headers.js';
import type { CertificateInfo } from '../../tls/upstream-certificate.js';
import { isBackground } from '../background.js';
import type { Exchange, Timing, TlsInfo } from '../exchange.js';
import type { Initiator } from '../initiator.js';
import { MASKED, type MaskRule } from '../mask/mask.js';
import { Secrets } from '../mask/secrets.js';
import type { HttpVersion, Request, Response } from '../message.js';
import { harContent, harPostData } from './har-body.js';
import { requestCookies, responseCookies } from './har-cookies.js';
import {
  type Har,
  type HarContent,
  type HarCookie,
  type HarEntry,
  type HarField,
  type HarPage,
  type HarRequest,
  type HarResponse,
  type HarSecurityDetails,
  type HarTimings,
  isoDate,
} from './har-format.js';
import { harMessages, messagesComment } from './har-messages.js';

/** Options of {@link toHar}. */
export interface HarOptions {
  /** Waylay's version; the archive names it as its creator. */
  readonly version: string;
  /**
   * Values that are replaced by `[masked]`: header fields, and fields of the query, of forms and of JSON. `cookie` and
   * `set-cookie` mask the values of the parsed cookies too. Default `DEFAULT_MASK`; `[]` masks nothing.
   */
  readonly mask?: readonly MaskRule[] | undefined;
  /** Pages to group by, oldest first; an exchange belongs to the one that started last before it. */
  readonly pages?: readonly HarPage[] | undefined;
}

/**
 * The exchanges as an HTTP Archive 1.2, in their order. It opens in Chrome DevTools, and Playwright
 * replays it with `routeFromHAR`. Never throws: pending, failed and relayed exchanges have an entry
 * too, and what is missing of a body is said in its `comment`.
 *
 * @example
 * writeFileSync('test.har', JSON.stringify(toHar(waylay.exchanges, { version })));
 */
export function toHar(exchanges: readonly Exchange[], options: HarOptions): Har {
  const mask = new Secrets(options.mask);
  const { pages } = options;
  return {
    log: {
      version: '1.2',
      creator: { name: 'Waylay', version: options.version },
      pages,
      entries: exchanges.map((exchange) => entry(exchange, mask, pages)),
    },
  };
}

function entry(exchange: Exchange, mask: Secrets, pages: readonly HarPage[] = []): HarEntry {
  const { client, timing, upstream } = exchange;
  const timings = harTimings(timing);
  const page = pages.findLast(({ startedDateTime }) => Date.parse(startedDateTime) <= timing.start);
  return {
    pageref: page?.id,
    startedDateTime: isoDate(timing.start) ?? new Date(0).toISOString(),
    time: total(timings),
    request: harRequest(exchange.request, exchange, mask),
    response: harResponse(exchange.response, exchange, mask),
    cache: {},
    timings,
    serverIPAddress: upstream?.address,
    connection: String(client.port),
    comment:
      [comment(exchange), messagesComment(exchange), exchange.disagreement].filter(Boolean).join(' ') || undefined,
    _id: exchange.id,
    _source: exchange.source,
    _mutated: exchange.mutated,
    _rules: exchange.rules.length === 0 ? undefined : exchange.rules,
    _forwardedRequest: forwarded(exchange, mask),
    _originalResponse: original(exchange, mask),
    _background: isBackground(exchange) || undefined,
    _resourceType: exchange.initiator.resourceType,
    _initiator: initiator(exchange.initiator, mask),
    _webSocketMessages: harMessages(exchange, mask),
    _serverPort: upstream?.port,
    _proxy: upstream?.proxy,
    _securityDetails: upstream?.tls && securityDetails(upstream.tls, upstream.certificate),
  };
}

// DevTools asks for a type and a URL.
function initiator(by: Initiator, mask: Secrets): HarEntry['_initiator'] {
  const { client, step } = by;
  const [pageURL, frameURL] = [by.pageURL, by.frameURL].map((url) => url && mask.url(url));
  if (client === undefined && pageURL === undefined && step === undefined) return undefined;
  const url = frameURL ?? pageURL;
  return { type: 'other', url, client, pageURL, frameURL, step };
}

function comment(exchange: Exchange): string | undefined {
  if (exchange.source === 'tunnel') return 'Relayed unread: what it carried is not known.';
  if (exchange.ended) return undefined;
  return exchange.response === undefined ? 'Pending: no response yet.' : 'Pending: the response had not ended.';
}

function forwarded(exchange: Exchange, mask: Secrets): HarRequest | undefined {
  const { request, forwardedRequest } = exchange;
  if (forwardedRequest === undefined) return undefined;
  const written = harRequest(forwardedRequest, exchange, mask);
  if (forwardedRequest.captured !== request.captured) return written;
  return { ...written, postData: undefined, comment: 'Its body is the one that the client sent.', _sameBody: true };
}

function original(exchange: Exchange, mask: Secrets): HarResponse | undefined {
  const { originalResponse, intervention } = exchange;
  if (originalResponse === undefined) return undefined;
  const written = harResponse(originalResponse, exchange, mask);
  if (originalResponse.captured !== intervention?.untouchedBody) return written;
  const { size, compression, mimeType } = written.content;
  const content = { size, compression, mimeType, comment: 'The client received the same body.' };
  return { ...written, content, _sameBody: true };
}

function harRequest(request: Request, { ended }: Exchange, mask: Secrets): HarRequest {
  const whole = request.url.replace(/#.*$/s, '');
  const url = mask.url(whole);
  const query = url.indexOf('?');
  return {
    method: request.method,
    url,
    httpVersion: `HTTP/${request.httpVersion}`,
    cookies: maskCookies(requestCookies(request.rawHeaders), mask.header('cookie')),
    headers: fields(request.rawHeaders, mask),
    queryString:
      query === -1 ? [] : [...new URLSearchParams(url.slice(query))].map(([name, value]) => ({ name, value })),
    postData: harPostData(request, mask),
    // The journal has no head of a CONNECT.
    headersSize:
      request.method === 'CONNECT' ? -1 : headersSize(`${request.method} ${originForm(whole)} HTTP/1.1`, request),
    bodySize: bodySize(request.captured, ended),
    _trailers: trailers(request.trailers, mask),
  };
}

function harResponse(response: Response | undefined, exchange: Exchange, mask: Secrets): HarResponse {
  const { request, error, timing, ended } = exchange;
  const failure = response === exchange.response && error ? `${error.code}: ${error.message}` : undefined;
  const failed = { _failureText: failure, _error: failure };
  if (response === undefined) return { ...NO_RESPONSE, httpVersion: `HTTP/${request.httpVersion}`, ...failed };
  const headers = fields(response.rawHeaders, mask);
  const head = headersSize(`HTTP/1.1 ${response.status} ${response.statusText}`, response);
  const body = bodySize(response.captured, ended);
  return {
    status: response.status,
    statusText: response.statusText,
    httpVersion: `HTTP/${response.httpVersion}`,
    cookies: maskCookies(
      responseCookies(response.rawHeaders, timing.responseStart ?? timing.start),
      mask.header('set-cookie'),
    ),
    headers,
    content: harContent(response, mask),
    redirectURL: headers.find(({ name }) => name.toLowerCase() === 'location')?.value ?? '',
    headersSize: head,
    bodySize: body,
    _transferSize: Math.max(head, 0) + Math.max(body, 0),
    ...failed,
    _trailers: trailers(response.trailers, mask),
  };
}

const NO_CONTENT: HarContent = { size: 0, mimeType: 'x-unknown' };

const NO_RESPONSE = {
  status: 0,
  statusText: '',
  cookies: [],
  headers: [],
  content: NO_CONTENT,
  redirectURL: '',
  headersSize: -1,
  bodySize: -1,
  _transferSize: -1,
};

function fields(raw: RawHeaders, mask: Secrets): HarField[] {
  const result: HarField[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const [name, value] = [raw[i] as string, raw[i + 1] as string];
    const isCookie = name.toLowerCase() === 'set-cookie' && mask.header(name);
    result.push({ name, value: isCookie ? MASKED_COOKIE : mask.headerValue(name, value) });
  }
  return result;
}

/** A replay of the archive would set a cookie without a name; browsers set none that is over. */
const MASKED_COOKIE = `${MASKED}; Max-Age=0`;

function maskCookies(cookies: HarCookie[], masked: boolean): HarCookie[] {
  return masked ? cookies.map((cookie) => ({ ...cookie, value: MASKED })) : cookies;
}

function trailers(raw: RawHeaders, mask: Secrets): HarField[] | undefined {
  return raw.length === 0 ? undefined : fields(raw, mask);
}

// The request line has the path only (RFC 9112, section 3.2.1).
function originForm(url: string): string {
  const path = url.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?]*/i, '');
  return path.startsWith('/') ? path : `/${path}`;
}

/** Start line, one line a field, the empty line; Node hands heads over as Latin-1, a byte a character. */
function headersSize(
  startLine: string,
  message: { readonly rawHeaders: RawHeaders; readonly httpVersion: HttpVersion },
): number {
  if (message.httpVersion === '2.0') return -1;
  let size = startLine.length + 4;
  for (const nameOrValue of message.rawHeaders) size += nameOrValue.length + 2;
  return size;
}

function bodySize(captured: { readonly complete: boolean; readonly size: number }, ended: boolean): number {
  return captured.complete || ended ? captured.size : -1;
}

/**
 * The phases follow each other, so that they add up to the time from start to end; where an
 * exchange failed, the phase it was in lasts until then. A connection that was made before the
 * request came has its `connect` time all the same, as in browsers' archives.
 */
function harTimings({
  start,
  connectStart,
  connected,
  secureStart,
  secured,
  sent,
  responseStart,
  end,
}: Timing): HarTimings {
  const answered = responseStart ?? end;
  const ready = connectStart === undefined ? start : (secured ?? (secureStart === undefined ? connected : undefined));
  const begun = ready === undefined ? undefined : Math.max(ready, start);
  // An answer may come before the request has been sent in full; a stub's request never is.
  const waiting = sent === undefined ? begun : Math.min(sent, answered ?? sent);
  return {
    blocked: connectStart === undefined || connectStart < start ? -1 : span(start, connectStart),
    dns: -1,
    connect: connectStart === undefined ? -1 : span(connectStart, ready ?? sent ?? answered),
    ssl: connectStart === undefined || secureStart === undefined ? -1 : span(secureStart, secured ?? sent ?? answered),
    send: span(begun, waiting),
    wait: span(waiting, answered),
    receive: span(responseStart, end),
  };
}

/** Milliseconds to the microsecond; 0 where one end is missing, since HAR allows no -1 for send, wait and receive. */
function span(from: number | undefined, to: number | undefined): number {
  return from === undefined || to === undefined ? 0 : Math.max(0, Math.round((to - from) * 1000) / 1000);
}

function total({ blocked, connect, send, wait, receive }: HarTimings): number {
  const sum = [blocked, connect, send, wait, receive].reduce((before, part) => before + Math.max(part, 0), 0);
  return Math.round(sum * 1000) / 1000;
}

function securityDetails(tls: TlsInfo, certificate: CertificateInfo | undefined): HarSecurityDetails {
  // OpenSSL's `TLSv1.3` as Chrome and Playwright write it.
  const protocol = tls.version.replace(/^TLSv(\d)$/, 'TLS $1.0').replace(/^TLSv/, 'TLS ');
  return {
    protocol,
    subjectName: certificate?.subject,
    issuer: certificate?.issuer,
    validFrom: unixSeconds(certificate?.validFrom),
    validTo: unixSeconds(certificate?.validTo),
    subjectAltName: certificate?.subjectAltName,
    defect: certificate?.defect,
  };
}

// A certificate's dates may be unreadable; JSON has no NaN.
function unixSeconds(date: Date | undefined): number | undefined {
  const time = date?.getTime();
  return time === undefined || Number.isNaN(time) ? undefined : Math.floor(time / 1000);
}
