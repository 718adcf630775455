/** The keys of a pattern that the request line and the header fields answer. */
import { requestCookies } from '../../src/exchange/har-cookies.js';
import { headersObject, headerValue, headerValues } from '../../src/exchange/headers.js';
import type { Request } from '../../src/exchange/message.js';
import { comparableText } from '../../src/net/comparable-url.js';
import { formatValue, quote } from '../report/format.js';
import { type Field, field, type ValueMatcher, valueMatcher } from './field.js';
import { foreignHint, withoutRegExp } from './foreign-syntax.js';
import { resolveGlob } from './glob.js';
import { invalidPattern } from './invalid-pattern.js';
import { type NamedValues, recordMatcher } from './named-values.js';
import { comparableGlob } from './origin-glob.js';
import { globMatcher, scalar } from './scalar.js';

const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/;

/** A method, a list of which one must match, a RegExp, a predicate or an asymmetric matcher. */
export function methodField(value: unknown): Field {
  const literal = (method: unknown): ValueMatcher => {
    if (typeof method !== 'string' || method === '*' || !TOKEN.test(method)) {
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
    preflight: (request) => request.header('access-control-request-method'),
  });
}

/** The path without the query: a glob, a RegExp, a predicate or an asymmetric matcher. */
export function pathField(value: unknown): Field {
  const literal = (path: unknown): ValueMatcher => {
    if (typeof path !== 'string') throw invalidPattern({ path: value }, 'a path is a glob', `{ path: '/v1/*' }`);
    const meant = withoutRegExp(path);
    if (meant !== undefined) {
      const write = `{ path: ${quote(meant)} }, or a RegExp`;
      throw invalidPattern({ path: value }, 'it has the syntax of a RegExp, and is a glob', write);
    }
    const query = path.indexOf('?');
    if (query !== -1) {
      const [name = '', text = ''] = path.slice(query + 1).split(/[=&]/);
      const parameter = name === '' ? '' : `, query: ${formatValue({ [name]: text })}`;
      const write = `{ path: ${quote(path.slice(0, query))}${parameter} }`;
      throw invalidPattern({ path: value }, 'the query has a key of its own', write);
    }
    if (path.includes('#')) {
      const write = `{ path: ${quote(path.replace(/#.*/, ''))} }`;
      throw invalidPattern({ path: value }, 'what follows # is never sent over the wire', write);
    }
    if (/^\*(?:[^*/{]|$)/.test(path)) {
      const write = `{ path: ${quote(`*${path}`)} }`;
      throw invalidPattern({ path: value }, `a path starts with '/', which a single * does not match`, write);
    }
    if (!/^[/*]/.test(path)) {
      const write = `{ ${path.includes('://') ? `url: ${quote(path)}` : `path: ${quote(`/${path}`)}`} }`;
      throw invalidPattern({ path: value }, `a path starts with '/'`, write);
    }
    const origin = 'http://path.test';
    const resolved = path.startsWith('/') ? resolveGlob(origin + path).slice(origin.length) : path;
    try {
      return globMatcher(comparableGlob(resolved), path, comparableText);
    } catch (error) {
      throw invalidPattern({ path: value }, (error as Error).message, `{ path: '/{cart,checkout}' }`);
    }
  };
  const read = (request: Request) => request.parsedUrl.pathname;
  const matcher = scalar(value, literal, false);
  const hint = typeof value === 'string' ? foreignHint(value) : undefined;
  return field({ name: 'path', weight: 2, matcher, read, preflight: 'as-is', ...(hint !== undefined && { hint }) });
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
