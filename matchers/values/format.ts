import { types } from 'node:util';
import { isUrlPattern, writeUrlPattern } from './url-pattern.js';

/** Stands for a value that is not there, where undefined would be ambiguous. */
export const ABSENT: unique symbol = Symbol('(absent)');

/** Stands for something that is described rather than shown: a body that is not JSON, a masked header. */
export class Described {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Matchers such as Jest's `expect.objectContaining`: anything with an `asymmetricMatch` function. */
export interface AsymmetricMatcher {
  /** True if the value is as expected. */
  asymmetricMatch?(other: unknown): boolean;
}

/** True if the value is an asymmetric matcher of Jest, Vitest, Playwright or the like. */
export function isAsymmetric(value: unknown): value is Required<AsymmetricMatcher> {
  return isObject(value) && typeof value.asymmetricMatch === 'function';
}

/** True if the value is an object that is no array; class instances included. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** True if the value was written as `{ … }` and is no instance of a class. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (!isObject(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // Objects of another realm (Jest's sandbox) have another Object.prototype, whose prototype is null too.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/**
 * The value on one line as it would be written in a test, cut to about `limit` characters (default 200): texts end
 * and lists stop early, but what was opened is closed. Never throws, whatever the value's own methods do.
 */
export function formatValue(value: unknown, limit = 200): string {
  try {
    return write(value, limit, 0, []);
  } catch (error) {
    return `(a value that cannot be shown: ${error instanceof Error ? error.message : typeof error})`;
  }
}

/** The text cut to `limit` characters, with its full length told. */
export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return `${text.slice(0, limit)}… (${text.length.toLocaleString('en')} characters)`;
}

const DEEPEST = 8;
/** The length of what is left of a text or a list where there is no room for it. */
const LEAST = 20;

function write(value: unknown, limit: number, depth: number, parents: readonly object[]): string {
  switch (typeof value) {
    case 'string':
      return writeText(value, limit);
    case 'function':
      return writeFunction(value);
    case 'bigint':
      return `${value}n`;
    case 'symbol':
      return value.description ?? 'Symbol()';
    case 'object':
      return value === null ? 'null' : writeObject(value, limit, depth, parents);
    default:
      return String(value);
  }
}

function writeObject(value: object, limit: number, depth: number, parents: readonly object[]): string {
  if (value instanceof Described) return value.text;
  if (types.isRegExp(value)) return cut(String(value), limit);
  if (types.isDate(value)) return Number.isNaN(value.getTime()) ? 'an invalid Date' : `Date(${value.toISOString()})`;
  if (value instanceof URL) return `URL(${cut(value.href, limit)})`;
  if (isUrlPattern(value)) return cut(writeUrlPattern(value), limit);
  if (types.isAnyArrayBuffer(value) || ArrayBuffer.isView(value)) return `<${countBytes(value.byteLength)}>`;
  if (types.isNativeError(value)) return cut(`${value.name}: ${value.message}`, limit);
  if (parents.includes(value)) return '(circular)';
  const inside = [...parents, value];
  if (isAsymmetric(value)) return writeAsymmetric(value, limit, depth, inside);
  if (depth >= DEEPEST) return Array.isArray(value) ? '[…]' : '{…}';
  if (Array.isArray(value)) {
    const items = writeWithin(value, limit, (item, room) => write(item, room, depth + 1, inside));
    return `[${items.join(', ')}]`;
  }
  const entries = writeWithin(
    Object.entries(value),
    limit,
    ([key, item], room) => `${writeKey(key)}: ${write(item, room, depth + 1, inside)}`,
  );
  const body = entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
  const name = isPlainObject(value) ? '' : (value.constructor?.name ?? '');
  return name === '' || name === 'Object' ? body : `${name} ${body}`;
}

// Writes items only as far as they will be seen, since a body may hold a million.
function writeWithin<T>(items: readonly T[], limit: number, writeItem: (item: T, room: number) => string): string[] {
  const written: string[] = [];
  let length = 0;
  for (const item of items) {
    const text = writeItem(item, Math.max(limit - length, LEAST));
    written.push(text);
    length += text.length + 2;
    if (length > limit) break;
  }
  const left = items.length - written.length;
  if (left > 0) written.push(`… ${left.toLocaleString('en')} more`);
  return written;
}

function writeText(text: string, limit: number): string {
  if (text.length <= limit) return quote(text);
  return `${quote(text.slice(0, limit))}… (${text.length.toLocaleString('en')} characters)`;
}

function writeAsymmetric(value: object, limit: number, depth: number, parents: readonly object[]): string {
  const { toAsymmetricMatcher, sample } = value as { toAsymmetricMatcher?: unknown; sample?: unknown };
  try {
    if (typeof toAsymmetricMatcher === 'function') return cut(String(toAsymmetricMatcher.call(value)), limit);
    const name = cut(String(value), limit);
    const label = name.startsWith('[object ') ? (value.constructor?.name ?? 'asymmetric matcher') : name;
    return sample === undefined ? label : `${label}(${write(sample, limit, depth + 1, parents)})`;
  } catch {
    return 'asymmetric matcher';
  }
}

function writeFunction(value: unknown): string {
  const source = Function.prototype.toString.call(value).replace(/\s+/g, ' ');
  if (source.length <= 80) return source;
  const { name } = value as { name?: unknown };
  return typeof name === 'string' && name !== '' ? `function ${name}` : `${source.slice(0, 80)}…`;
}

/** `1 byte`, `12,345 bytes` */
export function countBytes(count: number): string {
  return count === 1 ? '1 byte' : `${count.toLocaleString('en')} bytes`;
}

/** A key of an object as it would be written: quoted where it must be. */
export function writeKey(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : quote(key);
}

/** The text in quotes, with what cannot stand in them, or would steer a terminal, escaped. */
export function quote(text: string): string {
  const escaped = JSON.stringify(text)
    .slice(1, -1)
    .replace(
      /[\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g,
      (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
  if (text.includes("'") && !text.includes('"')) return `"${escaped}"`;
  return `'${escaped.replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}
