/** Reads urlencoded forms (URL, section 5.1) in the charset that they are in. */
import { charsetLabel } from './content-type.js';
import { decode, encodingNamed } from './encodings.js';

/**
 * The form's fields. Their charset is the one that the field `_charset_` names (HTML, "naming form controls"), else that of
 * the content type, else UTF-8.
 */
export function readForm(bytes: Buffer, contentType: string | undefined): URLSearchParams {
  const pairs = pairsOf(bytes.toString('latin1'));
  const named = pairs.find(([name]) => name === '_charset_')?.[1];
  const encoding = encodingNamed(named) ?? encodingNamed(charsetLabel(contentType));
  if (encoding === undefined || encoding === 'utf-8') return new URLSearchParams(decode(bytes, 'utf-8'));
  const decoded = (binary: string) => decode(Buffer.from(binary, 'latin1'), encoding);
  return new URLSearchParams(pairs.map(([name, value]): [string, string] => [decoded(name), decoded(value)]));
}

/** Names and values, their bytes as characters. */
function pairsOf(body: string): [name: string, value: string][] {
  return body
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=');
      return equals === -1
        ? [unescaped(pair), '']
        : [unescaped(pair.slice(0, equals)), unescaped(pair.slice(equals + 1))];
    });
}

function unescaped(text: string): string {
  return text
    .replaceAll('+', ' ')
    .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
