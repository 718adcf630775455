import { types } from 'node:util';

/** The value as JSON text; `refuse` makes the error where it has none. */
export function jsonText(value: unknown, refuse: (why: string, cause?: unknown) => Error): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw refuse(`json cannot be written as JSON: ${(cause as Error).message.split('\n')[0]}`, cause);
  }
  if (text === undefined) throw refuse(`json is ${kindOf(value)}, which JSON does not have`);
  return text;
}

/** A copy of the bytes, a text in UTF-8; undefined where the value is neither. */
export function bytesOf(value: unknown): Buffer | undefined {
  if (typeof value === 'string') return Buffer.from(value);
  if (types.isUint8Array(value)) return Buffer.from(value);
  return types.isAnyArrayBuffer(value) ? Buffer.from(new Uint8Array(value)) : undefined;
}

/** `a number`, `a list`, … */
export function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? `an object` : `a ${typeof value}`;
}
