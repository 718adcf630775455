/** Replaces what a mask calls secret. Pure; what it does not know how to read stays as it is. */

import { withoutMembers } from './broken-json.js';
import { JsonPaths, plainName } from './json-paths.js';
import { type LooseNames, withoutLooseSecrets } from './loose-secrets.js';
import { DEFAULT_MASK, MASKED, type MaskRule } from './mask.js';
import { protocolsWithoutTokens } from './protocol-tokens.js';
import { type FieldSecrets, formWithoutSecrets, urlWithoutSecrets } from './url-secrets.js';

/** Fields whose value is a URL, which may have secrets in its query. */
const OF_A_URL = new Set([
  'location',
  'content-location',
  'referer',
  'origin',
  'sourcemap',
  ':path',
  'x-forwarded-uri',
  'x-original-url',
  'x-rewrite-url',
]);

/** A value that is a URL, or the path of one, and nothing else. */
const URL_ALONE = /^(?:[a-z][a-z\d+.-]*:\/\/|\.{0,2}\/|[?#])\S*$/i;

/** Signs of a value that has a name for a part of it, or a user. */
const NAMED = /[=:@%]|3D/i;

/** The depth to which a value may stand in another one: a URL in the query of a URL in JSON. */
const MOST_NESTED = 12;

/** The secrets that a mask names. */
export class Secrets {
  readonly #headers: ReadonlySet<string>;
  readonly #query: ReadonlySet<string>;
  readonly #form: ReadonlySet<string>;
  readonly #json: JsonPaths;
  readonly #names: LooseNames;
  readonly #isEmpty: boolean;

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
    this.#isEmpty = rules.length === 0;
    this.#names = {
      query: (name) => this.query(name),
      form: (name) => this.form(name),
      json: (name) => this.#json.has(name),
      user: this.header('authorization'),
    };
  }

  /** True if nothing is secret. */
  get empty(): boolean {
    return this.#isEmpty;
  }

  /** True if values of the header field are secret. */
  header(name: string): boolean {
    return this.#headers.has(name.toLowerCase());
  }

  /** True if values of the field of a query are secret. */
  query(name: string): boolean {
    return hasName(this.#query, name);
  }

  /** True if values of the field of a form are secret. */
  form(name: string): boolean {
    return hasName(this.#form, name);
  }

  /** The value of a header field as it may be shown. */
  headerValue(name: string, value: string): string {
    if (this.header(name)) return MASKED;
    if (this.#isEmpty) return value;
    const key = name.toLowerCase();
    // RFC 8288, section 3.
    if (key === 'link') return value.replace(/<([^<>]*)>/g, (_, url: string) => `<${this.url(url)}>`);
    if (key === 'refresh') return value.replace(/(;\s*url\s*=\s*['"]?)(.*)$/i, (_, to, url) => to + this.url(url));
    if (key === 'sec-websocket-protocol' && this.header('authorization')) return protocolsWithoutTokens(value);
    return OF_A_URL.has(key) ? this.url(value) : this.value(value);
  }

  /** A URL, or a part of one, as it may be shown. A user in it stands for `Authorization` (RFC 9110, section 4.2.4). */
  url(url: string): string {
    return this.#url(url, 0);
  }

  /** A value that its name does not make secret: it may have a URL in it, or JSON. */
  value(text: string): string {
    return this.#value(text, 0);
  }

  #url(url: string, depth: number): string {
    return this.#isEmpty ? url : urlWithoutSecrets(url, this.#fields(this.#query, depth), this.header('authorization'));
  }

  #fields(names: ReadonlySet<string>, depth: number): FieldSecrets {
    return { isSecret: (name) => hasName(names, name), value: (text) => this.#value(text, depth + 1) };
  }

  #value(text: string, depth: number): string {
    if (depth > MOST_NESTED || this.#isEmpty || !NAMED.test(text)) return text;
    if (/^\s*[{[]/.test(text)) return this.jsonText(text, depth + 1);
    return URL_ALONE.test(text) ? this.#url(text, depth + 1) : this.loose(text);
  }

  /** @param code the text has code in it, which is to stay as it is */
  loose(text: string, code = false): string {
    return withoutLooseSecrets(text, this.#names, code);
  }

  /** The value of a JSON body as it may be shown; the same one where nothing of it is secret. */
  json(value: unknown): unknown {
    return this.#hidden(value, this.#json);
  }

  #hidden(value: unknown, paths: JsonPaths, depth = 0): unknown {
    return this.#isEmpty ? value : hidden(value, paths, (text) => this.#value(text, depth + 1));
  }

  /** True if the place in JSON is secret, or lies within one that is. */
  jsonAt(path: readonly (string | number)[]): boolean {
    let paths = this.#json;
    for (const key of path) {
      const { secret, inside } = paths.at(key);
      if (secret) return true;
      paths = inside;
    }
    return false;
  }

  /** The value inside of the place in JSON, as it may be shown. */
  jsonFrom(path: readonly (string | number)[], value: unknown): unknown {
    return this.#hidden(
      value,
      path.reduce((paths, key) => paths.at(key).inside, this.#json),
    );
  }

  /** Text of a form that is not known, as it may be shown: it may be JSON, or a sequence of it. */
  text(text: string): string {
    if (this.#isEmpty) return text;
    const start = startOf(text);
    if (start === SEPARATOR) return this.jsonSequence(text);
    return startsAsJson(start) ? this.jsonText(text) : this.loose(text);
  }

  /** The text of a form, as it may be shown. */
  formText(text: string): string {
    return formWithoutSecrets(text, this.#fields(this.#form, 0));
  }

  /** Texts of JSON, each behind a separator (RFC 7464). */
  jsonSequence(text: string): string {
    return text
      .split(SEPARATOR)
      .map((one) => this.jsonText(one))
      .join(SEPARATOR);
  }

  /** One text of JSON, or one a line. */
  jsonText(text: string, depth = 0): string {
    if (!/\S/.test(text)) return text;
    const whole = this.#parsed(text, depth);
    if (whole !== undefined) return whole;
    const lines = text.split('\n');
    const shown: string[] = [];
    for (const line of lines) {
      const isLast = shown.length === lines.length - 1;
      const read = /\S/.test(line) && lines.length > 1 ? this.#parsed(line, depth) : undefined;
      // The last one may have been cut.
      if (read === undefined && /\S/.test(line) && !isLast) return this.brokenJson(text);
      shown.push(read ?? this.brokenJson(line));
    }
    return shown.join('\n');
  }

  /** Undefined where it is no JSON. */
  #parsed(text: string, depth: number): string | undefined {
    const mark = text.startsWith('\ufeff') ? '\ufeff' : '';
    let value: unknown;
    try {
      if (!isClosed(text)) return undefined;
      value = JSON.parse(text.slice(mark.length));
    } catch {
      return undefined;
    }
    const shown = this.#hidden(value, this.#json, depth);
    return shown === value ? text : `${mark}${JSON.stringify(shown)}${text.endsWith('\n') ? '\n' : ''}`;
  }

  /** JSON that broke off, or stands among other text. */
  brokenJson(text: string): string {
    return this.loose(withoutMembers(text, this.#json, MASKED));
  }
}

/** Before each text of a sequence (RFC 7464, section 2.2). */
const SEPARATOR = '\x1e';

const CLOSING: ReadonlyMap<string | undefined, string> = new Map([
  ['{', '}'],
  ['[', ']'],
  ['"', '"'],
]);

/** Blanks are more than those of JSON: a byte order mark is one. */
function startOf(text: string): string | undefined {
  return /\S/.exec(text)?.[0];
}

/** True if what begins so is read as JSON, of whatever type it is said to be. */
export function startsAsJson(start: string | undefined): boolean {
  return start === '{' || start === '[' || start === SEPARATOR;
}

/** True if it ends as JSON that begins so does: an error of its parser, which has a stack, costs more than all else. */
function isClosed(text: string): boolean {
  const bare = text.trim();
  const closing = CLOSING.get(bare[0]);
  return closing === undefined || bare.endsWith(closing);
}

/** The name itself, or the innermost key of one in brackets: `user[password]`, `passwords[]`. */
function hasName(names: ReadonlySet<string>, name: string): boolean {
  if (names.has(plainName(name))) return true;
  const keys = name.split(/[[\]]+/).filter(Boolean);
  return keys.length > 0 && name.endsWith(']') && names.has(plainName(keys.at(-1) ?? ''));
}

/** Shows a string that its name does not make secret. */
type Show = (text: string) => string;

/** A copy without secrets; the same value where there are none. Deeper than the stack goes, all of it is one. */
function hidden(value: unknown, paths: JsonPaths, show: Show): unknown {
  try {
    return copied(value, paths, show);
  } catch (error) {
    if (error instanceof RangeError) return MASKED;
    throw error;
  }
}

function copied(value: unknown, paths: JsonPaths, show: Show): unknown {
  if (typeof value === 'string') return show(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map((item, at) => member(item, paths, at, show));
    return items.some((item, at) => item !== value[at]) ? items : value;
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return sampled(value, paths, show);
  const entries = Object.entries(value).map(([key, item]) => [key, member(item, paths, key, show)] as const);
  const isSame = entries.every(([key, item]) => item === (value as Record<string, unknown>)[key]);
  return isSame ? value : Object.fromEntries(entries);
}

/** An asymmetric matcher, such as `objectContaining`, has what it expects as its sample. */
function sampled(value: object, paths: JsonPaths, show: Show): object {
  const { asymmetricMatch, sample } = value as { asymmetricMatch?: unknown; sample?: unknown };
  if (typeof asymmetricMatch !== 'function') return value;
  const shown = copied(sample, paths, show);
  return shown === sample
    ? value
    : Object.assign(Object.create(Object.getPrototypeOf(value)), value, { sample: shown });
}

function member(value: unknown, paths: JsonPaths, key: string | number, show: Show): unknown {
  const { secret, inside } = paths.at(key);
  if (!secret) return copied(value, inside, show);
  return value === null || value === undefined || typeof value === 'function' || value instanceof RegExp
    ? value
    : MASKED;
}

/** The secrets where no mask is given. */
export const DEFAULT_SECRETS = new Secrets();
