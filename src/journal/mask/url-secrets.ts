/** Replaces what is secret in URLs and in the fields of forms. Pure; takes a time that grows as the text does. */
import { MASKED } from './mask.js';

/** Tells which fields are secret, and shows the values of the others. */
export interface FieldSecrets {
  isSecret(name: string): boolean;
  /** A value that its name does not make secret, without its percent-encoding. */
  value(text: string): string;
}

// A part behind a `;` is a field where it has a name (HTML 4.01, appendix B.2.2), else it is of the value before it.
const OF_QUERIES = /(^|[?#&;])([^?#&;=]*)=([^&;#]*(?:;[^?&;#=]*(?![^&;#]))*)/g;
const OF_FORMS = /(^|&)([^&=]*)=([^&]*)/g;
/** Parameters of a path's segments (RFC 3986, section 3.3). */
const OF_SEGMENTS = /(;)([^;/=]*)=([^;/]*)/g;

/**
 * A URL, or a part of one, as it may be shown; a fragment may be a query too (RFC 6749, section 4.2.2).
 * @param user whether who is named before the host is secret
 */
export function urlWithoutSecrets(url: string, secrets: FieldSecrets, user: boolean): string {
  const from = url.search(/[?#]/);
  const end = from === -1 ? url.length : from;
  const path = user ? withoutUser(url.slice(0, end)) : url.slice(0, end);
  return withoutFields(path, OF_SEGMENTS, secrets) + withoutFields(url.slice(end), OF_QUERIES, secrets);
}

/** A form as it may be shown. */
export function formWithoutSecrets(form: string, secrets: FieldSecrets): string {
  return withoutFields(form, OF_FORMS, secrets);
}

/** The value of a field as it may be shown, percent-encoded as it was. */
function encodedValue(raw: string, value: (text: string) => string): string {
  const text = /[%+]/.test(raw) ? decodedBytes(raw) : raw;
  const shown = value(text);
  if (shown === text) return raw;
  return text === raw ? shown : shown.split(MASKED).map(encoded).join(MASKED);
}

/** The fields, with their separators. */
function withoutFields(fields: string, each: RegExp, { isSecret, value }: FieldSecrets): string {
  return fields.replace(each, (_, before: string, name: string, raw: string) =>
    isSecret(decoded(name)) ? `${before}${name}=${MASKED}` : `${before}${name}=${encodedValue(raw, value)}`,
  );
}

// A method may stand before it, and another URL be a part of its path.
function withoutUser(url: string): string {
  return url
    .replace(/^((?:[A-Z]+ )?(?:[a-z][a-z\d+.-]*:)?\/\/)[^/]*@/i, `$1${MASKED}@`)
    .replace(/(?!^)(:\/\/)[^\s/]*@/g, `$1${MASKED}@`);
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll('+', ' '));
  } catch {
    return name;
  }
}

/** A character for each byte, so that all of it comes back as it was. */
function decodedBytes(raw: string): string {
  return raw
    .replaceAll('+', ' ')
    .replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function encoded(text: string): string {
  return text.replace(/[^\w.~!*'()-]/g, (character) => {
    const code = character.charCodeAt(0);
    return code > 0xff ? character : `%${code.toString(16).toUpperCase().padStart(2, '0')}`;
  });
}
