/** The keys of a pattern that a request's head can answer. */
import { domainToASCII } from 'node:url';
import { types } from 'node:util';
import type { Authority } from '../../src/destination.js';
import { defaultPort } from '../../src/destination.js';
import { requestCookies } from '../../src/exchange/har-cookies.js';
import { headersObject, headerValue, headerValues } from '../../src/exchange/headers.js';
import type { Request } from '../../src/exchange/message.js';
import { isAsymmetric, quote } from '../report/format.js';
import { anyOf, type Field, type FieldContext, field, type Subject, type ValueMatcher, valueMatcher } from './field.js';
import { globAuthority, globToRegExp, resolveGlob } from './glob.js';
import { invalidPattern } from './invalid-pattern.js';
import { type NamedValues, recordMatcher } from './named-values.js';
import { globDistance } from './url-distance.js';
import { type Comparison, differs, SAME } from './value.js';

const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/;

/** A method, a list of which one must match, a RegExp, a predicate or an asymmetric matcher. */
export function methodField(value: unknown): Field {
  const literal = (method: unknown): ValueMatcher => {
    if (typeof method !== 'string' || !TOKEN.test(method)) {
      throw invalidPattern({ method: value }, 'a method is a word such as GET', `{ method: 'POST' }`);
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
  return field({ name: 'method', matcher: scalar(value, literal), read: (request) => request.method });
}

/** The whole URL: a glob, a RegExp, a predicate over the `URL`, or an asymmetric matcher over the string. */
export function urlField(value: unknown, { baseURL }: FieldContext): Field {
  const init = { name: 'url', weight: 3 };
  if (typeof value === 'string') {
    const resolved = checkUrlGlob(value, baseURL);
    const mayMatch = globAuthority(resolved);
    const matcher = anySpelling(globMatcher(resolved, resolved));
    return field({ ...init, read: spellings, matcher, ...(mayMatch && { mayMatch }) });
  }
  if (typeof value === 'function') {
    return field({ ...init, read: ({ url }) => new URL(url), matcher: valueMatcher(value) });
  }
  if (types.isRegExp(value) || isAsymmetric(value)) {
    return field({ ...init, read: spellings, matcher: anySpelling(valueMatcher(value)) });
  }
  const write = value instanceof URL ? `{ url: ${quote(value.href)} }` : `{ url: 'https://api.pay.test/**' }`;
  throw invalidPattern({ url: value }, 'a url is a glob, a RegExp, a predicate or an asymmetric matcher', write);
}

// A WebSocket's handshake is an HTTP request (RFC 6455, section 4.1), but its URL is written wss:.
function spellings({ url }: Request, { websocket }: Subject): string | string[] {
  return websocket ? [url, url.replace(/^http/, 'ws')] : url;
}

function anySpelling(matcher: ValueMatcher): ValueMatcher {
  return {
    expected: matcher.expected,
    matches: (url) => (Array.isArray(url) ? url.some((one) => matcher.matches(one)) : matcher.matches(url)),
    compare: (url) => {
      if (!Array.isArray(url)) return matcher.compare(url);
      const [first, ...others] = url.map((one) => matcher.compare(one)) as [Comparison, ...Comparison[]];
      return others.reduce((best, one) => (one.distance < best.distance ? one : best), first);
    },
  };
}

/** Whether the request opens a WebSocket. */
export function websocketField(value: unknown): Field {
  if (typeof value !== 'boolean') {
    throw invalidPattern({ websocket: value }, 'websocket is true or false', '{ websocket: true }');
  }
  const read = (_: Request, { websocket = false }: Subject) => websocket;
  return field({ name: 'websocket', matcher: valueMatcher(value), read });
}

/** The glob, resolved. */
function checkUrlGlob(glob: string, baseURL: string | undefined): string {
  const refuse = (why: string, write: string) => invalidPattern(glob, why, write);
  if (glob === '') throw refuse('it is empty', `'**' for every request`);
  if (/\s/.test(glob)) throw refuse('a URL has no spaces; on the wire they are %20', quote(glob.replace(/\s/g, '%20')));
  const fragment = glob.replace(/\\[\s\S]/g, '  ').indexOf('#');
  if (fragment !== -1) throw refuse('what follows # is never sent over the wire', quote(glob.slice(0, fragment)));
  const resolved = resolveGlob(glob, baseURL);
  try {
    globToRegExp(resolved);
  } catch (error) {
    const braces = quote(glob.replace(/[{}]/g, '\\$&'));
    throw refuse((error as Error).message, `'https://shop.test/{cart,checkout}', or ${braces} for braces as they are`);
  }
  // A glob that starts with a star or a brace may stand for any scheme.
  if (/^[*{]/.test(resolved)) return resolved;
  const scheme = /^([^/]*):\/\//.exec(resolved)?.[1];
  if (scheme === undefined && /^[/.]/.test(glob)) {
    const path = glob.replace(/^[./]*/, '**/');
    throw refuse('it is a path, and there is no baseURL to resolve it against', `${quote(path)}, or the whole URL`);
  }
  if (scheme === undefined) {
    throw refuse('it has no scheme', quote(`${/^(?:localhost|\d)/.test(glob) ? 'http' : 'https'}://${glob}`));
  }
  if (/^[a-z][a-z0-9+.-]*$/i.test(scheme) && !/^(?:https?|wss?)$/.test(scheme)) {
    const write = quote(`https${glob.slice(glob.indexOf('://'))}`);
    throw refuse(`'${scheme}:' does not go through a proxy`, write);
  }
  return resolved;
}

/** The host without its port: a name (`*` stands for any characters), a list of which one must match, … */
export function hostField(value: unknown): Field {
  const literal = (host: unknown): ValueMatcher => {
    if (typeof host !== 'string' || host === '') {
      throw invalidPattern({ host: value }, 'a host is a name or an address', `{ host: 'api.pay.test' }`);
    }
    const port = /^(?:\[(.+)\]|([^:]+)):(\d+)$/.exec(host);
    if (port !== null) {
      const write = `{ host: '${port[1] ?? port[2]}', port: ${port[3]} }`;
      throw invalidPattern({ host: value }, 'the port has a key of its own', write);
    }
    if (/[/\s?#@{}]/.test(host)) {
      const only = /^[a-z]+:\/\/([^/\s?#@{}]+)/i.exec(host)?.[1] ?? 'api.pay.test';
      throw invalidPattern(
        { host: value },
        'a host is a name or an address and nothing else',
        `{ host: ${quote(only)} }`,
      );
    }
    const name = host.includes('*') ? host.toLowerCase() : domainToASCII(host) || host.toLowerCase();
    return globMatcher(name.replace(/^\[(.*)\]$/, '$1'), host);
  };
  const matcher = scalar(value, literal);
  const init = { name: 'host', weight: 2, matcher, read: hostOf };
  // A predicate is asked of requests only, since it may have effects.
  if (typeof value === 'function') return field(init);
  return field({ ...init, mayMatch: (authority: Authority) => matcher.matches(authority.host) });
}

/** The port, also where the URL leaves it out. */
export function portField(value: unknown): Field {
  const literal = (port: unknown): ValueMatcher => {
    if (!Number.isInteger(port) || (port as number) < 1 || (port as number) > 65535) {
      throw invalidPattern({ port: value }, 'a port is a number from 1 to 65535', '{ port: 8443 }');
    }
    return valueMatcher(port);
  };
  if (types.isRegExp(value)) throw invalidPattern({ port: value }, 'a port is a number', '{ port: [8080, 8443] }');
  const matcher = scalar(value, literal);
  const init = { name: 'port', matcher, read: portOf };
  if (typeof value === 'function') return field(init);
  return field({ ...init, mayMatch: (authority: Authority) => matcher.matches(authority.port) });
}

/** The path without the query: a glob, a RegExp, a predicate or an asymmetric matcher. */
export function pathField(value: unknown): Field {
  const literal = (path: unknown): ValueMatcher => {
    if (typeof path !== 'string') throw invalidPattern({ path: value }, 'a path is a glob', `{ path: '/v1/*' }`);
    const query = path.indexOf('?');
    if (query !== -1) {
      const [name = 'page', text = ''] = path.slice(query + 1).split(/[=&]/);
      const write = `{ path: '${path.slice(0, query)}', query: { ${name}: '${text}' } }`;
      throw invalidPattern({ path: value }, 'the query has a key of its own', write);
    }
    if (!/^[/*]/.test(path)) {
      const write = path.includes('://') ? `{ url: '${path}' }` : `{ path: '/${path}' }`;
      throw invalidPattern({ path: value }, `a path starts with '/'`, write);
    }
    const origin = 'http://path.test';
    const resolved = path.startsWith('/') ? resolveGlob(origin + path).slice(origin.length) : path;
    try {
      return globMatcher(resolved, path);
    } catch (error) {
      throw invalidPattern({ path: value }, (error as Error).message, `{ path: '/{cart,checkout}' }`);
    }
  };
  const read = (request: Request) => request.parsedUrl.pathname;
  return field({ name: 'path', weight: 2, matcher: scalar(value, literal, false), read });
}

/** Query parameters, as a subset. */
export function queryField(value: unknown): Field {
  const matcher = recordMatcher('query', value, `{ query: { page: '2', tag: ['a', 'b'] } }`);
  return field({ name: 'query', matcher, read: (request) => parameters(request.parsedUrl.searchParams) });
}

/** Header fields, as a subset; names in any case. */
export function headersField(value: unknown): Field {
  const matcher = recordMatcher('headers', value, `{ headers: { accept: 'text/html', 'x-debug': null } }`);
  const read = ({ rawHeaders }: Request): NamedValues => ({
    values: (name) => headerValues(rawHeaders, name),
    joined: (name) => headerValue(rawHeaders, name),
    all: () => headersObject(rawHeaders),
  });
  return field({ name: 'headers', matcher, read });
}

/** Cookies of the request, as a subset. */
export function cookiesField(value: unknown): Field {
  const matcher = recordMatcher('cookies', value, `{ cookies: { session: /^[0-9a-f]+$/ } }`);
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
  return { values, all: () => all };
}

function cookiePairs({ rawHeaders }: Request): [string, string][] {
  return requestCookies(rawHeaders).map(({ name, value }) => [name, value]);
}

function hostOf(request: Request): string {
  return request.parsedUrl.hostname.replace(/^\[(.*)\]$/, '$1');
}

function portOf(request: Request): number {
  const { port, protocol } = request.parsedUrl;
  return port === '' ? defaultPort(protocol.slice(0, -1)) : Number(port);
}

/** A literal, or a list of literals where one must match; RegExp, predicate and asymmetric matcher as they are. */
function scalar(value: unknown, literal: (value: unknown) => ValueMatcher, lists = true): ValueMatcher {
  if (typeof value === 'function' || types.isRegExp(value) || isAsymmetric(value)) return valueMatcher(value);
  if (lists && Array.isArray(value) && value.length > 0) return anyOf(value.map((one) => literal(one)));
  return literal(value);
}

function globMatcher(glob: string, shown: string): ValueMatcher {
  const expression = globToRegExp(glob);
  return {
    expected: shown,
    matches: (actual) => expression.test(actual as string),
    compare: (actual) =>
      expression.test(actual as string) ? SAME : differs(shown, actual, [], globDistance(glob, actual as string)),
  };
}
