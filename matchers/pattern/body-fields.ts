/** The keys of a pattern that need the request's body; content codings are undone before they look. */
import { types } from 'node:util';
import { isMultipart } from '../../src/http/multipart.js';
import type { Request } from '../../src/journal/message.js';
import { Described, isAsymmetric, isPlainObject } from '../values/format.js';
import { invalidPattern } from '../values/invalid-pattern.js';
import { differs, isExactly, type Path, SAME } from '../values/value.js';
import { formatWritten } from '../values/written.js';
import { type Field, field, readable, type ValueMatcher, valueMatcher } from './field.js';
import { parameters } from './head-fields.js';
import { recordMatcher } from './named-values.js';

/** JSON as a subset: objects may have more keys; arrays have as many elements, each of which matches. */
export function jsonField(value: unknown): Field {
  checkJson('json', value);
  return field({
    name: 'json',
    needsBody: true,
    matcher: valueMatcher(value),
    read: (request) => request.json(),
  });
}

/**
 * Refuses what no JSON value can ever equal.
 * @param key where it was written, for the message
 * @throws {TestError} `WAYLAY_INVALID_PATTERN`
 */
export function checkJson(key: string, whole: unknown): void {
  const check = (value: unknown, path: Path, parents: readonly object[]): void => {
    const refuse = (why: string) =>
      invalidPattern({ [key]: whole }, `${[key, ...path].join('.')} is ${why}`, `{ ${key}: { amount: 4200 } }`);
    if (value === undefined) throw refuse('undefined, which JSON does not have');
    if (typeof value === 'bigint' || typeof value === 'symbol') {
      throw refuse(`the ${typeof value} ${formatWritten(value)}, which JSON does not have`);
    }
    if (typeof value === 'number' && !Number.isFinite(value)) throw refuse(`${value}, which JSON does not have`);
    if (typeof value !== 'object' || value === null || types.isRegExp(value)) return;
    const inside: object = isExactly(value) ? value.sample : value;
    if (isAsymmetric(inside) || typeof (inside as { toJSON?: unknown }).toJSON === 'function') return;
    if (parents.includes(inside)) throw refuse('circular');
    const items = Object.entries(inside);
    // Without keys it would match any object.
    const isEmpty = items.length === 0 && !Array.isArray(inside) && !isPlainObject(inside);
    if (isEmpty || types.isMap(inside) || types.isSet(inside) || ArrayBuffer.isView(inside)) {
      throw refuse(`a ${inside.constructor.name}, which JSON does not have`);
    }
    for (const [name, item] of items) check(item, [...path, name], [...parents, inside]);
  };
  check(whole, [], []);
}

/** Fields of an `application/x-www-form-urlencoded` body, as a subset. */
export function formField(value: unknown): Field {
  const matcher = recordMatcher('form', value, `{ form: { user: 'ada', newsletter: null } }`);
  return field({
    name: 'form',
    needsBody: true,
    needsBodyOf: isForm,
    matcher: readable(matcher),
    read: (request) => (isForm(request) ? parameters(request.form()) : describeOther(request)),
  });
}

// A request written by hand may leave the type out.
function isForm(request: Request): boolean {
  return /^\s*(?:application\/x-www-form-urlencoded\s*(?:;|$)|$)/i.test(request.header('content-type') ?? '');
}

function describeOther(request: Request): Described {
  const type = request.header('content-type');
  if (isMultipart(type))
    return new Described('(no urlencoded form but a multipart one, which the key multipart reads)');
  return new Described(`(no urlencoded form: its content type is ${type})`);
}

/** The body as text: a literal is the whole of it, a RegExp any part. */
export function textField(value: unknown): Field {
  if (typeof value !== 'string' && typeof value !== 'function' && !types.isRegExp(value) && !isAsymmetric(value)) {
    const write = isPlainObject(value) ? `{ json: ${formatWritten(value)} }` : `{ text: /hello/ }`;
    throw invalidPattern({ text: value }, 'a text is a string, RegExp, predicate or asymmetric matcher', write);
  }
  return field({ name: 'text', needsBody: true, matcher: valueMatcher(value), read: (request) => request.text() });
}

/** The body's bytes: equal ones, a predicate over the `Buffer`, or an asymmetric matcher. */
export function bodyField(value: unknown): Field {
  const read = (request: { bytes(): Buffer }) => request.bytes();
  if (typeof value === 'function' || isAsymmetric(value)) {
    return field({ name: 'body', needsBody: true, matcher: valueMatcher(value), read });
  }
  // Judged by its kind and not its class: a sandbox of Jest's may have a Uint8Array of its own.
  if (!types.isUint8Array(value)) {
    const key = typeof value === 'string' || types.isRegExp(value) ? 'text' : 'json';
    const write = types.isAnyArrayBuffer(value)
      ? '{ body: new Uint8Array(buffer) }'
      : `{ ${key}: ${formatWritten(value)} }, or { body: Buffer.from('…') }`;
    throw invalidPattern({ body: value }, 'a body is bytes or a predicate over them', write);
  }
  return field({ name: 'body', needsBody: true, matcher: bytesMatcher(Buffer.from(value)), read });
}

/** Equal bytes. */
export function bytesMatcher(expected: Buffer): ValueMatcher {
  const matches = (actual: unknown) => expected.equals(actual as Buffer);
  return {
    expected,
    matches,
    compare: (actual) => (matches(actual) ? SAME : differs(expected, describeBytes(expected, actual as Buffer))),
  };
}

function describeBytes(expected: Buffer, actual: Buffer): Described {
  const length = Math.min(expected.length, actual.length);
  let at = 0;
  while (at < length && expected[at] === actual[at]) at += 1;
  return new Described(`<${actual.length} bytes, which differ from byte ${at} on>`);
}
