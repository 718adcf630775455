/** Replaces what a mask calls secret. Pure; what it does not know how to read stays as it is. */
import { JsonPaths, plainName } from './json-paths.js';
import { DEFAULT_MASK, type MaskRule } from './mask.js';

/** What stands in the place of a secret. */
export const MASKED = '[masked]';

/** Fields whose value is a URL, which may have secrets in its query. */
const OF_A_URL = new Set(['location', 'content-location', 'referer', 'origin', ':path']);

/** The secrets that a mask names. */
export class Secrets {
  readonly #headers: ReadonlySet<string>;
  readonly #query: ReadonlySet<string>;
  readonly #form: ReadonlySet<string>;
  readonly #json: JsonPaths;

  constructor(rules: readonly MaskRule[] = DEFAULT_MASK) {
    const named = (kind: 'query' | 'form' | 'json') =>
      rules.flatMap((rule) => {
        const name = typeof rule === 'string' ? undefined : (rule as Record<string, string | undefined>)[kind];
        return name === undefined ? [] : [name];
      });
    this.#headers = new Set(rules.flatMap((rule) => (typeof rule === 'string' ? [rule.toLowerCase()] : [])));
    this.#query = new Set(named('query').map(plainName));
    this.#form = new Set(named('form').map(plainName));
    this.#json = JsonPaths.of(named('json'));
  }

  /** Whether values of the header field are secret. */
  header(name: string): boolean {
    return this.#headers.has(name.toLowerCase());
  }

  /** Whether values of the field of a query are secret. */
  query(name: string): boolean {
    return this.#query.has(plainName(name));
  }

  /** Whether values of the field of a form are secret. */
  form(name: string): boolean {
    return this.#form.has(plainName(name));
  }

  /** The value of a header field as it may be shown. */
  headerValue(name: string, value: string): string {
    if (this.header(name)) return MASKED;
    return OF_A_URL.has(name.toLowerCase()) ? this.url(value) : value;
  }

  /** A URL, or a part of one, as it may be shown; a fragment may be a query too (RFC 6749, section 4.2.2). */
  url(url: string): string {
    const from = url.search(/[?#]/);
    if (from === -1 || this.#query.size === 0) return url;
    return url.slice(0, from) + withoutSecrets(url.slice(from), (name) => this.query(name));
  }

  /** The value of a JSON body as it may be shown; the same one where nothing of it is secret. */
  json(value: unknown): unknown {
    return this.#json.empty ? value : hidden(value, this.#json);
  }

  /** Whether the place in JSON is secret, or lies within one that is. */
  jsonAt(path: readonly (string | number)[]): boolean {
    let paths = this.#json;
    for (const key of path) {
      const { secret, inside } = paths.at(key);
      if (secret) return true;
      paths = inside;
    }
    return false;
  }

  /** What lies inside of the place in JSON, as it may be shown. */
  jsonFrom(path: readonly (string | number)[], value: unknown): unknown {
    return hidden(
      value,
      path.reduce((paths, key) => paths.at(key).inside, this.#json),
    );
  }

  /** A body's text, read by its type, as it may be shown; the same one where nothing of it is secret. */
  text(text: string, contentType: string | undefined): string {
    const type = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
    if (type === 'application/x-www-form-urlencoded') return withoutSecrets(text, (name) => this.form(name));
    if (type.startsWith('multipart/form-data')) return this.#multipart(text, contentType ?? '');
    if (this.#json.empty) return text;
    const start = /\S/.exec(text)?.[0];
    return start === '{' || start === '[' ? this.#jsonText(text) : text;
  }

  /** As {@link text}, of bytes. */
  body(bytes: Buffer, contentType: string | undefined): Buffer {
    if (bytes.length === 0) return bytes;
    // A byte a character, so that files in a form come back as they were; names and JSON's keys are ASCII or compare as bytes.
    const text = bytes.toString('latin1');
    const shown = this.text(text, contentType);
    return shown === text ? bytes : Buffer.from(shown, 'latin1');
  }

  #jsonText(text: string): string {
    try {
      const value: unknown = JSON.parse(text);
      const shown = hidden(value, this.#json);
      return shown === value ? text : JSON.stringify(shown);
    } catch {
      return this.#jsonLines(text);
    }
  }

  /** JSON a line. */
  #jsonLines(text: string): string {
    return text
      .split('\n')
      .map((line) => {
        try {
          const value: unknown = JSON.parse(line);
          const shown = hidden(value, this.#json);
          return shown === value ? line : JSON.stringify(shown);
        } catch {
          return this.#brokenJson(line);
        }
      })
      .join('\n');
  }

  /** What broke off: members are told by their names alone. */
  #brokenJson(text: string): string {
    return text.replace(MEMBER, (all, name: string, before: string) =>
      this.#json.has(name) ? `"${name}"${before}"${MASKED}"` : all,
    );
  }

  #multipart(text: string, contentType: string): string {
    const boundary = /;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType)?.slice(1).find(Boolean);
    if (boundary === undefined) return text;
    return text
      .split(`--${boundary}`)
      .map((part) => {
        const [head = '', blank] = /^[\s\S]*?(\r?\n\r?\n)/.exec(part) ?? [];
        const [, quoted, bare] = /^content-disposition:[^\n]*;\s*name=(?:"([^"]*)"|([^\s;]+))/im.exec(head) ?? [];
        if (blank === undefined || !this.form(quoted ?? bare ?? '')) return part;
        return `${head}${MASKED}${/\r?\n$/.exec(part)?.[0] ?? ''}`;
      })
      .join(`--${boundary}`);
  }
}

/** A member of an object whose value is a text, a number or a word (RFC 8259, section 4); a text may have been cut. */
const MEMBER = /"((?:[^"\\]|\\.)*)"(\s*:\s*)(?:"(?:[^"\\]|\\.)*(?:"|$)|[-+\w.]+)/g;

/** The fields of a query or form, with their separators. */
function withoutSecrets(fields: string, isSecret: (name: string) => boolean): string {
  return fields.replace(/(^|[?#&;])([^?#&;=]*)=([^&;#]*)/g, (all, before: string, name: string) =>
    isSecret(decoded(name)) ? `${before}${name}=${MASKED}` : all,
  );
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll('+', ' '));
  } catch {
    return name;
  }
}

/** A copy without secrets; the same value where there are none. Deeper than the stack goes, all of it is one. */
function hidden(value: unknown, paths: JsonPaths): unknown {
  try {
    return copied(value, paths);
  } catch (error) {
    if (error instanceof RangeError) return MASKED;
    throw error;
  }
}

function copied(value: unknown, paths: JsonPaths): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map((item, at) => member(item, paths, at));
    return items.some((item, at) => item !== value[at]) ? items : value;
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return sampled(value, paths);
  const entries = Object.entries(value).map(([key, item]) => [key, member(item, paths, key)] as const);
  const isSame = entries.every(([key, item]) => item === (value as Record<string, unknown>)[key]);
  return isSame ? value : Object.fromEntries(entries);
}

/** An asymmetric matcher, such as `objectContaining`, has what it expects as its sample. */
function sampled(value: object, paths: JsonPaths): object {
  const { asymmetricMatch, sample } = value as { asymmetricMatch?: unknown; sample?: unknown };
  if (typeof asymmetricMatch !== 'function') return value;
  const shown = copied(sample, paths);
  return shown === sample
    ? value
    : Object.assign(Object.create(Object.getPrototypeOf(value)), value, { sample: shown });
}

function member(value: unknown, paths: JsonPaths, key: string | number): unknown {
  const { secret, inside } = paths.at(key);
  if (!secret) return copied(value, inside);
  return value === null || value === undefined || typeof value === 'function' || value instanceof RegExp
    ? value
    : MASKED;
}

/** Where no mask is given. */
export const DEFAULT_SECRETS = new Secrets();
