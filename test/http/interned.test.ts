import { expect, test } from 'vitest';
import { interned, internedText } from '../../src/http/interned.js';

test('a list that comes again is the same one', () => {
  const first = interned(['Host', 'shop.test', 'X-A', '1']);
  expect(first).toEqual(['Host', 'shop.test', 'X-A', '1']);
  expect(interned(['Host', 'shop.test', 'X-A', '1'])).toBe(first);
});

test.each([
  [['Host', 'shop.test', 'X-A', '2']],
  [['Host', 'shop.test', 'x-a', '1']],
  [['Host', 'shop.tess', 'X-A', '1']],
  [['Host', 'shop.test']],
  [['Host', 'shop.test', 'X-A', '1', 'X-B', '1']],
  [[]],
])('a list that differs is its own: %j', (fields) => {
  interned(['Host', 'shop.test', 'X-A', '1']);
  expect(interned([...fields])).toEqual(fields);
});

test('each of many different lists is what it is', () => {
  const lists = Array.from({ length: 500 }, (_, i) => ['X-Id', String(i), 'X'.repeat(i % 200), `${i}`]);
  expect(lists.map((fields) => interned([...fields]))).toEqual(lists);
});

test('texts are what they are, long or short', () => {
  for (const text of ['', 'OK', 'x'.repeat(100), 'x'.repeat(101)]) expect(internedText(text)).toBe(text);
});
