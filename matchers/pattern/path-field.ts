/** The key `path`: the URL's path without its query. */
import type { Request } from '../../src/journal/message.js';
import { comparableText } from '../../src/net/comparable-url.js';
import { quote } from '../values/format.js';
import { invalidPattern } from '../values/invalid-pattern.js';
import { formatWritten } from '../values/written.js';
import { type Field, field, type ValueMatcher } from './field.js';
import { foreignHint, readForeign } from './foreign-syntax.js';
import { resolveGlob } from './glob.js';
import { comparableGlob } from './origin-glob.js';
import { globMatcher, scalar } from './scalar-matcher.js';
import { acceptedGlob } from './url-glob.js';

/** The path without the query: a glob, a RegExp, a predicate or an asymmetric matcher. */
export function pathField(value: unknown): Field {
  const matcher = scalar(value, literal, false);
  const read = (request: Request) => request.parsedUrl.pathname;
  const hint = typeof value === 'string' ? foreignHint(value) : undefined;
  return field({ name: 'path', weight: 2, matcher, read, preflight: 'as-is', ...(hint !== undefined && { hint }) });
}

function literal(path: unknown): ValueMatcher {
  if (typeof path !== 'string') throw invalidPattern({ path }, 'a path is a glob', `{ path: '/v1/*' }`);
  const foreign = readForeign(path);
  const meant = foreign?.glob ?? path;
  const refuse = (why: string, write = writePath(meant)) => invalidPattern({ path }, why, write);
  if (foreign?.certain) {
    const write = foreign.glob === undefined ? 'a RegExp, or a predicate' : `${writePath(meant)}, or a RegExp`;
    throw refuse('it has the syntax of a RegExp, and is a glob', write);
  }
  if (path.includes('#')) throw refuse('what follows # is never sent over the wire');
  if (/^[^/?]*:?\/\/[^/]/.test(path) && path.includes('://')) throw refuse(`a path starts with '/'`);
  if (path.includes('?')) throw refuse('the query has a key of its own');
  if (/^\*(?:[^*/{]|$)/.test(path)) throw refuse(`a path starts with '/', which a single * does not match`);
  if (!/^[/*]/.test(path)) throw refuse(`a path starts with '/'`);
  const origin = 'http://path.test';
  const resolved = path.startsWith('/') ? resolveGlob(origin + path).slice(origin.length) : path;
  try {
    return globMatcher(comparableGlob(resolved), path, comparableText);
  } catch (error) {
    throw refuse((error as Error).message, `{ path: '/{cart,checkout}' }`);
  }
}

/** The keys with which what is meant is accepted. */
function writePath(glob: string): string {
  const text = glob.replace(/#.*/s, '') || '/';
  if (text.includes('://')) return `{ url: ${quote(acceptedGlob(text, undefined))} }`;
  const [, before = text, query] = /^((?:\\.|[^?\\])*)\?(.*)$/s.exec(text) ?? [];
  const path = /^\*(?!\*)/.test(before) && !/^\*[/{]/.test(before) ? `*${before}` : before;
  const rooted = /^[/*]/.test(path) ? path : `/${path}`;
  const parameters =
    query === undefined || query === '' || query === '$' ? '' : `, query: ${formatWritten(parametersOf(query))}`;
  return `{ path: ${quote(rooted)}${parameters} }`;
}

function parametersOf(query: string): Record<string, unknown> {
  const parameters: Record<string, unknown> = Object.create(null);
  const all = new URLSearchParams(query);
  for (const name of new Set(all.keys())) {
    const values = all.getAll(name).map((value) => (value.includes('*') ? /.*/ : value));
    parameters[name] = values.length === 1 ? values[0] : values;
  }
  return { ...parameters };
}
