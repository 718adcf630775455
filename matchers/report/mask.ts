import { types } from 'node:util';
import { DEFAULT_MASK } from '../../src/exchange/mask.js';
import { ABSENT, Described, isAsymmetric, isPlainObject } from './format.js';

const MASKED = new Described('[masked]');

/** The header fields whose values are not shown in messages. */
export class Mask {
  readonly #names: ReadonlySet<string>;

  /** @param names in any case; default `authorization`, `cookie` and the like */
  constructor(names: readonly string[] = DEFAULT_MASK) {
    this.#names = new Set(names.map((name) => name.toLowerCase()));
  }

  has(name: string): boolean {
    return this.#names.has(name.toLowerCase());
  }

  /** A pattern as it may be shown. Only what can name a value is masked: a RegExp or predicate is no secret. */
  pattern(pattern: unknown): unknown {
    if (!isPlainObject(pattern)) return pattern;
    const shown: Record<string, unknown> = { ...pattern };
    if ('headers' in pattern) shown.headers = this.headers(pattern.headers);
    if ('cookies' in pattern) shown.cookies = this.cookies(pattern.cookies);
    return shown;
  }

  /** What is expected of the header fields, or came of them, as it may be shown. */
  headers(expected: unknown): unknown {
    return inside(expected, (headers) => this.record(headers));
  }

  /** As {@link headers}, of cookies: masked where their field is. */
  cookies(expected: unknown): unknown {
    if (!this.has('cookie')) return expected;
    return inside(expected, (cookies) => mapValues(cookies, hide));
  }

  /** Fields by name, as they may be shown. */
  record(headers: Record<string, unknown>): Record<string, unknown> {
    return mapValues(headers, (value, name) => (this.has(name) ? hide(value) : value));
  }
}

// An asymmetric matcher such as `objectContaining` has the names and values as its sample.
function inside(value: unknown, mask: (named: Record<string, unknown>) => Record<string, unknown>): unknown {
  if (isPlainObject(value)) return mask(value);
  if (!isAsymmetric(value)) return value;
  const { sample } = value as { sample?: unknown };
  if (!isPlainObject(sample)) return value;
  return Object.assign(Object.create(Object.getPrototypeOf(value)), value, { sample: mask(sample) });
}

function mapValues(
  values: Record<string, unknown>,
  change: (value: unknown, name: string) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value, name)]));
}

/** The value, or what stands for it where it says what is secret: a literal, a list, an asymmetric matcher. */
export function hide(value: unknown): unknown {
  const open = value === null || value === undefined || value === ABSENT;
  return open || typeof value === 'function' || types.isRegExp(value) ? value : MASKED;
}
