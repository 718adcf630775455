/** The key `url`: the whole URL. */
import { types } from 'node:util';
import type { Request } from '../../src/journal/message.js';
import { comparableUrl } from '../../src/net/comparable-url.js';
import { isAsymmetric, quote } from '../values/format.js';
import { invalidPattern } from '../values/invalid-pattern.js';
import { isUrlPattern } from '../values/url-pattern.js';
import { anySpelling, type Field, type FieldContext, field, type Subject, valueMatcher } from './field.js';
import { foreignHint } from './foreign-syntax.js';
import { expandBraces, globUrlEnd } from './glob.js';
import { comparableGlob, globAuthority, globHandshake, urlGlobExpression } from './origin-glob.js';
import { checkQueryConflict } from './query-conflict.js';
import { checkQuery, endsBeforeQuery } from './regexp-query.js';
import { globMatcher } from './scalar-matcher.js';
import { readUrlGlob } from './url-glob.js';
import { urlPatternMatcher } from './url-pattern-matcher.js';

/** A resolved glob with the `^` that it was written with: some URL parsers (Node 26) encode it. */
function asWritten(resolved: string, written: string): string {
  return written.includes('^') ? resolved.replaceAll('%5E', '^') : resolved;
}

/** The whole URL: a glob, a RegExp, a `URLPattern`, a predicate over the `URL`, or an asymmetric matcher over the string. */
export function urlField(value: unknown, { baseURL, queryPatterns = [] }: FieldContext, method?: string): Field {
  const init = { name: 'url', weight: 3, preflight: 'as-is' } as const;
  const hasQueryPatterns = queryPatterns.length > 0;
  if (typeof value === 'string') {
    const globs = alternatives(value).map((one) => readUrlGlob(one, baseURL, method));
    const [resolved = value] = globs;
    const shown = globs.length === 1 ? asWritten(resolved, value) : value;
    const glob = comparableGlob(shown);
    const mayMatch = globAuthority(...globs);
    const matcher = anySpelling(globMatcher(glob, shown, comparableUrl, urlGlobExpression(globs)));
    const onHandshake = globs.length === 1 ? globHandshake(resolved) : undefined;
    // A URL without a query leaves that to the key `query`.
    const leavesQuery = hasQueryPatterns && !value.includes('?');
    if (hasQueryPatterns && !leavesQuery) checkQueryConflict(value, queryPatterns);
    const urlEnd = leavesQuery ? undefined : globUrlEnd(glob);
    const hint = foreignHint(shown);
    return field({
      ...init,
      ...(hint !== undefined && { hint }),
      read: leavesQuery ? spellingsWithoutQuery : spellings,
      matcher,
      onlyWebSockets: /^wss?:/i.test(resolved),
      ...(mayMatch && { mayMatch }),
      ...(onHandshake && { onHandshake }),
      ...(urlEnd !== undefined && { urlEnd }),
    });
  }
  if (isUrlPattern(value)) {
    const { matcher, ...authority } = urlPatternMatcher(value);
    const read = hasQueryPatterns && value.search === '' ? spellingsWithoutQuery : spellings;
    return field({ ...init, read, matcher: anySpelling(matcher), ...authority });
  }
  if (typeof value === 'function') {
    return field({ ...init, read: ({ url }) => new URL(url), matcher: valueMatcher(value) });
  }
  if (types.isRegExp(value)) checkQuery(value);
  if (types.isRegExp(value) || isAsymmetric(value)) {
    const read = hasQueryPatterns && endsBeforeQuery(value) ? spellingsWithAndWithoutQuery : spellings;
    return field({ ...init, read, matcher: anySpelling(valueMatcher(value)) });
  }
  const write = value instanceof URL ? `{ url: ${quote(value.href)} }` : `{ url: 'https://api.pay.test/**' }`;
  const why = 'a url is a glob, a RegExp, a URLPattern, a predicate or an asymmetric matcher';
  throw invalidPattern({ url: value }, why, write);
}

// Braces around whole origins are written out, since each is a URL to resolve.
function alternatives(glob: string): readonly string[] {
  return (/\{[^{}]*:\/\/[^{}]*\}/.test(glob) && expandBraces(glob)) || [glob];
}

// A WebSocket's handshake is an HTTP request (RFC 6455, section 4.1), but its URL is written wss:.
function spellings({ url }: Request, { websocket }: Subject): string | string[] {
  return websocket ? [url, url.replace(/^http/, 'ws')] : url;
}

function spellingsWithoutQuery(request: Request, subject: Subject): string | string[] {
  const all = spellings(request, subject);
  return typeof all === 'string' ? withoutQuery(all) : all.map(withoutQuery);
}

function spellingsWithAndWithoutQuery(request: Request, subject: Subject): string[] {
  return [spellings(request, subject), spellingsWithoutQuery(request, subject)].flat();
}

function withoutQuery(url: string): string {
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}
