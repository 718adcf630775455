import { type Headers, headersObject, headerValue, type RawHeaders, withHeader } from '../../src/http/headers.js';
import type { Exchange } from '../../src/journal/exchange.js';
import { type HeaderValue, headerProblem, headerStrings } from '../message/header-syntax.js';
import { hopByHopProblem } from '../message/hop-by-hop.js';
import { isPlainObject } from '../values/format.js';
import { formatWritten } from '../values/written.js';

/** A field's value or, repeated, its values; null deletes it. */
export type NewValue = HeaderValue | null;
/** All fields that there shall be, by name. */
export type NewFields = Readonly<Record<string, NewValue>>;

/** One field's new value, null to delete it, or a function of its old value. */
export type HeaderChange = NewValue | ((old: string | undefined, exchange: Exchange) => NewValue | Promise<NewValue>);

/** Fields to set or delete, by name; or a function of all fields that returns all there shall be. */
export type HeadersChange =
  | Readonly<Record<string, HeaderChange>>
  | ((old: Headers, exchange: Exchange) => NewFields | Promise<NewFields>);

/** The reason why this cannot change headers; undefined where it can. */
export function headersChangeProblem(change: unknown): string | undefined {
  if (typeof change === 'function') return undefined;
  if (!isPlainObject(change)) return `headers are an object or a function, and not ${formatWritten(change)}`;
  for (const [name, value] of Object.entries(change)) {
    const problem = headerProblem(name, value === null || typeof value === 'function' ? '' : value);
    if (problem !== undefined) return problem;
    // Functions may return what they were given.
    const hop = value === null || typeof value === 'function' ? undefined : hopByHopProblem(name, value);
    if (hop !== undefined) return `${hop.why}; leave it out`;
  }
  return undefined;
}

/**
 * The fields after a change; what does not change keeps its order, case and repetition.
 * `refuse` makes the error for what a function of the test returned.
 */
export async function changeHeaders(
  raw: RawHeaders,
  change: HeadersChange,
  exchange: Exchange,
  refuse: (why: string) => Error,
): Promise<RawHeaders> {
  if (typeof change === 'function') return replaceAll(raw, await change(headersObject(raw), exchange), refuse);
  let changed = raw;
  for (const [name, value] of Object.entries(change)) {
    const result = typeof value === 'function' ? await value(headerValue(changed, name), exchange) : value;
    changed = setHeader(changed, name, result, refuse);
  }
  return changed;
}

function replaceAll(raw: RawHeaders, wanted: unknown, refuse: (why: string) => Error): RawHeaders {
  if (!isPlainObject(wanted)) throw refuse(`the function for headers returned ${formatWritten(wanted)}, and no object`);
  const old = headersObject(raw);
  const names = new Set(Object.keys(wanted).map((name) => name.toLowerCase()));
  let changed = raw;
  for (const name of Object.keys(old)) if (!names.has(name)) changed = withHeader(changed, name, null);
  for (const [name, value] of Object.entries(wanted)) {
    // Unchanged fields keep their lines: joined, several set-cookie fields would be one broken field.
    if (value !== old[name.toLowerCase()]) changed = setHeader(changed, name, value ?? null, refuse);
  }
  return changed;
}

function setHeader(raw: RawHeaders, name: string, value: unknown, refuse: (why: string) => Error): RawHeaders {
  if (value === null) return withHeader(raw, name, null);
  const problem = headerProblem(name, value);
  if (problem !== undefined) throw refuse(problem);
  return withHeader(raw, name, headerStrings(value as HeaderValue));
}
