import { expect, test } from 'vitest';
import { memoize } from '../../src/runtime/memoize.js';

test('a result that was asked for before is not made again, until there is too much of it', () => {
  const asked: string[] = [];
  const length = memoize((text: string) => {
    asked.push(text);
    return { length: text.length };
  }, 2);
  const first = length('a');
  expect(length('a')).toBe(first);
  expect(length('bb')).toEqual({ length: 2 });
  expect(asked).toEqual(['a', 'bb']);
  expect(length('ccc')).toEqual({ length: 3 });
  expect(length('a')).toEqual(first);
  expect(asked).toEqual(['a', 'bb', 'ccc', 'a']);
});

test('null is an answer', () => {
  let asked = 0;
  const nothing = memoize((_: string) => {
    asked += 1;
    return null;
  });
  expect([nothing('a'), nothing('a')]).toEqual([null, null]);
  expect(asked).toBe(1);
});

test('arguments that have a key in common have the result of the first', () => {
  const asked: string[] = [];
  const length = memoize(
    (text: string) => {
      asked.push(text);
      return { length: text.length };
    },
    2,
    (text) => text.toLowerCase(),
  );
  expect(length('A')).toBe(length('a'));
  expect(length('b')).not.toBe(length('a'));
  expect(asked).toEqual(['A', 'b']);
});
