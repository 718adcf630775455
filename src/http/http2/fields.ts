import type { RawHeaders } from '../headers.js';
import { endToEnd } from '../headers.js';
import { interned } from '../interned.js';
import type { OutgoingRequest } from '../sending.js';

/** Header fields as node:http2 takes them. */
export type Http2Fields = Record<string, string | string[] | number>;

/**
 * Fields without a prototype, since they may have any name. Not by `Object.create(null)`: V8 keeps such objects as
 * dictionaries, which take three times as long to fill and to be copied by Node.
 */
const NoFields = function NoFields() {} as unknown as new () => Http2Fields;
NoFields.prototype = Object.create(null);

/**
 * Fields for HTTP/2: names in lower case, without what concerns a connection (RFC 9113, section
 * 8.2.2). Order is kept, repeated fields become a list at the place of the first.
 */
export function toHttp2(raw: RawHeaders): Http2Fields {
  return addFields(new NoFields(), raw);
}

/** The same for a response, with its status (RFC 9113, section 8.3.2). */
export function responseToHttp2(status: number, raw: RawHeaders): Http2Fields {
  const fields = new NoFields();
  fields[':status'] = status;
  return addFields(fields, raw);
}

/** The pseudo-header fields of a request (RFC 9113, section 8.3.1), and what they say. */
const PSEUDO_FIELDS = new Map([
  [':method', 'method'],
  [':scheme', 'scheme'],
  [':authority', 'authority'],
  [':path', 'path'],
] as const);

type PseudoField = typeof PSEUDO_FIELDS extends Map<infer Name, unknown> ? Name : never;

/** The same for a request. `:authority` takes the place of `Host`. */
export function requestToHttp2(
  request: Pick<OutgoingRequest, 'method' | 'scheme' | 'authority' | 'path' | 'headers' | 'pseudoFields'>,
): Http2Fields {
  const fields = new NoFields();
  // Their order tells clients apart, so it is the client's where there is one.
  for (const name of request.pseudoFields ?? []) {
    const key = PSEUDO_FIELDS.get(name as PseudoField);
    if (key !== undefined) fields[name] = request[key];
  }
  for (const [name, key] of PSEUDO_FIELDS) fields[name] = request[key];
  return addFields(fields, request.headers, 'host');
}

function addFields(fields: Http2Fields, raw: RawHeaders, without?: string): Http2Fields {
  const list = endToEnd(raw);
  for (let i = 0; i + 1 < list.length; i += 2) {
    const name = (list[i] as string).toLowerCase();
    const value = list[i + 1] as string;
    if (name.startsWith(':') || name === without) continue;
    const before = fields[name];
    if (before === undefined) fields[name] = value;
    else if (Array.isArray(before)) before.push(value);
    else fields[name] = [before as string, value];
  }
  return fields;
}

/** The fields of an HTTP/2 header section without the pseudo-header fields (RFC 9113, section 8.3). */
export function fromHttp2(raw: RawHeaders): RawHeaders {
  const result: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] as string;
    if (!name.startsWith(':')) result.push(name, raw[i + 1] as string);
  }
  return interned(result);
}

/** The names of the pseudo-header fields of an HTTP/2 header section, in their order: they come first (RFC 9113, section 8.3). */
export function pseudoFieldsOf(raw: RawHeaders): string[] {
  const names: string[] = [];
  for (let i = 0; raw[i]?.startsWith(':'); i += 2) names.push(raw[i] as string);
  return names;
}

/**
 * A request's fields for HTTP/1.1: `Host` first, cookie crumbs joined (RFC 9113, sections 8.2.3 and
 * 8.3.1).
 */
export function requestFieldsForHttp1(raw: RawHeaders, authority: string): string[] {
  const result = ['Host', authority];
  let cookieAt = -1;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] as string;
    const value = raw[i + 1] as string;
    if (name === 'host') continue;
    if (name === 'cookie') {
      if (cookieAt !== -1) {
        result[cookieAt] += `; ${value}`;
        continue;
      }
      cookieAt = result.length + 1;
    }
    result.push(name, value);
  }
  return result;
}
