/** What a mutation changes: checked where it is written, applied to requests and responses alike. */
import { TestError } from '../../src/errors.js';
import type { Exchange } from '../../src/exchange/exchange.js';
import type { RawHeaders } from '../../src/exchange/headers.js';
import type { BodyChange, RequestChange, ResponseChange, ResponseHead } from '../../src/interceptor.js';
import { bytesOf, jsonText } from '../message/content.js';
import type { ParsedJson } from '../pattern/pattern.js';
import { nearestWord } from '../pattern/text-distance.js';
import { formatValue, isPlainObject } from '../report/format.js';
import { BODY_KEYS, type BodyStep, changeBody, withUtf8 } from './body-change.js';
import { changeHeaders, type HeadersChange, headersChangeProblem } from './header-change.js';

/** A new value, or a function of the old one. */
export type ValueChange<Old, New = Old> = New | ((old: Old) => New);

/** What can be changed of a body; at most one of these. Functions may be asynchronous. */
export interface BodyChanges {
  /** The body as JSON; no header is changed with it. */
  json?: ValueChange<ParsedJson>;
  /** The body as text: read in the charset of its content type, sent in UTF-8. */
  text?: string | ((old: string) => string | Promise<string>);
  /** The body's bytes, content codings undone. */
  body?: string | Uint8Array | ((old: Buffer) => string | Uint8Array | Promise<string | Uint8Array>);
}

/** What is changed of a request before it is forwarded. */
export interface RequestChanges extends BodyChanges {
  method?: ValueChange<string>;
  /** Absolute; another authority sends the request there. */
  url?: ValueChange<string, string | URL>;
  /** Fields to set, null to delete; or a function of all fields. */
  headers?: HeadersChange;
}

/** What is changed of a response before the client gets it. */
export interface ResponseChanges extends BodyChanges {
  /** From 200 to 599. */
  status?: ValueChange<number>;
  /** Fields to set, null to delete; or a function of all fields. */
  headers?: HeadersChange;
}

/**
 * What a mutation changes.
 *
 * @example
 * { request: { headers: { authorization: null } }, response: { json: (cart) => ({ ...cart, currency: 'EUR' }) } }
 */
export interface Change {
  request?: RequestChanges;
  response?: ResponseChanges;
}

interface Draft {
  method: string;
  url: string;
  status: number;
  headers: RawHeaders;
  body: BodyChange | undefined;
}

type HeadKey = 'method' | 'url' | 'status';

/** What is wrong with a value of the head; undefined where nothing is. */
const HEAD_CHECKS: Readonly<Record<HeadKey, (value: unknown) => string | undefined>> = {
  method: (value) =>
    typeof value === 'string' && /^[!#$%&'*+.^_`|~\w-]+$/.test(value) ? undefined : 'is no method such as PUT',
  url: (value) =>
    (typeof value === 'string' || value instanceof URL) &&
    /^(?:https?|wss?):\/\/[^/]/.test(String(value)) &&
    URL.canParse(value)
      ? undefined
      : `is no absolute URL such as 'https://api.test/v2/cart'`,
  status: (value) =>
    Number.isInteger(value) && (value as number) >= 200 && (value as number) <= 599
      ? undefined
      : 'is no whole number from 200 to 599',
};

const SIDES: Readonly<Record<'request' | 'response', readonly HeadKey[]>> = {
  request: ['method', 'url'],
  response: ['status'],
};

const EXAMPLE = `{ response: { headers: { 'x-debug': null }, json: (cart) => ({ ...cart, currency: 'EUR' }) } }`;

/**
 * Refuses what is no change.
 * @throws {TestError} `WAYLAY_INVALID_CHANGE` with the offending value and how to write it
 */
export function checkChange(change: unknown): asserts change is Change {
  if (!isPlainObject(change))
    throw invalidChange(change, 'a change is an object with request, response or both', EXAMPLE);
  const sides = Object.entries(change);
  if (sides.every(([, side]) => side === undefined || (isPlainObject(side) && Object.keys(side).length === 0)))
    throw invalidChange(change, 'it changes nothing', EXAMPLE);
  for (const [name, side] of sides) {
    if (name !== 'request' && name !== 'response') throw unknownKey(change, name, ['request', 'response']);
    if (side !== undefined) checkSide(name, side);
  }
}

function checkSide(name: 'request' | 'response', side: unknown): void {
  const refuse = (why: string) => invalidChange({ [name]: side }, why, EXAMPLE);
  if (!isPlainObject(side)) throw refuse(`${name} is an object of what to change`);
  const keys = [...SIDES[name], 'headers', ...BODY_KEYS];
  for (const [key, value] of Object.entries(side)) {
    if (!keys.includes(key)) throw unknownKey({ [name]: side }, key, keys);
    if (value === undefined) throw refuse(`${name}.${key} is undefined; leave it out, or use null to delete a header`);
    const problem = typeof value === 'function' ? undefined : problemOf(key, value);
    if (problem !== undefined) throw refuse(`${name}.${problem}`);
  }
  const bodies = BODY_KEYS.filter((key) => Object.hasOwn(side, key));
  if (bodies.length > 1) throw refuse(`${bodies.join(' and ')} are two bodies`);
}

function problemOf(key: string, value: unknown): string | undefined {
  if (key === 'headers') return headersChangeProblem(value)?.replace(/^/, 'headers: ');
  if (key === 'text') return typeof value === 'string' ? undefined : `text is ${formatValue(value)}, and no string`;
  if (key === 'body') return bytesOf(value) ? undefined : `body is ${formatValue(value)}, and no string and no bytes`;
  if (key === 'json') {
    jsonText(value, (why, cause) => invalidChange({ json: value }, why, EXAMPLE, cause));
    return undefined;
  }
  const why = HEAD_CHECKS[key as HeadKey](value);
  return why === undefined ? undefined : `${key} ${formatValue(value)} ${why}`;
}

/** Applies changes one after the other to a request; undefined where none of them concerns requests. */
export async function changeRequest(
  changes: readonly Change[],
  exchange: Exchange,
): Promise<RequestChange | undefined> {
  const sides = changes.flatMap(({ request }) => request ?? []);
  if (sides.length === 0) return undefined;
  const { request } = exchange;
  const draft: Draft = {
    method: request.method,
    url: request.url,
    status: 0,
    headers: request.rawHeaders,
    body: undefined,
  };
  // Complete and empty before anything was forwarded: there is no body that a function could change.
  const hasBody = !request.captured.complete || request.captured.size > 0;
  for (const side of sides) await applySide(draft, side, { what: String(request), hasBody, mayBeAbsent: true });
  return {
    ...(draft.method !== request.method && { method: draft.method }),
    ...(draft.url !== request.url && { url: draft.url }),
    ...(draft.headers !== request.rawHeaders && { headers: draft.headers }),
    ...(draft.body && { body: draft.body }),
  };
}

/** Applies changes one after the other to a response; undefined where none of them concerns responses. */
export async function changeResponse(
  changes: readonly Change[],
  exchange: Exchange,
  head: ResponseHead,
): Promise<ResponseChange | undefined> {
  const sides = changes.flatMap(({ response }) => response ?? []);
  if (sides.length === 0) return undefined;
  const draft: Draft = { method: '', url: '', status: head.status, headers: head.headers, body: undefined };
  // A preflight or a redirect that a mutation happens to match need not have the JSON it is after.
  const mayBeAbsent = exchange.request.method === 'OPTIONS' || (head.status >= 300 && head.status < 400);
  const what = `the ${head.status} response to ${exchange.request}`;
  for (const side of sides) await applySide(draft, side, { what, hasBody: true, mayBeAbsent });
  return {
    ...(draft.status !== head.status && { status: draft.status }),
    ...(draft.headers !== head.headers && { headers: draft.headers }),
    ...(draft.body && { body: draft.body }),
  };
}

async function applySide(
  draft: Draft,
  side: RequestChanges & ResponseChanges,
  { what, hasBody, mayBeAbsent }: { what: string; hasBody: boolean; mayBeAbsent: boolean },
): Promise<void> {
  const refuse = (why: string, cause?: unknown) =>
    new TestError('WAYLAY_INVALID_CHANGE', `A change of ${what} cannot be made: ${why}.`, { cause });
  if (side.method !== undefined) draft.method = await changedHead('method', side.method, draft.method, refuse);
  if (side.url !== undefined) draft.url = String(await changedHead('url', side.url, draft.url, refuse));
  if (side.status !== undefined) draft.status = await changedHead('status', side.status, draft.status, refuse);
  const before = draft.headers;
  if (side.headers !== undefined) draft.headers = changeHeaders(before, side.headers, refuse);
  const step = bodyStep(side);
  if (step === undefined || (typeof step.value === 'function' && !hasBody && draft.body === undefined)) return;
  draft.body = changeBody(draft.body, step, { what, mayBeAbsent, headers: before, refuse });
  if (step.kind !== 'body') draft.headers = withUtf8(draft.headers);
}

function bodyStep(side: BodyChanges): BodyStep | undefined {
  const kind = BODY_KEYS.find((key) => Object.hasOwn(side, key));
  return kind === undefined ? undefined : { kind, value: side[kind] };
}

async function changedHead<Old, New>(
  key: HeadKey,
  change: New | ((old: Old) => New),
  old: Old,
  refuse: (why: string) => Error,
): Promise<New> {
  if (typeof change !== 'function') return change;
  const value = await (change as (old: Old) => New)(old);
  const problem = HEAD_CHECKS[key](value);
  if (problem !== undefined) throw refuse(`${key} ${formatValue(value)} ${problem}`);
  return value;
}

function unknownKey(change: unknown, key: string, keys: readonly string[]): TestError {
  const nearest = nearestWord(key, keys);
  const hint = nearest === undefined ? `the keys are ${keys.join(', ')}` : `the nearest is '${nearest}'`;
  return invalidChange(change, `there is no key '${key}' here; ${hint}`, EXAMPLE);
}

function invalidChange(value: unknown, why: string, write: string, cause?: unknown): TestError {
  return new TestError('WAYLAY_INVALID_CHANGE', `Invalid change ${formatValue(value)}: ${why}. Write ${write}.`, {
    cause,
  });
}
