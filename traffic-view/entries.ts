/** The archive's entries as rows, without their bodies. */
import type { HarCookie, HarField, HarRequest, HarResponse, HarTimings } from '../src/journal/har/har-format.js';
import { printable } from '../src/runtime/printable.js';
import { cutText } from './cut.js';
import { messageBytes } from './frames.js';
import type { AnyEntry, HarRule } from './har-entry.js';
import { shortType } from './media-type.js';
import type { Field, Phases, ViewCookie, ViewEntry, ViewMessage, ViewRule } from './view.js';

/** The limits of each exchange: how much of it is kept; less where there are very many. */
export interface EntryLimits {
  readonly urlLength: number;
  /** Characters of a header field's value; 0 leaves the fields out. */
  readonly valueLength: number;
  /** True if bodies are to get a share. */
  readonly bodies: boolean;
}

/** A row. `origin` is when the first exchange began, in milliseconds since the Unix epoch. */
export function viewEntry(entry: AnyEntry, at: number, origin: number, limits: EntryLimits): ViewEntry {
  const { request, response, timings, _initiator: initiator = {} } = entry;
  const answered = response.status > 0;
  const error = entry._error ?? entry._failureText ?? response._error ?? response._failureText;
  return {
    id: entry._id ?? at + 1,
    method: cutText(request.method, 40),
    url: cutText(request.url, limits.urlLength),
    status: response.status,
    statusText: cutText(response.statusText, 200),
    source: entry._source ?? 'upstream',
    mutated: entry._mutated ?? false,
    rules: entry._rules?.slice(0, 50).map((rule) => viewRule(rule, limits)),
    background: entry._background || undefined,
    // The words of src/journal/har/har.ts; the format has no field for it.
    pending: entry.comment?.startsWith('Pending') ?? false,
    start: barStart(entry, origin),
    time: Math.max(0, entry.time),
    phases: phases(timings),
    type: shortType(answered ? response.content.mimeType : '', initiator.resourceType ?? entry._resourceType),
    ...sizes(entry),
    error: error && cutText(error, 4000),
    comment: entry.comment && cutText(entry.comment, 2000),
    step: initiator.step && cutText(initiator.step, 500),
    page: initiator.pageURL && cutText(initiator.pageURL, 500),
    facts: (limits.valueLength === 0 ? [] : facts(entry)).map(([name, value]) => [name, cutText(value, 1000)] as const),
    request: message(request, limits, request.queryString),
    response: answered ? message(response, limits) : undefined,
    ...before(entry, limits),
  };
}

function viewRule({ kind, pattern, place }: HarRule, { valueLength }: EntryLimits): ViewRule {
  const length = Math.max(200, Math.min(valueLength, 1000));
  const shown = (text: string) => cutText(printable(text), length);
  return { kind: cutText(kind, 40), pattern: shown(pattern), place: place && shown(place) };
}

/** The messages on the other side of the mutations. */
function before(
  { _forwardedRequest: forwarded, _originalResponse: original }: AnyEntry,
  limits: EntryLimits,
): Pick<ViewEntry, 'forwarded' | 'original'> {
  return {
    forwarded: forwarded && {
      ...message(forwarded, limits, forwarded.queryString),
      method: cutText(forwarded.method, 40),
      url: cutText(forwarded.url, limits.urlLength),
      sameBody: forwarded._sameBody,
    },
    original: original && {
      ...message(original, limits),
      status: original.status,
      statusText: cutText(original.statusText, 200),
      sameBody: original._sameBody,
    },
  };
}

/** The time when an entry began, in milliseconds since the Unix epoch; NaN where it does not say. */
export function startOf(entry: AnyEntry): number {
  return Date.parse(entry.startedDateTime);
}

/** A connection that was made before the request came is drawn before it. */
function barStart(entry: AnyEntry, origin: number): number {
  const { blocked, connect } = entry.timings;
  const early = blocked === -1 && connect > 0 ? connect : 0;
  const start = startOf(entry) - origin - early;
  return Number.isNaN(start) ? 0 : Math.round(start * 1000) / 1000;
}

// An exchange that switched to a WebSocket has no body: its messages are what went over the wire.
function sizes({ response, _webSocketMessages: messages }: AnyEntry): Pick<ViewEntry, 'size' | 'sent'> {
  if (messages === undefined) return { size: response._transferSize ?? response.bodySize };
  const { sent, received } = messageBytes(messages);
  return { size: received, sent };
}

function phases({ blocked, connect, ssl, send, wait, receive }: HarTimings): Phases {
  const present = (time: number) => (time > 0 ? time : undefined);
  return {
    blocked: present(blocked),
    connect: present(connect - Math.max(ssl, 0)),
    ssl: present(ssl),
    send: present(send),
    wait: present(wait),
    receive: present(receive),
  };
}

function facts(entry: AnyEntry): Field[] {
  const { request, response, _initiator: initiator = {}, _securityDetails: tls } = entry;
  const address = entry.serverIPAddress;
  const server = address?.includes(':') ? `[${address}]` : address;
  const port = entry._serverPort === undefined ? '' : `:${entry._serverPort}`;
  const versions = [...new Set([request.httpVersion, ...(response.status > 0 ? [response.httpVersion] : [])])];
  const all: [string, string | undefined][] = [
    ['Step', initiator.step],
    ['Sent by', initiator.client],
    ['Resource type', initiator.resourceType ?? entry._resourceType],
    ['Page', initiator.pageURL],
    ['Frame', initiator.frameURL],
    ['Protocol', versions.join(', answered in ')],
    ['Server', server === undefined ? undefined : `${server}${port}`],
    ['Client port', entry.connection],
    ['TLS', tls?.protocol],
    ['Certificate', tls?.subjectName],
    ['Issued by', tls?.issuer],
    ['Valid', validity(tls?.validFrom, tls?.validTo)],
    ['Names', tls?.subjectAltName],
    ['Defect', tls?.defect],
    ['Started', entry.startedDateTime],
  ];
  return all.filter((fact): fact is [string, string] => fact[1] !== undefined && fact[1] !== '');
}

function validity(from: number | undefined, to: number | undefined): string | undefined {
  if (from === undefined || to === undefined) return undefined;
  return `${day(from)} to ${day(to)}`;
}

function day(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? 'an unreadable date' : date.toISOString().slice(0, 10);
}

function message(from: HarRequest | HarResponse, limits: EntryLimits, query: readonly HarField[] = []): ViewMessage {
  const { valueLength } = limits;
  if (valueLength === 0) return { headers: [], note: 'Left out, since there are so many exchanges.' };
  const fields = (list: readonly HarField[] | undefined) =>
    list && list.length > 0
      ? list.slice(0, 200).map(({ name, value }): Field => [cutText(name, 200), cutText(value, valueLength)])
      : undefined;
  const more = from.headers.length - 200;
  return {
    headers: fields(from.headers) ?? [],
    trailers: fields(from._trailers),
    query: fields(query),
    cookies: from.cookies.length > 0 ? from.cookies.slice(0, 100).map((each) => cookie(each, valueLength)) : undefined,
    note: more > 0 ? `${more} more fields are left out.` : undefined,
  };
}

function cookie(from: HarCookie, valueLength: number): ViewCookie {
  const { path, domain, expires, httpOnly, secure, sameSite } = from;
  const attributes = [
    domain && `Domain=${domain}`,
    path && `Path=${path}`,
    expires && `Expires=${expires}`,
    httpOnly && 'HttpOnly',
    secure && 'Secure',
    sameSite && `SameSite=${sameSite}`,
  ];
  return {
    name: cutText(from.name, 200),
    value: cutText(from.value, valueLength),
    attributes: cutText(attributes.filter(Boolean).join('; '), 500),
  };
}
