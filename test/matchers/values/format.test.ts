import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { ABSENT, formatValue, isPlainObject, quote } from '../../../matchers/values/format.js';

const circular: Record<string, unknown> = { a: 1 };
circular.self = circular;
const deep = Array.from({ length: 50 }).reduce<unknown>((inner) => ({ inner }), 1);

describe('a value', () => {
  test.each<[unknown, string]>([
    ['a', "'a'"],
    ["it's", `"it's"`],
    [`"it's"`, `'"it\\'s"'`],
    ['a\nb\u009b\u202e', "'a\\nb\\u009b\\u202e'"],
    [1, '1'],
    [10n, '10n'],
    [null, 'null'],
    [undefined, 'undefined'],
    [ABSENT, '(absent)'],
    [/a/gi, '/a/gi'],
    [new Date(0), 'Date(1970-01-01T00:00:00.000Z)'],
    [new Date(Number.NaN), 'an invalid Date'],
    [Buffer.from('abc'), '<3 bytes>'],
    [new ArrayBuffer(2), '<2 bytes>'],
    [{ a: 1, 'b-c': [true, {}] }, "{ a: 1, 'b-c': [true, {}] }"],
    [Object.create(null), '{}'],
    [new Error('no'), 'Error: no'],
    [
      new (class Cart {
        items = 1;
      })(),
      'Cart { items: 1 }',
    ],
    [circular, '{ a: 1, self: (circular) }'],
    [(a: number) => a + 1, '(a) => a + 1'],
    [expect.any(String), 'Any<String>'],
    [expect.stringContaining('x'), "StringContaining('x')"],
    [{ asymmetricMatch: () => true, toString: () => 'Even' }, 'Even'],
    [{ asymmetricMatch: () => true, sample: [1], toString: () => 'ArrayContaining' }, 'ArrayContaining([1])'],
    [
      {
        asymmetricMatch: () => true,
        toAsymmetricMatcher: () => {
          throw new Error();
        },
      },
      'asymmetric matcher',
    ],
  ])('is written as in a program, %#: %s', (value, text) => {
    expect(formatValue(value)).toBe(text);
  });

  test.each<[string, unknown, string]>([
    ['a text', 'x'.repeat(500), `'${'x'.repeat(30)}'… (500 characters)`],
    ['a text in objects', { a: { b: 'x'.repeat(500) } }, `{ a: { b: '${'x'.repeat(30)}'… (500 characters) } }`],
    ['what follows it', { a: 'x'.repeat(500), b: 1, c: 2 }, `{ a: '${'x'.repeat(30)}'… (500 characters), … 2 more }`],
    ['a list', Array.from({ length: 1_000_000 }, () => 1), `[${'1, '.repeat(11)}… 999,989 more]`],
    ['a RegExp', new RegExp('x'.repeat(500)), `/${'x'.repeat(29)}… (502 characters)`],
    ['a matcher', expect.stringContaining('x'.repeat(500)), `StringContaining('${'x'.repeat(30)}'… (500 characters))`],
    [
      'many objects',
      [
        { a: 1, b: [1, 2] },
        { c: 'yyyyyy', d: {} },
      ],
      "[{ a: 1, b: [1, 2] }, { c: 'yyyyyy', d: {} }]",
    ],
  ])('is cut where it is long, with what was left out told and what was opened closed: %s', (_, value, text) => {
    expect(formatValue(value, 30)).toBe(text);
  });

  test('ends where it is deep', () => {
    expect(formatValue(deep)).toContain('{…}');
    expect(
      formatValue({ list: Array(100).fill({ list: Array(100).fill({ text: 'x'.repeat(100) }) }) }).length,
    ).toBeLessThan(400);
  });

  test('never throws', () => {
    const hostile = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('no keys');
        },
      },
    );
    expect(formatValue(hostile)).toBe('(a value that cannot be shown: no keys)');
  });

  test('can be read back where it is in quotes', () => {
    for (const text of ["it's", '"', `'"`, 'a\\b', '\u2028\n'])
      expect(new Function(`return ${quote(text)}`)()).toBe(text);
  });
});

test('plain objects are plain in every realm', () => {
  expect([{}, Object.create(null), runInNewContext('({})')].map(isPlainObject)).toEqual([true, true, true]);
  expect([new Map(), [], null, new (class {})(), new URL('http://a'), /a/].map(isPlainObject)).toEqual(
    Array(6).fill(false),
  );
});
