import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonSource } from '../../../matchers/mutate/json-source.js';

// biome-ignore lint/suspicious/noExplicitAny: as tests write it.
type Change = (old: any) => unknown;

function changed(text: string, change: Change): string {
  const source = new JsonSource(text);
  return source.write(change(source.value));
}

const ORDER = '{ "id": 9007199254740993, "price": 1.0, "zero": -0, "big": 1e400, "tenth": 1.10, "ok": true }';

describe('in the text that a change leaves', () => {
  test.each<[string, string, Change, string]>([
    ['numbers', ORDER, (old) => ({ ...old, ok: false }), ORDER.replace('true', 'false')],
    [
      'numbers beside one that is changed in place',
      ORDER,
      (old) => {
        old.price = 2;
        return old;
      },
      ORDER.replace('1.0,', '2,'),
    ],
    ['a text that is not touched', ORDER, (old) => old, ORDER],
    ['a copy', ORDER, (old) => structuredClone(old), ORDER],
    [
      'the order of keys that look like numbers',
      '{"2":"b","1":"a"}',
      (old) => ({ ...old, x: 1 }),
      '{"2":"b","1":"a","x":1}',
    ],
    [
      'keys that only look like indices',
      '{ }',
      () => ({ '00': 1, '': 2, 4294967295: 3 }),
      '{"00":1,"":2,"4294967295":3}',
    ],
    ['a key that comes twice', '{"a":1, "a":2, "b":3}', (old) => ({ ...old, b: 4 }), '{"a":1, "a":2, "b":4}'],
    ['of a key that comes twice the last is changed', '{"a":1, "a":2}', (old) => ({ a: old.a + 1 }), '{"a":1, "a":3}'],
    ['escapes', '["\\u00e9\\/", 1]', (old) => [old[0], 2], '["\\u00e9\\/", 2]'],
    [
      'lines and indentation',
      '{\n  "a": 1,\n  "b": [\n    1.0,\n    2\n  ]\n}\n',
      (old) => ({ a: old.a, c: 'new', b: [...old.b, 3] }),
      '{\n  "a": 1,\n  "c": "new",\n  "b": [\n    1.0,\n    2,\n    3\n  ]\n}',
    ],
    ['a key in front', '{ "a": 1.0 }', (old) => ({ z: 0, ...old }), '{ "z": 0, "a": 1.0 }'],
    ['a key left out', '{ "a": 1.0, "b": 2.0, "c": 3.0 }', ({ b: _, ...old }) => old, '{ "a": 1.0, "c": 3.0 }'],
    ['keys in an order that is new', '{ "a": 1.0, "b": 2.0 }', ({ a, b }) => ({ b, a }), '{ "b": 2.0, "a": 1.0 }'],
    ['an item left out', '[{"id": 1.0}, {"id": 2.0}]', (old) => old.slice(1), '[{"id": 2.0}]'],
    ['items in another order', '[{"id": 1.0}, {"id": 2.0}]', (old) => old.reverse(), '[{"id": 2.0}, {"id": 1.0}]'],
    [
      'items copied and left out',
      '[{"id": 9007199254740993, "p": 1.0}, {"id": 9007199254740995, "p": 2.0}]',
      (old) => old.slice(1).map((item: object) => ({ ...item, seen: true })),
      '[{"id": 9007199254740995, "p": 2.0, "seen": true}]',
    ],
    [
      'a number under another name',
      '{"id": 9007199254740993}',
      (old) => ({ order: { key: old.id } }),
      '{"order": {"key":9007199254740993}}',
    ],
    ['a number inside another value', '{"id": 1e400}', (old) => [old.id], '[1e400]'],
    ['a value inside a new one', '{"a": {"b": 1.0}}', (old) => ({ data: old }), '{"data": {"a": {"b": 1.0}}}'],
    ['the key __proto__', '{ "__proto__": 1.0, "a": 1 }', (old) => ({ ...old, a: 2 }), '{ "__proto__": 1.0, "a": 2 }'],
    ['nothing but a number', '9007199254740993', (old) => old, '9007199254740993'],
    ['blanks around', ' [1.0] ', (old) => [...old, 2], '[1.0,2]'],
    ['an empty object', '{ }', () => ({ a: 1 }), '{"a":1}'],
    ['an empty list', '{"a": [ ]}', () => ({ a: [1] }), '{"a": [1]}'],
  ])('all stays as it was written: %s', (_, text, change, result) => {
    expect(changed(text, change)).toBe(result);
  });

  test('JSON.stringify has its way with a value', () => {
    const change: Change = (old) => ({
      ...old,
      gone: undefined,
      when: new Date(0),
      boxed: Object(7),
      list: [undefined, () => 1],
      not: Number.NaN,
    });
    expect(changed('{ "a": 1.0 }', change)).toBe(
      '{ "a": 1.0, "when": "1970-01-01T00:00:00.000Z", "boxed": 7, "list": [null,null], "not": null }',
    );
  });

  test('a number that may be either of two is refused where it is put elsewhere', () => {
    const text = '{"a": 9007199254740993, "b": 9007199254740992}';
    expect(changed(text, (old) => ({ ...old, c: 1 }))).toBe('{"a": 9007199254740993, "b": 9007199254740992, "c": 1}');
    expect(() => changed(text, (old) => ({ moved: old.a }))).toThrow('9007199254740993 or 9007199254740992');
  });

  test('a value that is nested deeply can still be changed inside', () => {
    const deep = ` ${'['.repeat(3_000)}1${']'.repeat(3_000)}`;
    const innermost = (value: unknown): unknown[] => {
      let list = value as unknown[];
      while (Array.isArray(list[0])) list = list[0];
      return list;
    };
    const text = changed(deep, (value) => {
      innermost(value)[0] = 2;
      return value;
    });
    expect(innermost(JSON.parse(text))).toEqual([2]);
  });

  test('a value that is nested too deep for the stack can still be replaced', () => {
    const deep = ` ${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    expect(changed(deep, () => ['flat'])).toBe('["flat"]');
  });

  test('any JSON is written so that it is read as the value that was made', () => {
    fc.assert(
      fc.property(fc.json(), fc.jsonValue(), fc.constantFrom(undefined, 1, '\t'), (text, other, indent) => {
        const spaced = JSON.stringify(JSON.parse(text), null, indent);
        expect(JSON.parse(changed(spaced, (old) => old))).toEqual(JSON.parse(spaced));
        const mixed = (old: unknown) =>
          Array.isArray(old)
            ? [other, ...old.slice(1), other]
            : typeof old === 'object' && old !== null
              ? { first: other, ...old, last: other }
              : other;
        expect(JSON.stringify(JSON.parse(changed(` ${spaced}`, mixed)))).toBe(
          JSON.stringify(JSON.parse(JSON.stringify(mixed(JSON.parse(spaced))))),
        );
      }),
      { numRuns: 300 },
    );
  });
});
