/**
 * The charset of a text, and how it is read and written in it. It is found as browsers find it: a byte order mark, the
 * content type, what the text says of itself, a default (Encoding, "decode"; HTML, "encoding sniffing algorithm").
 */
import { isAscii, isUtf8 } from 'node:buffer';
import { charsetLabel, essenceOf, isJson, isXml, withCharset } from './content-type.js';
import { decode, encoderOf, encodingNamed, sniffedEncoding } from './encodings.js';

/** The charset of a text, by its name in the Encoding standard in lower case. */
export interface Charset {
  readonly name: string;
  /** It begins with a byte order mark, which is not of the text. */
  readonly marked: boolean;
  /** The way in which it is known: `none` for pure ASCII of which nothing says what it is. */
  readonly by: 'mark' | 'header' | 'text' | 'default' | 'none';
}

/** Finds the charset of a whole text. */
export function charsetOf(bytes: Uint8Array, contentType: string | undefined): Charset {
  const mark = markedCharset(bytes);
  if (mark !== undefined) return { name: mark, marked: true, by: 'mark' };
  const header = encodingNamed(charsetLabel(contentType));
  if (header !== undefined) return { name: header, marked: false, by: 'header' };
  const essence = essenceOf(contentType);
  const declared = declaredCharset(bytes, essence);
  if (declared !== undefined) return { name: declared, marked: false, by: 'text' };
  if (!isOpen(essence)) return { name: 'utf-8', marked: false, by: 'default' };
  if (isAscii(bytes)) return { name: 'utf-8', marked: false, by: 'none' };
  return { name: isUtf8(bytes) ? 'utf-8' : 'windows-1252', marked: false, by: 'default' };
}

function markedCharset(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : undefined;
}

/** Bytes that browsers look at (HTML, "prescan a byte stream to determine its encoding"). */
const LOOKED_AT = 1024;
/** Declarations of the charset in HTML, be it in UTF-16. */
const DECLARATION = /<meta[\s/]|<\0?\?\0?x/i;

/** The charset that a text declares for itself: HTML by `<meta>`, XML by its declaration, CSS by `@charset`. */
function declaredCharset(bytes: Uint8Array, essence: string): string | undefined {
  const html = essence === 'text/html';
  if (!html && !isXml(essence) && essence !== 'text/css') return undefined;
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, LOOKED_AT));
  const text = start.toString('latin1');
  // CSS Syntax, section 3.2: this very form.
  if (essence === 'text/css') return asDeclared(encodingNamed(/^@charset "([^"]*)";/.exec(text)?.[1]));
  if (!DECLARATION.test(text)) return undefined;
  return html ? sniffedEncoding(start) : sniffedEncoding(start.subarray(0, xmlDeclarationEnd(text)));
}

// A declaration in UTF-16 could not be read as ASCII.
function asDeclared(name: string | undefined): string | undefined {
  return name?.startsWith('utf-16') ? 'utf-8' : name;
}

// A `<meta>` means nothing in XML.
function xmlDeclarationEnd(text: string): number {
  return /^<\0?\?\0?x/.test(text.replace(/^\0/, '')) ? text.indexOf('>') + 1 : 0;
}

/** True if browsers guess where nothing says the charset: JSON, scripts and events are in UTF-8, XML has a default. */
function isOpen(essence: string): boolean {
  return essence.startsWith('text/') && !isJson(essence) && !isXml(essence) && !ALWAYS_UTF8.test(essence);
}

const ALWAYS_UTF8 = /^text\/(?:event-stream|(?:x-)?(?:java|ecma)script|x-ndjson|vtt)$/;

/**
 * The bytes as text: in the charset of a byte order mark, of the content type, or of what the text declares; else in
 * UTF-8, and where a `text/…` is not valid UTF-8 in windows-1252, as browsers read it.
 */
export function decodeText(bytes: Uint8Array, contentType: string | undefined): string {
  return decode(bytes, charsetOf(bytes, contentType).name);
}

/** Text as bytes. */
export interface EncodedText {
  readonly bytes: Buffer;
  /** The content type that they need, where it has to be another. */
  readonly contentType?: string;
}

/**
 * The text in the charset in which its recipient will read it: that of the byte order mark that there was, of the content
 * type, of what the text declares, or the one from before. What the charset does not have becomes a character reference in
 * HTML and XML and an escape in JSON; for any other text the charset becomes UTF-8.
 *
 * @param before how the text was read that this one takes the place of
 * @param json the text is JSON. Default: where its type says so
 */
export function encodeText(
  text: string,
  contentType: string | undefined,
  before?: Charset,
  json = isJson(essenceOf(contentType)),
): EncodedText {
  // Half a surrogate pair is no character, in whatever charset.
  const whole = Buffer.from(text).toString();
  const essence = essenceOf(contentType);
  if (before?.marked) return { bytes: marked(whole, before.name, essence, json) };
  const name =
    wideXml(before) ?? statedCharset(whole, contentType, essence) ?? (before?.by === 'none' ? undefined : before?.name);
  if (name === undefined || name === 'utf-8') {
    const bytes = Buffer.from(whole);
    // A guess would be the recipient's.
    const unsaid = name === undefined && contentType !== undefined && isOpen(essence) && bytes.length > whole.length;
    return unsaid ? { bytes, contentType: withCharset(contentType, 'utf-8') } : { bytes };
  }
  const bytes = encodeIn(name, whole, essence, json);
  if (bytes !== undefined) return { bytes };
  return { bytes: Buffer.from(whole), contentType: withCharset(contentType ?? 'text/plain', 'utf-8') };
}

// The declaration itself was read in UTF-16.
function wideXml(before: Charset | undefined): string | undefined {
  return before?.by === 'text' && before.name.startsWith('utf-16') ? before.name : undefined;
}

function statedCharset(text: string, contentType: string | undefined, essence: string): string | undefined {
  const header = encodingNamed(charsetLabel(contentType));
  return header ?? declaredCharset(Buffer.from(text.slice(0, LOOKED_AT)), essence);
}

function marked(text: string, name: string, essence: string, json: boolean): Buffer {
  const unmarked = text.startsWith('\ufeff') ? text.slice(1) : text;
  return encodeIn(name, `\ufeff${unmarked}`, essence, json) ?? Buffer.from(text);
}

/** Undefined where the charset lacks a character that this kind of text has no other way to write. */
function encodeIn(name: string, text: string, essence: string, json: boolean): Buffer | undefined {
  const encoder = encoderOf(name);
  const bytes = encoder(text);
  const write = json ? jsonEscape : essence === 'text/html' || isXml(essence) ? reference : undefined;
  if (bytes !== undefined || write === undefined) return bytes;
  const known = new Map<string, string>();
  const escaped = text.replace(/\P{ASCII}/gu, (character) => {
    let written = known.get(character);
    if (written === undefined) {
      written = encoder(character) === undefined ? write(character) : character;
      known.set(character, written);
    }
    return written;
  });
  return encoder(escaped);
}

// Encoding, "encode or fail" in the error mode "html".
function reference(character: string): string {
  return `&#${character.codePointAt(0)};`;
}

function jsonEscape(character: string): string {
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}
