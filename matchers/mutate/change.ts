/** What a mutation changes, checked where it is written. */
import { TestError } from '../../src/errors.js';
import { bytesOf, jsonText } from '../message/content.js';
import type { ParsedJson } from '../pattern/pattern.js';
import { nearestWord } from '../pattern/text-distance.js';
import { formatValue, isPlainObject } from '../report/format.js';
import { BODY_KEYS } from './body-change.js';
import { type HeadersChange, headersChangeProblem } from './header-change.js';

/** A new value, or a function of the old one. */
export type ValueChange<Old, New = Old> = New | ((old: Old) => New);

/** What can be written as JSON; functions are asked for it. */
export type JsonInput = string | number | boolean | null | object;

/** What can be changed of a body; at most one of these. Functions may be asynchronous. */
export interface BodyChanges {
  /** The body as JSON; no header is changed with it. */
  json?: JsonInput | ((old: ParsedJson) => unknown);
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

/** The keys of a head beside its fields. */
export type HeadKey = 'method' | 'url' | 'status';

/** What is wrong with a value of the head; undefined where nothing is. */
export const HEAD_CHECKS: Readonly<Record<HeadKey, (value: unknown) => string | undefined>> = {
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

/** How each key is written, below `request` or `response`. */
const EXAMPLES: Readonly<Record<string, string>> = {
  method: `method: 'PUT'`,
  url: `url: 'https://api.test/v2/cart'`,
  status: 'status: 500',
  headers: `headers: { 'x-trace': '1', 'x-debug': null }`,
  json: `json: (old) => ({ ...old, currency: 'EUR' })`,
  text: `text: (old) => old.replace('a', 'b')`,
  body: `body: Buffer.from('…')`,
};

function example(side: string, key = side === 'request' ? 'headers' : 'json'): string {
  return `{ ${side}: { ${EXAMPLES[key] ?? EXAMPLES.headers} } }`;
}

/**
 * Refuses what is no change.
 * @throws {TestError} `WAYLAY_INVALID_CHANGE` with the offending value and how to write it
 */
export function checkChange(change: unknown): asserts change is Change {
  if (!isPlainObject(change)) {
    throw invalidChange(change, 'a change is an object with request, response or both', example('response'));
  }
  const sides = Object.entries(change);
  if (sides.every(([, side]) => side === undefined || (isPlainObject(side) && Object.keys(side).length === 0))) {
    throw invalidChange(change, 'it changes nothing', example('response'));
  }
  for (const [name, side] of sides) {
    if (name !== 'request' && name !== 'response') {
      const nearest = nearestWord(name, ['request', 'response']);
      if (nearest !== undefined) {
        throw invalidChange(change, `there is no key '${name}'; the nearest is '${nearest}'`, example(nearest));
      }
      const write = example(name === 'method' || name === 'url' ? 'request' : 'response', name);
      throw invalidChange(change, `there is no key '${name}' beside request and response`, write);
    }
    if (side !== undefined) checkSide(name, side);
  }
}

function checkSide(name: 'request' | 'response', side: unknown): void {
  const refuse = (why: string, key?: string) => invalidChange({ [name]: side }, why, example(name, key));
  if (!isPlainObject(side)) throw refuse(`${name} is an object of what to change`);
  const keys = [...SIDES[name], 'headers', ...BODY_KEYS];
  for (const [key, value] of Object.entries(side)) {
    if (!keys.includes(key)) throw unknownKey(name, side, key, keys);
    if (value === undefined)
      throw refuse(`${name}.${key} is undefined; leave it out, or use null to delete a header`, key);
    const problem = typeof value === 'function' ? undefined : problemOf(key, value);
    if (problem !== undefined) throw refuse(`${name}.${problem}`, key);
  }
  const bodies = BODY_KEYS.filter((key) => Object.hasOwn(side, key));
  if (bodies.length > 1) throw refuse(`${bodies.join(' and ')} are two bodies`, bodies[0]);
}

function unknownKey(name: 'request' | 'response', side: object, key: string, keys: readonly string[]): TestError {
  const other = name === 'request' ? 'response' : 'request';
  if ((SIDES[other] as readonly string[]).includes(key)) {
    return invalidChange({ [name]: side }, `a ${name} has no ${key}`, example(other, key));
  }
  const nearest = nearestWord(key, keys);
  const hint = nearest === undefined ? `the keys are ${keys.join(', ')}` : `the nearest is '${nearest}'`;
  return invalidChange({ [name]: side }, `there is no key '${key}' in ${name}; ${hint}`, example(name, nearest));
}

function problemOf(key: string, value: unknown): string | undefined {
  if (key === 'headers') return headersChangeProblem(value)?.replace(/^/, 'headers: ');
  if (key === 'text') return typeof value === 'string' ? undefined : `text is ${formatValue(value)}, and no string`;
  if (key === 'body') return bytesOf(value) ? undefined : `body is ${formatValue(value)}, and no string and no bytes`;
  if (key === 'json') return jsonProblem(value);
  const why = HEAD_CHECKS[key as HeadKey](value);
  return why === undefined ? undefined : `${key} ${formatValue(value)} ${why}`;
}

function jsonProblem(value: unknown): string | undefined {
  let problem: string | undefined;
  try {
    jsonText(value, (why) => new Error((problem = why)));
  } catch {
    return problem;
  }
  return undefined;
}

function invalidChange(value: unknown, why: string, write: string): TestError {
  return new TestError('WAYLAY_INVALID_CHANGE', `Invalid change ${formatValue(value)}: ${why}. Write ${write}.`);
}
