/**
 * Reads `Content-Type` (RFC 9110, section 8.3): in this one place, so that all who ask understand it alike. It takes
 * what senders write and recipients understand, such as blanks around `=`.
 */
import { type RawHeaders, withHeader } from './headers.js';

// Read in order: a quoted value may look like parameters.
const PARAMETER = /;\s*([^\s=;"]+)\s*=\s*(?:"((?:\\[\s\S]|[^"\\])*)"?|([^\s;"]*))/g;

/** The media type without its parameters, in lower case; empty where there is none. */
export function essenceOf(contentType: string | undefined): string {
  return (contentType?.split(';', 1)[0] ?? '').trim().toLowerCase();
}

/** A parameter's value, as it is sent; undefined where it is absent. Of several the first. */
export function parameterOf(contentType: string | undefined, name: string): string | undefined {
  return findParameter(contentType, name)?.value;
}

interface Parameter {
  readonly value: string;
  /** The start, at its semicolon, and the end. */
  readonly start: number;
  readonly end: number;
}

function findParameter(contentType: string | undefined, name: string): Parameter | undefined {
  for (const match of contentType?.matchAll(PARAMETER) ?? []) {
    const [all, key = '', quoted, token = ''] = match;
    if (key.toLowerCase() !== name) continue;
    return { value: quoted?.replace(/\\([\s\S])/g, '$1') ?? token, start: match.index, end: match.index + all.length };
  }
  return undefined;
}

/** The value of the parameter `charset`; some senders quote it as HTML may. */
export function charsetLabel(contentType: string | undefined): string | undefined {
  return parameterOf(contentType, 'charset')?.replace(/^'(.*)'$/, '$1');
}

/** The content type with another charset. */
export function withCharset(contentType: string, charset: string): string {
  const { start, end } = findParameter(contentType, 'charset') ?? {
    start: contentType.length,
    end: contentType.length,
  };
  return `${contentType.slice(0, start).trimEnd()}; charset=${charset}${contentType.slice(end)}`;
}

/** The fields with another content type; the same where there is none. */
export function withContentType(headers: RawHeaders, contentType: string | undefined): RawHeaders {
  return contentType === undefined ? headers : withHeader(headers, 'content-type', contentType);
}

/** True if it is JSON (RFC 8259), be it by its suffix (RFC 6839). */
export function isJson(essence: string): boolean {
  return /[/+]json$/.test(essence);
}

/** True if it is XML (RFC 7303). */
export function isXml(essence: string): boolean {
  return essence === 'text/xml' || essence === 'application/xml' || essence.endsWith('+xml');
}
