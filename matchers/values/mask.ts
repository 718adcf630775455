import { types } from 'node:util';
import { Secrets } from '../../src/journal/mask/secrets.js';
import { ABSENT, Described, isAsymmetric, isPlainObject } from './format.js';

const MASKED = new Described('[masked]');

/** Masks in messages what is secret of patterns and of what is held against them. */
export class Mask extends Secrets {
  /** A pattern as it may be shown. Only what can name a value is masked: a RegExp or predicate is no secret. */
  pattern(pattern: unknown): unknown {
    if (typeof pattern === 'string') return this.url(pattern);
    if (!isPlainObject(pattern)) return pattern;
    const shown: Record<string, unknown> = { ...pattern };
    for (const [key, value] of Object.entries(pattern)) shown[key] = this.part(key, value);
    return shown;
  }

  /** One field of a pattern, or what came of it, as it may be shown. */
  part(field: string, value: unknown): unknown {
    switch (field) {
      case 'url':
      case 'path':
        return typeof value === 'string' ? this.url(value) : value;
      case 'headers':
        return inside(value, (headers) =>
          hideNamed(
            headers,
            (name) => this.header(name),
            (text, name) => this.headerValue(name, text),
          ),
        );
      case 'cookies':
        return this.header('cookie') ? inside(value, (cookies) => hideNamed(cookies, () => true)) : value;
      case 'query':
        return inside(value, (fields) =>
          hideNamed(
            fields,
            (name) => this.query(name),
            (text) => this.value(text),
          ),
        );
      case 'form':
      case 'multipart':
        return inside(value, (fields) =>
          hideNamed(
            fields,
            (name) => this.form(name),
            (text) => this.value(text),
          ),
        );
      case 'json':
      case 'graphql':
        return this.json(value);
      case 'text':
      case 'body':
        return typeof value === 'string' ? this.text(value) : value;
      default:
        return value;
    }
  }

  /** The value at a place in a field that is not secret as a whole, as it may be shown. */
  at(field: string, path: readonly (string | number)[], value: unknown): unknown {
    if (field === 'json' || field === 'graphql') return this.jsonFrom(path, value);
    if (typeof value !== 'string') return value;
    switch (field) {
      case 'headers':
        return this.headerValue(String(path[0]), value);
      case 'query':
      case 'form':
      case 'multipart':
        return this.value(value);
      default:
        return value;
    }
  }

  /**
   * The value that a test wrote, though it is not what it was to be, as it may be shown: what is secret anywhere is so
   * here.
   */
  written(value: unknown, secret = false, parents: readonly unknown[] = []): unknown {
    if (typeof value === 'string') return secret ? MASKED : this.value(this.url(value));
    if (value instanceof URL) return new Described(`URL(${this.url(value.href)})`);
    if (types.isUint8Array(value) || parents.length > DEEPEST) return value;
    if (parents.includes(value)) return new Described('(circular)');
    const inside = [...parents, value];
    if (Array.isArray(value)) return value.map((item) => this.written(item, secret, inside));
    if (isPlainObject(value)) {
      const shown = (name: string, item: unknown) => this.written(item, secret || this.#isSecretName(name), inside);
      return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, shown(name, item)]));
    }
    if (!isAsymmetric(value)) return value;
    const { sample } = value as { sample?: unknown };
    const shown = this.written(sample, secret, inside);
    return Object.assign(Object.create(Object.getPrototypeOf(value)), value, { sample: shown });
  }

  #isSecretName(name: string): boolean {
    return (
      this.header(name === 'cookies' ? 'cookie' : name) || this.query(name) || this.form(name) || this.jsonAt([name])
    );
  }

  /** True if the value at a place in a field is secret as a whole. */
  isSecret(field: string, [name, ...rest]: readonly (string | number)[]): boolean {
    if (name === undefined) return false;
    switch (field) {
      case 'headers':
        return this.header(String(name));
      case 'cookies':
        return this.header('cookie');
      case 'query':
        return this.query(String(name));
      case 'form':
      case 'multipart':
        return this.form(String(name));
      case 'json':
      case 'graphql':
        return this.jsonAt([name, ...rest]);
      default:
        return false;
    }
  }
}

/** The depth below which nothing is shown at all. */
const DEEPEST = 20;

// An asymmetric matcher such as `objectContaining` has the names and values as its sample.
function inside(value: unknown, mask: (named: Record<string, unknown>) => Record<string, unknown>): unknown {
  if (isPlainObject(value)) return mask(value);
  if (!isAsymmetric(value)) return value;
  const { sample } = value as { sample?: unknown };
  if (!isPlainObject(sample)) return value;
  return Object.assign(Object.create(Object.getPrototypeOf(value)), value, { sample: mask(sample) });
}

function hideNamed(
  values: Record<string, unknown>,
  isSecret: (name: string) => boolean,
  show: (text: string, name: string) => string = (text) => text,
): Record<string, unknown> {
  const one = (value: unknown, name: string) => (typeof value === 'string' ? show(value, name) : value);
  const shown = (value: unknown, name: string) =>
    Array.isArray(value) ? value.map((item) => one(item, name)) : one(value, name);
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, isSecret(name) ? hide(value) : shown(value, name)]),
  );
}

/** The value, or what stands for it where it says what is secret: a literal, a list, an asymmetric matcher. */
export function hide(value: unknown): unknown {
  const open = value === null || value === undefined || value === ABSENT;
  return open || typeof value === 'function' || types.isRegExp(value) ? value : MASKED;
}
