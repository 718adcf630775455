import type { RawHeaders } from '../exchange/headers.js';
import { endToEnd } from '../exchange/headers.js';

/** Header fields as node:http2 takes them. */
export type Http2Fields = Record<string, string | string[]>;

/**
 * Fields for HTTP/2: names in lower case, without what concerns a connection (RFC 9113, section
 * 8.2.2). Order is kept, repeated fields become a list at the place of the first.
 */
export function toHttp2(raw: RawHeaders, without?: ReadonlySet<string>): Http2Fields {
  const fields: Http2Fields = Object.create(null);
  const list = endToEnd(raw);
  for (let i = 0; i + 1 < list.length; i += 2) {
    const name = (list[i] as string).toLowerCase();
    const value = list[i + 1] as string;
    if (name.startsWith(':') || without?.has(name)) continue;
    const before = fields[name];
    if (before === undefined) fields[name] = value;
    else if (Array.isArray(before)) before.push(value);
    else fields[name] = [before, value];
  }
  return fields;
}

/** The fields of an HTTP/2 header section without the pseudo-header fields (RFC 9113, section 8.3). */
export function fromHttp2(raw: RawHeaders): string[] {
  const result: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] as string;
    if (!name.startsWith(':')) result.push(name, raw[i + 1] as string);
  }
  return result;
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
