/** Reads the forms in which a pattern can be written, and refuses what is none. */
import { types } from 'node:util';
import { isPlainObject, quote } from '../values/format.js';
import { EXAMPLE_PATTERN, invalidPattern } from '../values/invalid-pattern.js';
import { nearestWord } from '../values/text-distance.js';
import { isUrlPattern } from '../values/url-pattern.js';
import { formatWritten } from '../values/written.js';
import { hostField, portField } from './authority-fields.js';
import { bodyField, formField, jsonField, textField } from './body-fields.js';
import { protocolField, sniField, websocketField } from './connection-fields.js';
import type { Field, FieldContext } from './field.js';
import { graphqlField } from './graphql-field.js';
import { cookiesField, headersField, methodField, queryField } from './head-fields.js';
import { multipartField } from './multipart-field.js';
import { pathField } from './path-field.js';
import { predicateField } from './predicate-field.js';
import type { RequestPattern } from './request-pattern.js';
import { urlField } from './url-field.js';
import { acceptedGlob } from './url-glob.js';

/** The keys of a pattern object, those of its type: how each is read into a field that knows how to judge it. */
const KEYS = {
  method: methodField,
  url: urlField,
  host: hostField,
  port: portField,
  path: pathField,
  query: queryField,
  headers: headersField,
  cookies: cookiesField,
  protocol: protocolField,
  sni: sniField,
  websocket: websocketField,
  json: jsonField,
  graphql: graphqlField,
  form: formField,
  multipart: multipartField,
  text: textField,
  body: bodyField,
} satisfies Record<keyof RequestPattern, (value: unknown, context: FieldContext) => Field>;

/** A key of a pattern object. */
export type PatternKey = keyof typeof KEYS;

/** The fields of a pattern in any of its forms. */
export function parsePattern(pattern: unknown, context: FieldContext): Field[] {
  if (typeof pattern === 'string') return parseString(pattern, context);
  if (typeof pattern === 'function') return [predicateField(pattern)];
  if (types.isRegExp(pattern) || isUrlPattern(pattern)) return [urlField(pattern, context)];
  if (pattern instanceof URL) {
    throw invalidPattern(pattern, 'a URL object is no pattern', quote(pattern.href));
  }
  if (!isPlainObject(pattern)) {
    throw invalidPattern(
      pattern,
      'a pattern is a string, a RegExp, a URLPattern, a predicate or an object',
      EXAMPLE_PATTERN,
    );
  }
  if (Object.keys(pattern).length === 0) {
    throw invalidPattern(pattern, 'it says nothing', `'**' for every request, or ${EXAMPLE_PATTERN}`);
  }
  return parseKeys(pattern, context);
}

/** The fields of a pattern object; `others` are names that the caller knows and has taken out. */
export function parseKeys(
  pattern: Readonly<Record<string, unknown>>,
  context: FieldContext,
  others: readonly string[] = [],
): Field[] {
  return Object.entries(pattern).map(([key, value]) => {
    if (!Object.hasOwn(KEYS, key)) throw unknownKey(key, value, others);
    if (value === undefined) {
      throw invalidPattern({ [key]: value }, `'${key}' is undefined`, `a value, or leave '${key}' out`);
    }
    return KEYS[key as PatternKey](value, context);
  });
}

/** Names of other libraries for them, where spelling does not tell. */
const OTHER_NAMES: Readonly<Record<string, PatternKey>> = Object.assign(Object.create(null), {
  params: 'query',
  search: 'query',
  searchParams: 'query',
  postData: 'text',
} satisfies Record<string, PatternKey>);

function unknownKey(key: string, value: unknown, others: readonly string[]): Error {
  if (key === 'times' || key === 'timeout') {
    const write = `expectRequest(pattern, { ${key}: ${formatWritten(value)} })`;
    return invalidPattern({ [key]: value }, `'${key}' is an option and no part of a pattern`, write);
  }
  const known = [...Object.keys(KEYS), ...others];
  const nearest = OTHER_NAMES[key] ?? nearestWord(key, known);
  if (nearest === undefined) {
    return invalidPattern(
      { [key]: value },
      `there is no key '${key}'; the keys are ${known.join(', ')}`,
      EXAMPLE_PATTERN,
    );
  }
  return invalidPattern(
    { [key]: value },
    `there is no key '${key}'; the nearest is '${nearest}'`,
    `{ ${nearest}: ${formatWritten(value, 60)} }`,
  );
}

// `url-glob` or `METHOD url-glob`
function parseString(pattern: string, context: FieldContext): Field[] {
  const words = pattern.trim().split(/\s+/);
  const [first = '', second] = words;
  if (first === '') {
    throw invalidPattern(pattern, 'it is empty', `'**' for every request, or 'POST https://api.pay.test/v1/charges'`);
  }
  if (second === undefined) {
    const method = first.toUpperCase();
    if (isMethod(first) || COMMON_METHODS.includes(method)) {
      throw invalidPattern(pattern, 'it names a method and no URL', `'${method} **'`);
    }
    return [urlField(first, context)];
  }
  if (words.length > 2 || first.startsWith('/') || first.includes('://')) {
    const url = acceptedGlob((isMethod(first) ? words.slice(1) : words).join('%20'), context.baseURL);
    const write = quote(isMethod(first) ? `${first} ${url}` : url);
    throw invalidPattern(pattern, 'a URL has no spaces; on the wire they are %20', write);
  }
  if (isMethod(first)) return [methodField(first), urlField(second, context, first)];
  if (isMethod(first.toUpperCase())) {
    const write = quote(`${first.toUpperCase()} ${acceptedGlob(second, context.baseURL)}`);
    throw invalidPattern(pattern, `the method '${first}' is not in upper case`, write);
  }
  throw invalidPattern(pattern, `'${first}' is no method`, writeMethods(first, acceptedGlob(second, context.baseURL)));
}

const COMMON_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** Writes a URL with what was to be one method or several. */
function writeMethods(word: string, url: string): string {
  if (word === '*') return `${quote(url)}, for any`;
  const methods = word
    .toUpperCase()
    .split(/[,|:]/)
    .filter((method) => method !== '');
  if (!methods.every(isMethod)) return `'POST https://api.pay.test/v1/charges'`;
  return methods.length === 1
    ? quote(`${methods[0]} ${url}`)
    : `{ method: ${formatWritten(methods)}, url: ${quote(url)} }`;
}

function isMethod(word: string): boolean {
  return /^[A-Z][A-Z0-9_-]*$/.test(word);
}
