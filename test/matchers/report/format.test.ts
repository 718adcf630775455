import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { ABSENT, formatValue, isPlainObject, quote } from '../../../matchers/report/format.js';

const circular: Record<string, unknown> = { a: 1 };
circular.self = circular;
const deep = Array.from({ length: 50 }).reduce<unknown>((inner) => ({ inner }), 1);

describe('a value as it would be written', () => {
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
  ])('%#: %s', (value, text) => {
    expect(formatValue(value)).toBe(text);
  });

  test('is cut, with its length told', () => {
    expect(formatValue('x'.repeat(500), 20)).toBe(`'${'x'.repeat(19)}… (502 characters)`);
    expect(
      formatValue(
        Array.from({ length: 1_000_000 }, () => 1),
        20,
      ),
    ).toMatch(/^\[1, 1, 1.*characters\)$/);
    expect(formatValue(deep)).toContain('{…}');
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

  test('in quotes can be read back', () => {
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
