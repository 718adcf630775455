/** The keys of a pattern that the request line and the header fields answer. */

import { headersObject, headerValue, headerValues } from '../../src/http/headers.js';
import { isToken, TOKEN } from '../../src/http/token.js';
import { requestCookies } from '../../src/journal/har/har-cookies.js';
import type { Request } from '../../src/journal/message.js';
import { formatValue } from '../values/format.js';
import { invalidPattern } from '../values/invalid-pattern.js';
import { type Field, field, type ValueMatcher, valueMatcher } from './field.js';
import { type NamedValues, recordMatcher } from './named-values.js';
import { scalar } from './scalar-matcher.js';

/** Names of other tools for any method. */
const ANY = new Set(['ALL', 'ANY']);

/** A method, a list of which one must match, a RegExp, a predicate or an asymmetric matcher. */
export function methodField(value: unknown): Field {
  const literal = (method: unknown): ValueMatcher => {
    if (typeof method === 'string' && /[|^$(]|\*./.test(method)) {
      const methods = method.toUpperCase().match(/[A-Z][A-Z0-9_-]*/g);
      const write = methods === null ? 'no method, for any' : `{ method: ${formatValue(methods)} }`;
      throw invalidPattern({ method: value }, 'a method is one word, several are a list', write);
    }
    if (typeof method !== 'string' || method === '*' || !isToken(method)) {
      const write = `{ method: 'POST' }, or leave it out for any`;
      throw invalidPattern({ method: value }, 'a method is a word such as GET', write);
    }
    if (method !== method.toUpperCase()) {
      throw invalidPattern(
        { method: value },
        `methods are upper-case (RFC 9110, section 9.1), and '${method}' is not`,
        `{ method: '${method.toUpperCase()}' }`,
      );
    }
    return valueMatcher(method);
  };
  return field({
    name: 'method',
    matcher: scalar(value, literal),
    read: (request) => request.method,
    ...(typeof value === 'string' &&
      ANY.has(value) && { hint: `'${value}' is a method of its own; for any, leave it out` }),
    preflight: (request) => request.header('access-control-request-method'),
  });
}

/** Query parameters, as a subset. */
export function queryField(value: unknown): Field {
  const matcher = recordMatcher('query', value, `{ query: { page: '2', tag: ['a', 'b'] } }`);
  const read = (request: Request) => parameters(request.parsedUrl.searchParams);
  return field({ name: 'query', matcher, read, preflight: 'as-is' });
}

/** Header fields, as a subset; names in any case. */
export function headersField(value: unknown): Field {
  const matcher = recordMatcher('headers', value, `{ headers: { accept: 'text/html', 'x-debug': null } }`, {
    names: { of: 'header field', are: TOKEN },
  });
  const read = ({ rawHeaders }: Request): NamedValues => ({
    names: () => Object.keys(headersObject(rawHeaders)),
    canonical: (name) => name.toLowerCase(),
    values: (name) => headerValues(rawHeaders, name),
    joined: (name) => headerValue(rawHeaders, name),
    all: () => headersObject(rawHeaders),
  });
  return field({ name: 'headers', matcher, read });
}

/** Cookies of the request, as a subset. */
export function cookiesField(value: unknown): Field {
  const matcher = recordMatcher('cookies', value, `{ cookies: { session: /^[0-9a-f]+$/ } }`, {
    names: { of: 'cookie', are: /^[^=;]*$/ },
  });
  return field({ name: 'cookies', matcher, read: (request) => parameters(cookiePairs(request)) });
}

/** URL parameters and form fields as names with values. */
export function parameters(pairs: Iterable<readonly [string, string]>): NamedValues {
  const all: Record<string, string | string[]> = Object.create(null);
  for (const [name, value] of pairs) {
    const before = all[name];
    all[name] = before === undefined ? value : Array.isArray(before) ? [...before, value] : [before, value];
  }
  const values = (name: string) => {
    const value = all[name];
    return value === undefined ? [] : Array.isArray(value) ? value : [value];
  };
  return { names: () => Object.keys(all), values, all: () => all };
}

function cookiePairs({ rawHeaders }: Request): [string, string][] {
  return requestCookies(rawHeaders).map(({ name, value }) => [name, value]);
}
