import { DEFAULT_MASK } from '../../src/exchange/har.js';
import { Described, isPlainObject } from './format.js';

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

  /** A pattern as it may be shown. Only literals are masked: a RegExp or predicate is no secret. */
  pattern(pattern: unknown): unknown {
    if (!isPlainObject(pattern)) return pattern;
    const shown: Record<string, unknown> = { ...pattern };
    if (isPlainObject(pattern.headers)) shown.headers = this.record(pattern.headers);
    if (isPlainObject(pattern.cookies) && this.has('cookie')) {
      shown.cookies = Object.fromEntries(Object.entries(pattern.cookies).map(([name, value]) => [name, hide(value)]));
    }
    return shown;
  }

  /** Fields by name as they may be shown. */
  record(headers: Record<string, unknown>): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, this.has(name) ? hide(value) : value]),
    );
  }
}

/** The value, or what stands for it where it is a literal. */
export function hide(value: unknown): unknown {
  return typeof value === 'string' || Array.isArray(value) ? MASKED : value;
}
