/** Replaces what a mask calls secret. Pure; what it does not know how to read stays as it is. */
import { withoutMembers } from './broken-json.js';
import { charsetOf } from './charset.js';
import { essenceOf, isJson, parameterOf } from './content-type.js';
import { decode, encoderOf } from './encodings.js';
import { jsonSeries } from './json-body.js';
import { JsonPaths, plainName } from './json-paths.js';
import { DEFAULT_MASK, type MaskRule } from './mask.js';

/** What stands in the place of a secret. */
export const MASKED = '[masked]';

/** Fields whose value is a URL, which may have secrets in its query. */
const OF_A_URL = new Set(['location', 'content-location', 'referer', 'origin', 'sourcemap', ':path']);

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
    return hasName(this.#query, name);
  }

  /** Whether values of the field of a form are secret. */
  form(name: string): boolean {
    return hasName(this.#form, name);
  }

  /** The value of a header field as it may be shown. */
  headerValue(name: string, value: string): string {
    if (this.header(name)) return MASKED;
    const key = name.toLowerCase();
    // RFC 8288, section 3.
    if (key === 'link') return value.replace(/<([^<>]*)>/g, (_, url: string) => `<${this.url(url)}>`);
    if (key === 'refresh') return value.replace(/(;\s*url\s*=\s*['"]?)(.*)$/i, (_, to, url) => to + this.url(url));
    return OF_A_URL.has(key) ? this.url(value) : value;
  }

  /**
   * A URL, or a part of one, as it may be shown; a fragment may be a query too (RFC 6749, section 4.2.2). A user in it stands
   * for `Authorization` (RFC 9110, section 4.2.4).
   */
  url(url: string): string {
    const from = url.search(/[?#]/);
    const end = from === -1 ? url.length : from;
    const before = this.header('authorization') ? withoutUser(url.slice(0, end)) : url.slice(0, end);
    if (from === -1 || this.#query.size === 0) return before + url.slice(end);
    return before + withoutSecrets(url.slice(from), OF_QUERIES, (name) => this.query(name));
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
    const type = essenceOf(contentType);
    if (type === 'application/x-www-form-urlencoded') {
      return withoutSecrets(text, OF_FORMS, (name) => this.form(name));
    }
    if (type.startsWith('multipart/')) return this.#multipart(text, parameterOf(contentType, 'boundary'));
    if (this.#json.empty) return text;
    if (type === 'text/event-stream') return this.#brokenJson(text);
    const series = jsonSeries(contentType);
    // Blanks are more than those of JSON: a byte order mark is one.
    const start = /\S/.exec(text)?.[0];
    if (series === 'sequence' || start === '\x1e') {
      return text
        .split('\x1e')
        .map((one) => this.#jsonText(one))
        .join('\x1e');
    }
    return series !== undefined || isJson(type) || start === '{' || start === '[' ? this.#jsonText(text) : text;
  }

  /** As {@link text}, of bytes. */
  body(bytes: Buffer, contentType: string | undefined): Buffer {
    if (bytes.length === 0) return bytes;
    const { name, marked } = charsetOf(bytes, contentType);
    if (name.startsWith('utf-16')) {
      const text = decode(bytes, name);
      const shown = this.text(text, contentType);
      return shown === text ? bytes : (encoderOf(name)(marked ? `\ufeff${shown}` : shown) ?? Buffer.from(shown));
    }
    // A byte a character, so that files in a form come back as they were; names and JSON's keys are ASCII or compare as bytes.
    const start = marked ? UTF8_MARK : 0;
    const text = bytes.toString('latin1', start);
    const shown = this.text(text, contentType);
    return shown === text ? bytes : Buffer.concat([bytes.subarray(0, start), Buffer.from(shown, 'latin1')]);
  }

  /** One text of JSON, or one a line. */
  #jsonText(text: string): string {
    const whole = this.#parsed(text);
    if (whole !== undefined) return whole;
    const lines = text.split('\n');
    const read = lines.map((line) => (/\S/.test(line) ? this.#parsed(line) : line));
    const [last = ''] = lines.slice(-1);
    // The last one may have been cut.
    return read.length > 1 && read.slice(0, -1).every((line) => line !== undefined)
      ? [...read.slice(0, -1), read.at(-1) ?? this.#brokenJson(last)].join('\n')
      : this.#brokenJson(text);
  }

  /** Undefined where it is no JSON. */
  #parsed(text: string): string | undefined {
    const mark = text.startsWith('\ufeff') ? '\ufeff' : '';
    let value: unknown;
    try {
      value = JSON.parse(text.slice(mark.length));
    } catch {
      return undefined;
    }
    const shown = hidden(value, this.#json);
    return shown === value ? text : `${mark}${JSON.stringify(shown)}${text.endsWith('\n') ? '\n' : ''}`;
  }

  #brokenJson(text: string): string {
    return withoutMembers(text, (name) => this.#json.has(name), MASKED);
  }

  #multipart(text: string, boundary: string | undefined): string {
    if (!boundary) return text;
    const dashes = `--${boundary}`;
    const isLineStart = (at: number): boolean => at === 0 || text[at - 1] === '\n';
    const shown: string[] = [];
    let start = 0;
    for (let at = text.indexOf(dashes); at !== -1; at = text.indexOf(dashes, at + dashes.length)) {
      if (!isLineStart(at)) continue;
      shown.push(this.#part(text.slice(start, at)));
      start = at;
    }
    return [...shown, this.#part(text.slice(start))].join('');
  }

  /** From its boundary up to the next one. */
  #part(part: string): string {
    const blank = /\r?\n\r?\n/.exec(part);
    if (blank === null) return part;
    const contentStart = blank.index + blank[0].length;
    const head = part.slice(0, contentStart);
    const end = /\r?\n$/.exec(part.slice(Math.max(contentStart, part.length - 2)))?.[0] ?? '';
    const content = part.slice(contentStart, part.length - end.length);
    const lines = head.replace(/\r?\n[ \t]+/g, ' ');
    const field = (name: RegExp): string | undefined => name.exec(lines)?.[1]?.trim();
    const name = parameterOf(field(/^content-disposition:(.*)$/im), 'name');
    const shown = name !== undefined && this.form(name) ? MASKED : this.text(content, field(/^content-type:(.*)$/im));
    return `${head}${shown}${end}`;
  }
}

/** Bytes of a byte order mark in UTF-8. */
const UTF8_MARK = 3;

/** The name itself, or the innermost key of one in brackets: `user[password]`, `passwords[]`. */
function hasName(names: ReadonlySet<string>, name: string): boolean {
  if (names.has(plainName(name))) return true;
  const keys = name.split(/[[\]]+/).filter(Boolean);
  return keys.length > 0 && name.endsWith(']') && names.has(plainName(keys.at(-1) ?? ''));
}

// What a `;` separates is a field where it has a name (HTML 4.01, appendix B.2.2), else it is of the value before it.
const OF_QUERIES = /(^|[?#&;])([^?#&;=]*)=([^&;#]*(?:;[^?&;#=]*(?![^&;#]))*)/g;
const OF_FORMS = /(^|&)([^&=]*)=([^&]*)/g;

/** The fields of a query or form, with their separators. */
function withoutSecrets(fields: string, each: RegExp, isSecret: (name: string) => boolean): string {
  return fields.replace(each, (all, before: string, name: string) =>
    isSecret(decoded(name)) ? `${before}${name}=${MASKED}` : all,
  );
}

function withoutUser(url: string): string {
  return url.replace(/^((?:[a-z][a-z\d+.-]*:)?\/\/)[^/]*@/i, `$1${MASKED}@`);
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
