/** Replaces secrets in bodies, by their types. Pure; takes a time that grows as the body does. */
import { charsetOf } from '../../http/charset.js';
import { essenceOf, isJson, parameterOf } from '../../http/content-type.js';
import { decode, encoderOf } from '../../http/encodings.js';
import { jsonSeries } from '../../http/json-body.js';
import { htmlWithoutSecrets } from './html-secrets.js';
import { multipartWithoutSecrets } from './multipart-secrets.js';
import { type Secrets, startsAsJson } from './secrets.js';

/** Types of text that has no form of its own; of WebSocket messages, and where a body has none, it is not known. */
const PLAIN_TEXT = new Set(['', 'x-unknown', 'text/plain', 'application/graphql']);

/** The depth to which a body may be a part of another one; what is deeper is read as text. */
const MOST_NESTED = 12;

/** Bytes of a byte order mark in UTF-8. */
const UTF8_MARK = 3;

/** A body's text, read by its type, as it may be shown; the same one where nothing of it is secret. */
export function textWithoutSecrets(secrets: Secrets, text: string, contentType: string | undefined, depth = 0): string {
  if (secrets.empty) return text;
  const type = essenceOf(contentType);
  if (type === 'application/x-www-form-urlencoded') return secrets.formText(text);
  if (type.startsWith('multipart/')) {
    if (depth > MOST_NESTED) return secrets.brokenJson(text);
    return multipartWithoutSecrets(text, parameterOf(contentType, 'boundary'), {
      form: (name) => secrets.form(name),
      text: (part, itsType) => textWithoutSecrets(secrets, part, itsType, depth + 1),
    });
  }
  // Each event by itself: one may have broken off.
  if (type === 'text/event-stream') return eachEvent(text, (event) => secrets.brokenJson(event));
  if (type === 'text/html' || type === 'application/xhtml+xml') return html(secrets, text);
  const series = jsonSeries(contentType);
  if (series === 'sequence') return secrets.jsonSequence(text);
  const start = /\S/.exec(text)?.[0];
  if (start !== '\x1e' && (series !== undefined || isJson(type))) return secrets.jsonText(text);
  return PLAIN_TEXT.has(type) || startsAsJson(start) ? secrets.text(text) : text;
}

/** {@link textWithoutSecrets} of bytes. */
export function bodyWithoutSecrets(secrets: Secrets, bytes: Buffer, contentType: string | undefined): Buffer {
  if (bytes.length === 0) return bytes;
  const { name, marked } = charsetOf(bytes, contentType);
  if (name.startsWith('utf-16')) {
    const text = decode(bytes, name);
    const shown = textWithoutSecrets(secrets, text, contentType);
    return shown === text ? bytes : (encoderOf(name)(marked ? `\ufeff${shown}` : shown) ?? Buffer.from(shown));
  }
  // A byte a character, so that files in a form come back as they were; names and JSON's keys are ASCII or compare as bytes.
  const start = marked ? UTF8_MARK : 0;
  const text = bytes.toString('latin1', start);
  const shown = textWithoutSecrets(secrets, text, contentType);
  return shown === text ? bytes : Buffer.concat([bytes.subarray(0, start), Buffer.from(shown, 'latin1')]);
}

function html(secrets: Secrets, text: string): string {
  return htmlWithoutSecrets(text, {
    form: (name) => secrets.form(name),
    json: (json) => secrets.jsonText(json),
    code: (code) => secrets.loose(code, true),
  });
}

/** The events of a stream, and the empty lines between them as they are. */
function eachEvent(stream: string, show: (event: string) => string): string {
  return stream
    .split(/(\r?\n\r?\n)/)
    .map((part, at) => (at % 2 === 0 ? show(part) : part))
    .join('');
}
