/** What a stub answers: the forms it can be written in, made into answers for the core. */
import { STATUS_CODES } from 'node:http';
import { TestError } from '../../src/errors.js';
import { headerValue } from '../../src/exchange/headers.js';
import type { Request } from '../../src/exchange/message.js';
import type { Answer } from '../../src/interceptor.js';
import { bytesOf, jsonText, kindOf } from '../message/content.js';
import { type HeaderValue, headerProblem, headerStrings } from '../message/header-syntax.js';
import { nearestWord } from '../pattern/text-distance.js';
import { formatValue, isPlainObject } from '../report/format.js';

/** Header fields by name, or as pairs in the order and case to be sent. */
export type ReplyHeaders =
  | Readonly<Record<string, HeaderValue>>
  | Iterable<readonly [name: string, value: string | number]>;

/** A reply written as an object; of `json`, `text` and `body` at most one. */
export interface ReplyObject {
  /** From 200 to 599. Default 200. */
  status?: number;
  /** The reason phrase (HTTP/1 only). Default: the standard one of the status. */
  statusText?: string;
  headers?: ReplyHeaders;
  /** Sent as JSON; `content-type: application/json` unless `headers` says otherwise. */
  json?: unknown;
  /** Sent in UTF-8; `content-type: text/plain; charset=utf-8` unless `headers` says otherwise. */
  text?: string;
  /** Sent as it is, without a content type unless `headers` gives one. */
  body?: string | Uint8Array | ArrayBuffer;
}

/** A status, a text, or an object. */
export type ReplyValue = number | string | ReplyObject;

/** Asked for each request, when its body has come. */
export type ReplyFunction = (request: Request) => ReplyValue | Promise<ReplyValue>;

/**
 * What a stub answers: a status, a text, an object, a function of the request that returns one of
 * these, or a list of these that is gone through answer by answer; its last one repeats.
 *
 * @example
 * 503
 * { status: 402, headers: { 'retry-after': 5 }, json: { error: 'declined' } }
 * (request) => ({ json: { echo: request.json() } })
 * [503, { json: { ok: true } }]
 */
export type Reply = ReplyValue | ReplyFunction | readonly (ReplyValue | ReplyFunction)[];

/** A reply that is ready, or that has to be asked for. */
export type ReadyReply = Answer | ReplyFunction;

/**
 * Checks a reply and makes it ready, one for each answer; the last one repeats.
 * @throws {TestError} `WAYLAY_INVALID_REPLY` with the offending value and how to write it
 */
export function readyReplies(reply: unknown): readonly ReadyReply[] {
  if (!Array.isArray(reply)) return [ready(reply)];
  if (reply.length === 0)
    throw invalidReply(reply, 'a list of replies needs at least one', '[503, { json: { ok: true } }]');
  return reply.map(ready);
}

function ready(reply: unknown): ReadyReply {
  return typeof reply === 'function' ? (reply as ReplyFunction) : answerOf(reply);
}

const KEYS = ['status', 'statusText', 'headers', 'json', 'text', 'body'] as const;
const BODIES = ['json', 'text', 'body'] as const;
const EXAMPLE = `{ status: 402, json: { error: 'declined' } }`;

/** The answer for a reply that is no function. */
export function answerOf(reply: unknown): Answer {
  if (typeof reply === 'number') return answerOf({ status: reply });
  if (typeof reply === 'string') return answerOf({ text: reply });
  if (!isPlainObject(reply)) {
    throw invalidReply(
      reply,
      'a reply is a status, a text, an object or a function that returns one of these',
      EXAMPLE,
    );
  }
  for (const key of Object.keys(reply)) checkKey(key, reply);
  const { statusText } = reply;
  const status = readStatus(reply);
  const headers = readHeaders(reply);
  const body = readBody(reply, headers);
  if (body.length > 0 && (status === 204 || status === 205 || status === 304)) {
    throw invalidReply(reply, `a ${status} response has no body (RFC 9110, section 15)`, `{ status: ${status} }`);
  }
  if (statusText !== undefined && (typeof statusText !== 'string' || headerProblem('reason', statusText))) {
    throw invalidReply(reply, 'statusText is a line of text', `{ status: 402, statusText: 'Declined' }`);
  }
  return { status, statusText: statusText ?? STATUS_CODES[status] ?? '', headers, body };
}

function checkKey(key: string, reply: Record<string, unknown>): void {
  if ((KEYS as readonly string[]).includes(key)) return;
  if (key === 'times') {
    throw invalidReply(reply, `'times' is an option of the stub`, `stubResponse(pattern, reply, { times: 1 })`);
  }
  const nearest = nearestWord(key, KEYS);
  const hint = nearest === undefined ? `the keys are ${KEYS.join(', ')}` : `the nearest is '${nearest}'`;
  const write = nearest === undefined ? EXAMPLE : `{ ${nearest}: ${formatValue(reply[key], 60)} }`;
  throw invalidReply(reply, `there is no key '${key}'; ${hint}`, write);
}

function readStatus(reply: Record<string, unknown>): number {
  const { status = 200 } = reply;
  if (!Number.isInteger(status) || (status as number) < 200 || (status as number) > 599) {
    throw invalidReply(reply, `the status ${formatValue(status)} is no whole number from 200 to 599`, EXAMPLE);
  }
  return status as number;
}

function readHeaders(reply: Record<string, unknown>): string[] {
  const { headers = {} } = reply;
  const write = `{ headers: { 'retry-after': 5, 'set-cookie': ['a=1', 'b=2'] } }`;
  const refuse = (why: string) => invalidReply(reply, why, write);
  if (typeof headers !== 'object' || headers === null) throw refuse('headers are an object or a list of pairs');
  const raw: string[] = [];
  const pairs: Iterable<unknown> =
    Symbol.iterator in headers ? (headers as Iterable<unknown>) : Object.entries(headers);
  for (const pair of pairs) {
    if (!Array.isArray(pair) || pair.length !== 2)
      throw refuse(`${formatValue(pair)} is no pair of a name and a value`);
    const [name, value] = pair as [unknown, unknown];
    const problem = headerProblem(String(name), value);
    if (problem !== undefined) throw refuse(problem);
    for (const one of headerStrings(value as HeaderValue)) raw.push(String(name), one);
  }
  return raw;
}

function readBody(reply: Record<string, unknown>, headers: string[]): Buffer {
  const given = BODIES.filter((key) => Object.hasOwn(reply, key));
  const [key] = given;
  if (key === undefined) return Buffer.alloc(0);
  if (given.length > 1) throw invalidReply(reply, `${given.join(' and ')} are two bodies`, EXAMPLE);
  const value = reply[key];
  switch (key) {
    case 'json':
      addContentType(headers, 'application/json');
      return Buffer.from(jsonText(value, (why, cause) => invalidReply(reply, why, EXAMPLE, cause)));
    case 'text':
      if (typeof value !== 'string')
        throw invalidReply(reply, `text is ${kindOf(value)} and no string`, `{ text: 'Hello' }`);
      addContentType(headers, 'text/plain; charset=utf-8');
      return Buffer.from(value);
    case 'body': {
      const bytes = bytesOf(value);
      if (bytes !== undefined) return bytes;
      const write =
        isPlainObject(value) || Array.isArray(value)
          ? `{ json: ${formatValue(value, 60)} }`
          : `{ body: Buffer.from('…') }`;
      throw invalidReply(reply, `body is ${kindOf(value)}, and no string and no bytes`, write);
    }
  }
}

function addContentType(headers: string[], type: string): void {
  if (headerValue(headers, 'content-type') === undefined) headers.push('content-type', type);
}

function invalidReply(value: unknown, why: string, write: string, cause?: unknown): TestError {
  return new TestError('WAYLAY_INVALID_REPLY', `Invalid reply ${formatValue(value)}: ${why}. Write ${write}.`, {
    cause,
  });
}
