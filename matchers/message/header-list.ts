import type { RawHeaders } from '../../src/http/headers.js';
import { formatWritten } from '../values/written.js';
import { type HeaderValue, headerProblem, headerStrings } from './header-syntax.js';

/** Header fields by name, or as pairs in the order and case to be sent. */
export type HeaderList =
  | Readonly<Record<string, HeaderValue>>
  | Iterable<readonly [name: string, value: string | number]>;

/** A list of fields, as it is written. */
export const EXAMPLE_HEADERS = `{ 'retry-after': 5, 'set-cookie': ['a=1', 'b=2'] }`;

/**
 * The fields as they are sent; `refuse` makes the error where they are none.
 *
 * @param key what they are called where they are written: `headers`, `trailers`
 */
export function rawHeaderList(value: unknown, key: string, refuse: (why: string) => Error): RawHeaders {
  if (typeof value !== 'object' || value === null) throw refuse(`${key} are an object or a list of pairs`);
  const raw: string[] = [];
  const pairs: Iterable<unknown> = Symbol.iterator in value ? (value as Iterable<unknown>) : Object.entries(value);
  for (const pair of pairs) {
    if (!Array.isArray(pair) || pair.length !== 2)
      throw refuse(`${formatWritten(pair)} is no pair of a name and a value`);
    const [name, field] = pair as [unknown, unknown];
    const problem = headerProblem(String(name), field);
    if (problem !== undefined) throw refuse(problem);
    for (const one of headerStrings(field as HeaderValue)) raw.push(String(name), one);
  }
  return raw;
}
