import { printable } from '../../src/runtime/printable.js';
import { countBytes, Described } from '../values/format.js';

/** A message whose body is described. */
export interface BodyHolder {
  header(name: string): string | undefined;
  text(): string;
  bytes(): Buffer;
}

/** The length of a text's part that tells whether it is one. */
const LOOKED_AT = 4096;

/** `<image/png, 12,345 bytes>` where the body is no text; undefined where it is, or cannot be read. */
export function binaryBody(message: BodyHolder): Described | undefined {
  try {
    // Controls that no text has, and what no charset could read.
    const binary = /[^\P{Cc}\s]|\ufffd/u.test(message.text().slice(0, LOOKED_AT));
    return binary ? describeBytes(message.bytes(), message.header('content-type')) : undefined;
  } catch {
    return undefined;
  }
}

/** The bytes as their type and number, and what is to be said of them. */
export function describeBytes(bytes: Uint8Array, contentType: string | undefined, more = ''): Described {
  const [type = ''] = (contentType ?? '').split(';');
  const name = type.trim() === '' ? '' : `${printable(type.trim())}, `;
  return new Described(`<${name}${countBytes(bytes.length)}${more}>`);
}

/** The first place where both differ. */
export function firstDifference(a: ArrayLike<unknown>, b: ArrayLike<unknown>): number {
  let at = 0;
  while (at < a.length && at < b.length && a[at] === b[at]) at += 1;
  return at;
}
