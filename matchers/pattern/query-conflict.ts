/** Refuses a URL whose query says something else than the key `query` beside it. */
import { types } from 'node:util';
import { isPlainObject, quote } from '../values/format.js';
import { invalidPattern } from '../values/invalid-pattern.js';
import { isExactly, matchesRegExp } from '../values/value.js';
import { formatWritten } from '../values/written.js';

/**
 * A URL that has a query is the whole of it: what else `query` asks for would not be there.
 * @throws {TestError} `WAYLAY_INVALID_PATTERN`
 */
export function checkQueryConflict(glob: string, queries: readonly unknown[]): void {
  const [, url = '', query] = /^((?:\\.|[^?\\])*)\?(.*)$/s.exec(glob) ?? [];
  if (query === undefined || /[*{}\\]/.test(query)) return;
  const parameters = new URLSearchParams(query);
  for (const given of queries) {
    const asked: unknown = isExactly(given) ? given.sample : given;
    if (!isPlainObject(asked)) continue;
    const [name] = Object.entries(asked).find(([one, value]) => !maySay(parameters.getAll(one), value)) ?? [];
    if (name === undefined) continue;
    const said = Object.fromEntries(
      [...new Set(parameters.keys())].map((one) => [one, single(parameters.getAll(one))]),
    );
    const write = `{ url: ${quote(url)}, query: ${formatWritten({ ...said, ...asked })} }`;
    const why = `a URL with a query has no other parameters than it says, and '${name}' is another`;
    throw invalidPattern({ url: glob, query: given }, why, write);
  }
}

function maySay(values: readonly string[], asked: unknown): boolean {
  if (asked === null) return values.length === 0;
  if (Array.isArray(asked)) return asked.length === values.length;
  if (typeof asked === 'string') return values.includes(asked);
  if (types.isRegExp(asked)) return values.some((value) => matchesRegExp(asked, value));
  return values.length > 0 || typeof asked !== 'function';
}

function single(values: readonly string[]): string | readonly string[] {
  return values.length === 1 ? (values[0] ?? '') : values;
}
