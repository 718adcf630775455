/**
 * Text written over HTTP/1 (RFC 9112), with a character for each byte, to be written as Latin-1, and nothing else.
 * Bytes that came leave as they came; what a caller gives is trusted to have no line end in it.
 */

import { formatFields, type RawHeaders } from '../headers.js';
import type { FieldSection } from './field-section.js';

/** The head of a request with these fields, and no others. */
export function formatRequestHead(method: string, target: string, fields: RawHeaders): string {
  return `${method} ${target} HTTP/1.1\r\n${formatFields(fields)}\r\n`;
}

/**
 * The head of a request as it came, to the byte, but for the fields that concern one connection only, and its target, which has
 * another form towards an origin than towards a proxy (RFC 9112, section 3.2).
 *
 * @param coded the body is passed on in the chunks in which it comes
 * @param extra lines that follow its own, each with its CRLF
 */
export function passRequestHead(
  method: string,
  target: string,
  section: FieldSection,
  coded: boolean,
  extra = '',
): string {
  return `${method} ${target} HTTP/1.1\r\n${passed(section, coded, extra)}`;
}

/** The head of a response with these fields, and no others. */
export function formatResponseHead(status: number, reason: string, fields: RawHeaders): string {
  return `HTTP/1.1 ${String(status).padStart(3, '0')} ${reason}\r\n${formatFields(fields)}\r\n`;
}

/**
 * The head of a response as it came, to the byte, its odd ones too, but for the fields that concern one connection only.
 *
 * @param startText its status line as it came: `text` of the line
 * @param coded the body is passed on in the chunks in which it comes
 * @param extra lines that follow its own, each with its CRLF
 */
export function passResponseHead(startText: string, section: FieldSection, coded: boolean, extra = ''): string {
  return startText + passed(section, coded, extra);
}

function passed(section: FieldSection, coded: boolean, extra: string): string {
  const text = coded ? section.endToEndCoded : section.endToEnd;
  // Before the empty line, which may be a LF, with any CR before it.
  return extra === '' ? text : text.slice(0, -emptyLineLength(text)) + extra + text.slice(-emptyLineLength(text));
}

function emptyLineLength(text: string): number {
  let length = 1;
  while (text[text.length - 1 - length] === '\r') length += 1;
  return length;
}

/** The line before a chunk's data: not for none, which would end the body (RFC 9112, section 7.1). */
export function chunkHead(length: number): string {
  return `${length.toString(16)}\r\n`;
}

/** The end of a chunk's data. */
export const CHUNK_END = '\r\n';

/** Ends a chunked body (RFC 9112, sections 7.1 and 7.1.2). */
export function lastChunk(trailers: RawHeaders): string {
  return trailers.length === 0 ? '0\r\n\r\n' : `0\r\n${formatFields(trailers)}\r\n`;
}
