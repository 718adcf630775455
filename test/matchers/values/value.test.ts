import { describe, expect, test } from 'vitest';
import { ABSENT } from '../../../matchers/values/format.js';
import { compareValue, matchesValue } from '../../../matchers/values/value.js';
import { seeded } from '../../journal/seeded.js';

describe('an expected value', () => {
  test.each<[string, unknown, unknown, boolean]>([
    ['equal texts', 'a', 'a', true],
    ['other texts', 'a', 'b', false],
    ['a number and its text', 1, '1', false],
    ['zero and minus zero', 0, JSON.parse('-0'), true],
    ['null', null, null, true],
    ['null and nothing', null, undefined, false],
    ['a RegExp inside a text', /b/, 'abc', true],
    ['a RegExp and a number', /1/, 1, false],
    ['a predicate', (value: unknown) => value === 3, 3, true],
    ['a predicate that is false', () => 0, 3, false],
    ['an asymmetric matcher', expect.stringContaining('b'), 'abc', true],
    ['an asymmetric matcher that does not match', expect.any(Number), 'abc', false],
    ['a subset', { a: 1 }, { a: 1, b: 2 }, true],
    ['no superset', { a: 1, b: 2 }, { a: 1 }, false],
    ['an empty object and an array', {}, [], false],
    ['a subset deep inside', { a: { b: [{ c: 1 }] } }, { a: { b: [{ c: 1, d: 2 }], e: 3 } }, true],
    ['arrays of other lengths', [1], [1, 2], false],
    ['arrays in another order', [1, 2], [2, 1], false],
    ['an empty array and a full one', [], [1], false],
    ['inherited names', { toString: expect.anything() }, {}, false],
    ['an own __proto__', JSON.parse('{"__proto__":1}'), JSON.parse('{"__proto__":1}'), true],
    ['a date and its JSON', { at: new Date(0) }, { at: '1970-01-01T00:00:00.000Z' }, true],
    [
      'matchers inside',
      { id: expect.any(String), n: /^\d$/, f: (v: number) => v > 1 },
      { id: 'x', n: '7', f: 2 },
      true,
    ],
  ])('matches, or does not: %s', (_, expected, actual, matches) => {
    expect(matchesValue(expected, actual)).toBe(matches);
    expect(compareValue(expected, actual).differences.length === 0).toBe(matches);
  });

  test('matches every time as a RegExp with the flag g', () => {
    const pattern = /a/g;
    expect([1, 2, 3].map(() => matchesValue(pattern, 'a'))).toEqual([true, true, true]);
  });

  test('is refused as a predicate that returns a promise, whose rejection is nobody’s', () => {
    const predicate = () => Promise.reject(new Error('late'));
    expect(() => matchesValue(predicate, 1)).toThrow('must answer at once');
    expect(compareValue(predicate, 1).differences[0]?.reason).toContain('must answer at once');
  });
});

describe('where a value differs', () => {
  test('every place is named, with what was expected and what came', () => {
    const expected = { a: 1, items: [{ sku: 'cup', n: 2 }], gone: true };
    const actual = { a: 2, items: [{ sku: 'pot', n: 2 }, { sku: 'tea' }], more: 1 };
    expect(compareValue(expected, actual).differences).toEqual([
      { path: ['a'], expected: 1, actual: 2 },
      { path: ['items', 0, 'sku'], expected: 'cup', actual: 'pot' },
      { path: ['items', 1], expected: ABSENT, actual: { sku: 'tea' } },
      { path: ['gone'], expected: true, actual: ABSENT },
    ]);
  });

  test('the error that a predicate threw is the reason', () => {
    const predicate = (value: { a: { b: number } }) => value.a.b > 1;
    expect(compareValue({ x: predicate }, { x: {} }).differences).toEqual([
      { path: ['x'], expected: predicate, actual: {}, reason: expect.stringContaining('threw TypeError') },
    ]);
  });

  test('nearer values have smaller distances', () => {
    const expected = { amount: 4200, currency: 'EUR', items: ['cup', 'pot'] };
    const distances = [
      { amount: 4200, currency: 'EUR', items: ['cup', 'pot'] },
      { amount: 4200, currency: 'EUR', items: ['cup', 'pat'] },
      { amount: 4100, currency: 'EUR', items: ['cup', 'pat'] },
      { amount: 4100, currency: 'USD', items: [] },
      { other: 1 },
    ].map((actual) => compareValue(expected, actual).distance);
    expect(distances).toEqual([...distances].sort((a, b) => a - b));
    expect(new Set(distances).size).toBe(distances.length);
    expect(distances[0]).toBe(0);
    expect(distances.at(-1)).toBe(1);
  });
});

test('matching and comparing agree on 5,000 random values', () => {
  const next = seeded(3);
  const leaves = ['', 'a', 'b', 0, 1, true, false, null];
  const matchers = [/a/, /^$/, expect.anything(), expect.any(String), (v: unknown) => v === 1, () => true];
  const pick = <T>(list: readonly T[]) => list[Math.floor(next() * list.length)] as T;
  const json = (depth: number, wild: boolean): unknown => {
    const kind = next();
    if (depth === 0 || kind < 0.4) return wild && next() < 0.3 ? pick(matchers) : pick(leaves);
    const length = Math.floor(next() * 3);
    if (kind < 0.6) return Array.from({ length }, () => json(depth - 1, wild));
    return Object.fromEntries(Array.from({ length }, () => [pick(['a', 'b', '__proto__']), json(depth - 1, wild)]));
  };
  let matched = 0;
  for (let round = 0; round < 5_000; round += 1) {
    const expected = json(3, true);
    const actual = json(3, false);
    const matches = matchesValue(expected, actual);
    const { distance, differences } = compareValue(expected, actual);
    const seen = `${JSON.stringify(expected)} on ${JSON.stringify(actual)}`;
    expect(differences.length === 0, seen).toBe(matches);
    expect(distance === 0, seen).toBe(matches);
    expect(distance, seen).toBeGreaterThanOrEqual(0);
    expect(distance, seen).toBeLessThanOrEqual(1);
    if (matches) matched += 1;
  }
  expect(matched).toBeGreaterThan(250);
  expect(matched).toBeLessThan(4_750);
});
