import { describe, expect, test } from 'vitest';
import { compared, exponent, median, quantile, spread } from '../../bench/measure/statistics.mjs';

describe('among some values', () => {
  test.each([
    { values: [5], share: 0.5, expected: 5 },
    { values: [3, 1, 2], share: 0.5, expected: 2 },
    { values: [4, 1, 3, 2], share: 0.5, expected: 2.5 },
    { values: [10, 2, 1], share: 0, expected: 1 },
    { values: [10, 2, 1], share: 1, expected: 10 },
    { values: [0, 10], share: 0.99, expected: 9.9 },
  ])('the quantile $share of $values is $expected', ({ values, share, expected }) => {
    expect(quantile(values, share)).toBeCloseTo(expected);
  });

  test('numbers are ordered as numbers, and the values left as they are', () => {
    const values = [100, 9, 20];
    expect(median(values)).toBe(20);
    expect(values).toEqual([100, 9, 20]);
  });

  test('the spread is a share of the median', () => {
    expect(spread([8, 10, 13])).toBeCloseTo(0.5);
  });
});

describe('between two that took turns', () => {
  const ratio = (own: number, other: number) => own / other;

  test('each round is compared with itself', () => {
    // The machine was slower by and by: the medians would say 4.
    expect(compared([10, 40, 90], [5, 10, 30], ratio)).toBe(3);
  });

  test('a round that one missed leaves the medians', () => {
    expect(compared([10, 40, 90], [10, 10], ratio)).toBe(4);
  });
});

describe('the exponent of growth', () => {
  const works = [1, 8, 64, 1024];
  test.each([
    { name: 'constant', cost: () => 7, expected: 0 },
    { name: 'linear', cost: (work: number) => 3 * work, expected: 1 },
    { name: 'quadratic', cost: (work: number) => 0.1 * work ** 2, expected: 2 },
  ])('is $expected where the cost is $name', ({ cost, expected }) => {
    expect(exponent(works.map((work) => [work, cost(work)] as const))).toBeCloseTo(expected);
  });
});
