import { types } from 'node:util';
import { invalidPattern } from '../values/invalid-pattern.js';

/** An escaped character, a class, or any other character of a RegExp. */
const TOKEN = /\\.|\[(?:\\.|[^\]\\])*\]|[\s\S]/g;

/** Text that could stand before a query, and is no quantifier, group or class. */
const BEFORE = /^(?:[\w~%-]|\\?\/|\\[.-])$/;

/**
 * Refuses `/items?page=1/`, where the `?` was to begin the query: unescaped, it makes the character
 * before it optional.
 * @throws {TestError} `WAYLAY_INVALID_PATTERN`
 */
export function checkQuery(pattern: RegExp): void {
  const { source, flags } = pattern;
  let before = '';
  for (const { 0: token, index } of source.matchAll(TOKEN)) {
    // The query has begun: a quantifier after it is meant as one.
    if (token === '\\?' || (token.startsWith('[') && token.includes('?'))) return;
    if (token === '?' && BEFORE.test(before) && /^(?:[\w.~%-]|\\?[[\]])+=/.test(source.slice(index + 1))) {
      const start = source.slice(0, index - before.length);
      const rest = source.slice(index + 1);
      const why = `the ? makes the '${before}' before it optional and begins no query`;
      const write = `/${start}${before}\\?${rest}/${flags}`;
      throw invalidPattern(pattern, why, `${write}, or /${start}(?:${before})?${rest}/${flags} where that is meant`);
    }
    before = token;
  }
}

/** True if it is written for URLs without a query: `/\/search$/` says where the URL ends, and nothing of a query. */
export function endsBeforeQuery(pattern: unknown): boolean {
  if (!types.isRegExp(pattern)) return false;
  const tokens = pattern.source.match(TOKEN) ?? [];
  const asksForQuery = tokens.some((token) => token === '\\?' || (token.startsWith('[') && token.includes('?')));
  // A lookaround may be after what is not there.
  return tokens.at(-1) === '$' && !asksForQuery && !/\(\?<?[=!]/.test(pattern.source);
}
