/**
 * JSON that is changed and stays as it was written where it is not: numbers that JavaScript cannot hold (2^53 and beyond,
 * `1.0`, `-0`), blanks, the order of its keys, keys that come twice.
 */

import { types } from 'node:util';
import type { Node } from 'jsonc-parser';
import { requireOwn } from '../../src/runtime/own-require.js';

type Parser = typeof import('jsonc-parser');

/** The place of a value in the text, and what it was before the test had it. */
interface Origin {
  readonly node: Node;
  readonly old: unknown;
}

/** Values are written as `JSON.stringify` writes them, but for what they come from. */
export class JsonSource {
  readonly #text: string;
  /** The text's value; a test may change it in place. */
  readonly value: unknown;
  /** Undefined where the text is what JavaScript would write of its value anyway. */
  #root: Origin | undefined;
  readonly #origins = new Map<object, Origin>();
  readonly #numbers = new NumberSpellings();

  /** @throws {SyntaxError} where it is not JSON (RFC 8259) */
  constructor(text: string) {
    this.#text = text;
    this.value = JSON.parse(text);
    try {
      this.#locate();
    } catch (cause) {
      // A value that is nested deeper than the stack is written as JavaScript writes it, if it can.
      if (!(cause instanceof RangeError)) throw cause;
      this.#root = undefined;
    }
  }

  #locate(): void {
    if (JSON.stringify(this.value) === this.#text) return;
    const node = (requireOwn('jsonc-parser') as Parser).parseTree(this.#text);
    if (node === undefined) return;
    this.#root = { node, old: JSON.parse(this.#text) };
    this.#trace(this.value, this.#root, '');
  }

  #trace(value: unknown, origin: Origin, key: string): void {
    if (origin.node.type === 'number') this.#numbers.add(key, origin.old as number, this.#written(origin.node));
    if (typeof value !== 'object' || value === null) return;
    this.#origins.set(value, origin);
    for (const [name, child] of childrenOf(origin)) {
      this.#trace((value as Record<string, unknown>)[name], child, Array.isArray(value) ? key : name);
    }
  }

  /**
   * A value that was made of this one, as JSON text.
   * @param value JSON: `JSON.stringify` takes it
   * @throws {AmbiguousNumberError}
   */
  write(value: unknown): string {
    if (this.#root === undefined) return JSON.stringify(value);
    try {
      return this.#emit(value, this.#root, '');
    } catch (cause) {
      // The same as above.
      if (!(cause instanceof RangeError)) throw cause;
      return JSON.stringify(value);
    }
  }

  #emit(given: unknown, place: Origin | undefined, key: string): string {
    const value = jsonValue(given, key);
    const origin = (isObject(value) ? this.#origins.get(value) : undefined) ?? place;
    if (origin !== undefined && same(value, origin.old)) return this.#written(origin.node);
    if (typeof value === 'number') return this.#numbers.spelling(key, value) ?? JSON.stringify(value);
    if (!isObject(value)) return JSON.stringify(value);
    const kind = Array.isArray(value) ? 'array' : 'object';
    const like = origin?.node.type === kind ? origin : undefined;
    return Array.isArray(value)
      ? this.#emitArray(value, like, key)
      : this.#emitObject(value as Record<string, unknown>, like);
  }

  #emitArray(value: readonly unknown[], origin: Origin | undefined, key: string): string {
    const children = origin === undefined ? new Map<string, Origin>() : childrenOf(origin);
    // A value that was here before may be at another place now.
    const placed = new Set(value.map((item) => (isObject(item) ? this.#origins.get(item)?.node : undefined)));
    const items = value.map((item, index) => {
      const place = children.get(String(index));
      const here = place !== undefined && placed.has(place.node) ? undefined : place;
      return this.#emit(isOmitted(item) ? null : item, here, key);
    });
    return this.#assemble(origin?.node, '[', items, ']');
  }

  #emitObject(value: Record<string, unknown>, origin: Origin | undefined): string {
    const children = origin === undefined ? new Map<string, Origin>() : childrenOf(origin);
    const properties = origin?.node.children ?? [];
    const keys = Object.keys(value).filter((key) => !isOmitted(jsonValue(value[key], key)));
    const kept = new Set(keys);
    const items = new Map<string, string>();
    for (const property of properties) {
      const [name, node] = property.children ?? [];
      const key: string = name?.value;
      if (!kept.has(key) || node === undefined) continue;
      const child = children.get(key);
      // The last one is the value of a key that comes twice.
      const text = child?.node === node ? this.#emit(value[key], child, key) : this.#written(node);
      const start = this.#text.slice(property.offset, node.offset);
      const before = items.get(key);
      items.set(key, before === undefined ? start + text : `${before}${this.#gap(origin?.node)}${start}${text}`);
    }
    const colon = this.#colon(properties[0]);
    for (const key of keys) {
      if (!items.has(key)) items.set(key, `${JSON.stringify(key)}${colon}${this.#emit(value[key], undefined, key)}`);
    }
    const order = inOrder(keys, properties, origin?.old);
    return this.#assemble(
      origin?.node,
      '{',
      order.map((key) => items.get(key) ?? ''),
      '}',
    );
  }

  /** The items with the blanks that there were: all of them where their number is the same, else as between the first. */
  #assemble(node: Node | undefined, open: string, items: readonly string[], close: string): string {
    const children = node?.children ?? [];
    const [first] = children;
    const last = children.at(-1);
    if (node === undefined || first === undefined || last === undefined || items.length === 0) {
      return `${open}${items.join(',')}${close}`;
    }
    const start = this.#text.slice(node.offset, first.offset);
    const end = this.#text.slice(endOf(last), endOf(node));
    const sameNumber = items.length === children.length;
    const gap = (index: number) =>
      sameNumber
        ? this.#text.slice(endOf(children[index - 1] as Node), (children[index] as Node).offset)
        : this.#gap(node);
    return `${start}${items.map((item, index) => (index === 0 ? item : gap(index) + item)).join('')}${end}`;
  }

  #gap(node: Node | undefined): string {
    const [first, second] = node?.children ?? [];
    if (node === undefined || first === undefined) return ',';
    if (second !== undefined) return this.#text.slice(endOf(first), second.offset);
    return `,${this.#text.slice(node.offset + 1, first.offset)}`;
  }

  #colon(property: Node | undefined): string {
    const [name, value] = property?.children ?? [];
    return name === undefined || value === undefined ? ':' : this.#text.slice(endOf(name), value.offset);
  }

  #written(node: Node): string {
    return this.#text.slice(node.offset, endOf(node));
  }
}

/** A number of the text was put elsewhere, and two are written there that JavaScript cannot tell apart. */
export class AmbiguousNumberError extends Error {}

/** The spellings of numbers in a text. */
class NumberSpellings {
  /** The spellings by the key that they belong to; null where they differ. */
  readonly #byKey = new Map<string, string | null>();
  /** The spellings that JavaScript rounds, which are told by their value. */
  readonly #rounded = new Map<number, Set<string>>();
  readonly #exact = new Set<number>();

  add(key: string, value: number, written: string): void {
    const place = `${key}\0${Object.is(value, -0) ? '-0' : value}`;
    const before = this.#byKey.get(place);
    this.#byKey.set(place, before === undefined || before === written ? written : null);
    if (decimal(written) === decimal(String(value))) {
      if (!Number.isSafeInteger(value)) this.#exact.add(value);
      return;
    }
    const spellings = this.#rounded.get(value) ?? new Set();
    this.#rounded.set(value, spellings.add(written));
  }

  /** @throws {AmbiguousNumberError} */
  spelling(key: string, value: number): string | undefined {
    const ofKey = this.#byKey.get(`${key}\0${Object.is(value, -0) ? '-0' : value}`);
    const rounded = this.#rounded.get(value);
    if (rounded === undefined) return ofKey ?? undefined;
    const spellings = [...rounded, ...(this.#exact.has(value) ? [String(value)] : [])];
    if (spellings.length === 1) return spellings[0];
    throw new AmbiguousNumberError(
      `it was given the number ${value} at another place, which is ${spellings.join(' or ')} in the body: JavaScript reads them alike`,
    );
  }
}

/** A number by its digits and where they stand, so that two ways to write it are equal. */
function decimal(written: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(written) ?? [];
  const digits = `${whole}${fraction}`;
  const significant = digits.replace(/0+$/, '');
  const scale = Number(exponent) - fraction.length + digits.length - significant.length;
  const plain = significant.replace(/^0+/, '');
  return plain === '' ? `${whole === '' ? written : `${sign}0`}` : `${sign}${plain}e${scale}`;
}

/** The values inside, by key or place; of a key that comes twice the last, as in JavaScript. */
function childrenOf({ node, old }: Origin): Map<string, Origin> {
  const children = new Map<string, Origin>();
  for (const [index, child] of (node.children ?? []).entries()) {
    const [name, value] = node.type === 'object' ? (child.children ?? []) : [undefined, child];
    const key: string = name?.value ?? String(index);
    if (value !== undefined) children.set(key, { node: value, old: (old as Record<string, unknown>)[key] });
  }
  return children;
}

/** The keys as in the text where the test left their order, which JavaScript has changed where they look like numbers. */
function inOrder(keys: readonly string[], properties: readonly Node[], old: unknown): string[] {
  const kept = new Set(keys);
  const written = [...new Set(properties.map((property): string => property.children?.[0]?.value))].filter((key) =>
    kept.has(key),
  );
  const known = new Set(written);
  const before = isObject(old) ? Object.keys(old).filter((key) => known.has(key)) : [];
  const after = keys.filter((key) => known.has(key));
  if (before.join('\0') !== after.join('\0')) return [...keys];
  const last = after.at(-1);
  // A new key stands behind the key that it was put behind; behind the last one, at the end.
  const behind = new Map<string | undefined, string[]>();
  const atEnd: string[][] = [[], [], []];
  let place: string | undefined;
  for (const key of keys) {
    const isPastAll = last !== undefined && place === last;
    if (known.has(key)) place = key;
    else if (isIndex(key)) atEnd[isPastAll ? 2 : 0]?.push(key);
    else if (isPastAll) atEnd[1]?.push(key);
    else if (!behind.get(place)?.push(key)) behind.set(place, [key]);
  }
  return [undefined, ...written]
    .flatMap((key) => [...(key === undefined ? [] : [key]), ...(behind.get(key) ?? [])])
    .concat(...atEnd);
}

/** True if objects have it before all other keys, whenever it was put there (ECMA-262, section 6.1.7: integer indices). */
function isIndex(key: string): boolean {
  const index = Number(key) >>> 0;
  return String(index) === key && index !== 2 ** 32 - 1;
}

/** The value that `JSON.stringify` writes in a value's stead. */
function jsonValue(given: unknown, key: string): unknown {
  const own = isObject(given) || typeof given === 'bigint' ? (given as { toJSON?: unknown }).toJSON : undefined;
  const value = typeof own === 'function' ? own.call(given, key) : given;
  return types.isBoxedPrimitive(value) ? (value as { valueOf(): unknown }).valueOf() : value;
}

function isOmitted(value: unknown): boolean {
  return value === undefined || typeof value === 'function' || typeof value === 'symbol';
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** True if nothing has changed; keys in another order are a change. */
function same(value: unknown, old: unknown): boolean {
  if (!isObject(value) || !isObject(old)) return Object.is(value, old);
  if (Array.isArray(value) !== Array.isArray(old) || 'toJSON' in value) return false;
  const keys = Object.keys(value);
  const oldKeys = Object.keys(old);
  return (
    keys.length === oldKeys.length &&
    (!Array.isArray(value) || value.length === (old as unknown[]).length) &&
    keys.every(
      (key, at) =>
        key === oldKeys[at] && same((value as Record<string, unknown>)[key], (old as Record<string, unknown>)[key]),
    )
  );
}

function endOf(node: Node): number {
  return node.offset + node.length;
}
