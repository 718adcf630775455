/**
 * Rules for header fields. A header section travels as Node's flat list of names and values, so
 * that order, case and repetition stay as they were on the wire (RFC 9110, section 5).
 */

import { memoize } from '../runtime/memoize.js';

/** `[name, value, name, value, …]`, in order, names in the case that was sent. */
export type RawHeaders = readonly string[];

/** No fields: one list for all messages that have none. */
export const NO_FIELDS: RawHeaders = Object.freeze<string[]>([]);

/** Lower-case names; repeated fields joined (`, `; cookies `; `; `set-cookie` by line feeds, as Playwright does). */
export type Headers = Readonly<Record<string, string>>;

/** All values of a field, in order. */
export function headerValues(raw: RawHeaders, name: string): string[] {
  const wanted = name.toLowerCase();
  const values: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    if (isNamed(raw[i] as string, wanted)) values.push(raw[i + 1] as string);
  }
  return values;
}

/** True if a field has this name, which is given in lower case. Most are told apart by their length alone. */
export function isNamed(name: string, wanted: string): boolean {
  return name.length === wanted.length && name.toLowerCase() === wanted;
}

/** The field's value, repeated fields joined; undefined where it is absent. */
export function headerValue(raw: RawHeaders, name: string): string | undefined {
  const wanted = name.toLowerCase();
  let joined: string | undefined;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    if (!isNamed(raw[i] as string, wanted)) continue;
    joined = joined === undefined ? (raw[i + 1] as string) : joined + separator(wanted) + raw[i + 1];
  }
  return joined;
}

/** The list as an object, see {@link Headers}. */
export function headersObject(raw: RawHeaders): Headers {
  const headers: Record<string, string> = Object.create(null);
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase();
    const value = raw[i + 1] as string;
    const before = headers[name];
    headers[name] = before === undefined ? value : before + separator(name) + value;
  }
  return headers;
}

// RFC 9110, section 5.3: a list is joined by commas, but Set-Cookie cannot be (RFC 6265), and
// HTTP/2 splits Cookie into crumbs that are joined by semicolons (RFC 9113, section 8.2.3).
function separator(name: string): string {
  if (name === 'set-cookie') return '\n';
  return name === 'cookie' ? '; ' : ', ';
}

/**
 * The list with one field set (a string, or several for a repeated field) or deleted (null). The
 * first occurrence keeps its place and its case; a new field goes to the end.
 */
export function withHeader(raw: RawHeaders, name: string, value: string | readonly string[] | null): string[] {
  const wanted = name.toLowerCase();
  const values = value === null ? [] : typeof value === 'string' ? [value] : value;
  const result: string[] = [];
  let placed = false;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const key = raw[i] as string;
    if (key.toLowerCase() !== wanted) {
      result.push(key, raw[i + 1] as string);
    } else if (!placed) {
      placed = true;
      for (const one of values) result.push(key, one);
    }
  }
  if (!placed) for (const one of values) result.push(name, one);
  return result;
}

/** The list without the named fields (lower-case names). */
export function withoutHeaders(raw: RawHeaders, names: ReadonlySet<string>): string[] {
  const result: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const key = raw[i] as string;
    if (!names.has(key.toLowerCase())) result.push(key, raw[i + 1] as string);
  }
  return result;
}

/** The client holds its body back until it is asked for it (RFC 9110, section 10.1.1). */
export function expectsContinue(raw: RawHeaders): boolean {
  return headerValue(raw, 'expect')?.toLowerCase() === '100-continue';
}

// Lists come again as the same object where they are interned.
const MAX_REMEMBERED = 100;

/** The list as lines of HTTP/1 (RFC 9112, section 5). */
export const formatFields = memoize((raw: RawHeaders): string => {
  let lines = '';
  for (let i = 0; i + 1 < raw.length; i += 2) lines += `${raw[i]}: ${raw[i + 1]}\r\n`;
  return lines;
}, MAX_REMEMBERED);

// RFC 9110, section 7.6.1.
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-connection', 'te', 'transfer-encoding', 'upgrade']);

// An upgrade is negotiated hop by hop; passing it on takes these two along (RFC 9110, section 7.8).
const OF_AN_UPGRADE = new Set(['connection', 'upgrade']);

/** Fields between a client and a proxy that it knows of (RFC 9110, section 11.7). */
const OF_A_PROXY = new Set(['proxy-authenticate', 'proxy-authentication-info', 'proxy-authorization']);

/**
 * The list without what a client and a proxy that it knows of say to each other. To a client that knows of none, these are
 * fields like others: they are the origin's.
 */
export function withoutProxyFields(raw: RawHeaders): RawHeaders {
  for (let i = 0; i + 1 < raw.length; i += 2) {
    if (OF_A_PROXY.has((raw[i] as string).toLowerCase())) return withoutHeaders(raw, OF_A_PROXY);
  }
  return raw;
}

/** {@link endToEnd} for an upgrade that is passed on: `connection` and `upgrade` stay as they are. */
export function endToEndWithUpgrade(raw: RawHeaders): string[] {
  return withoutHeaders(raw, new Set([...HOP_BY_HOP].filter((name) => !OF_AN_UPGRADE.has(name))));
}

/**
 * The list without the fields that concern one connection only: those that RFC 9110, section
 * 7.6.1 names and those that `Connection` nominates. `te: trailers` and `trailer` stay, since
 * trailers are passed on.
 */
export const endToEnd = memoize((raw: RawHeaders): RawHeaders => {
  let nominated: Set<string> | undefined;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    if (!isNamed(raw[i] as string, 'connection')) continue;
    for (const token of (raw[i + 1] as string).split(',')) {
      const name = token.trim().toLowerCase();
      // `close` and `keep-alive` are options and no field names; naming an end-to-end field that
      // routing or framing needs must not delete it (RFC 9110, section 7.6.1).
      if (name !== '' && name !== 'close' && !HOP_BY_HOP.has(name) && !NEVER_NOMINATED.has(name)) {
        nominated ??= new Set();
        nominated.add(name);
      }
    }
  }
  let result: string[] | undefined;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const key = raw[i] as string;
    const value = raw[i + 1] as string;
    if (concernsOneConnection(key, value, nominated)) result ??= raw.slice(0, i);
    else result?.push(key, value);
  }
  return result ?? raw;
}, MAX_REMEMBERED);

function concernsOneConnection(key: string, value: string, nominated: ReadonlySet<string> | undefined): boolean {
  // Most names are told apart by their length alone.
  if (nominated === undefined && !HOP_BY_HOP_LENGTHS.has(key.length)) return false;
  const name = key.toLowerCase();
  if (name === 'te') return !/^\s*trailers\s*$/i.test(value);
  return HOP_BY_HOP.has(name) || nominated?.has(name) === true;
}

const HOP_BY_HOP_LENGTHS = new Set([...HOP_BY_HOP].map(({ length }) => length));

const NEVER_NOMINATED = new Set(['host', 'content-length', 'cache-control', 'te']);
