/** The syntax of a header field (RFC 9110, section 5). */
import { isToken } from '../../src/http/token.js';
import { formatValue } from '../values/format.js';
import { formatHeaderValue } from '../values/written.js';

/** A field's value as it may be written: several stand for a repeated field. */
export type HeaderValue = string | number | readonly (string | number)[];

// RFC 9110, section 5.5: visible characters, spaces and tabs, and what older senders put above 0x7F.
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** The reason why this is no header field; undefined where it is one. */
export function headerProblem(name: string, value: unknown): string | undefined {
  if (!isToken(name)) return `${formatValue(name)} is no header name`;
  const values = Array.isArray(value) ? value : [value];
  for (const one of values) {
    if (typeof one !== 'string' && typeof one !== 'number') {
      return `the value of the header '${name}' is ${formatHeaderValue(name, one)}, and not a string, a number or a list of these`;
    }
    if (!VALUE.test(String(one))) {
      return `the value of the header '${name}' has a character that no header may have: ${formatHeaderValue(name, one)}`;
    }
  }
  return undefined;
}

/** The value as the strings that go over the wire. */
export function headerStrings(value: HeaderValue): string[] {
  return (Array.isArray(value) ? value : [value]).map(String);
}
