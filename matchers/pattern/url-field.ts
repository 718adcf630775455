/** The key `url`: the whole URL. */
import { types } from 'node:util';
import type { Request } from '../../src/exchange/message.js';
import { isAsymmetric, quote } from '../report/format.js';
import { anySpelling, type Field, type FieldContext, field, type Subject, valueMatcher } from './field.js';
import { globAuthority, globHandshake, globToRegExp, resolveGlob } from './glob.js';
import { invalidPattern } from './invalid-pattern.js';
import { checkQuery } from './regexp-query.js';
import { globMatcher } from './scalar.js';
import { isUrlPattern } from './url-pattern.js';
import { urlPatternMatcher } from './url-pattern-matcher.js';

/** The whole URL: a glob, a RegExp, a `URLPattern`, a predicate over the `URL`, or an asymmetric matcher over the string. */
export function urlField(value: unknown, { baseURL }: FieldContext): Field {
  const init = { name: 'url', weight: 3, preflight: 'as-is' } as const;
  if (typeof value === 'string') {
    const resolved = checkUrlGlob(value, baseURL);
    const mayMatch = globAuthority(resolved);
    const matcher = anySpelling(globMatcher(resolved, resolved));
    const onHandshake = globHandshake(resolved);
    return field({
      ...init,
      read: spellings,
      matcher,
      ...(mayMatch && { mayMatch }),
      ...(onHandshake && { onHandshake }),
    });
  }
  if (isUrlPattern(value)) {
    const { matcher, ...authority } = urlPatternMatcher(value);
    return field({ ...init, read: spellings, matcher: anySpelling(matcher), ...authority });
  }
  if (typeof value === 'function') {
    return field({ ...init, read: ({ url }) => new URL(url), matcher: valueMatcher(value) });
  }
  if (types.isRegExp(value)) checkQuery(value);
  if (types.isRegExp(value) || isAsymmetric(value)) {
    return field({ ...init, read: spellings, matcher: anySpelling(valueMatcher(value)) });
  }
  const write = value instanceof URL ? `{ url: ${quote(value.href)} }` : `{ url: 'https://api.pay.test/**' }`;
  const why = 'a url is a glob, a RegExp, a URLPattern, a predicate or an asymmetric matcher';
  throw invalidPattern({ url: value }, why, write);
}

// A WebSocket's handshake is an HTTP request (RFC 6455, section 4.1), but its URL is written wss:.
function spellings({ url }: Request, { websocket }: Subject): string | string[] {
  return websocket ? [url, url.replace(/^http/, 'ws')] : url;
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
