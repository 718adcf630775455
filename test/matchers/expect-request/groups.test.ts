/** Members of a group are found in what came: pure, by tables and against the slow way of looking. */
import { array, assert, integer, property, record, tuple } from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CountedMember } from '../../../matchers/expect-request/group-member.js';
import { IN_FLIGHT } from '../../../matchers/expect-request/in-flight.js';
import { IN_ORDER } from '../../../matchers/expect-request/in-order.js';
import { overlap, spanOf } from '../../../matchers/expect-request/span.js';
import { compilePattern } from '../../../matchers/pattern/pattern.js';
import type { Exchange } from '../../../src/journal/exchange.js';
import { makeExchange } from '../../journal/exchanges.js';

const pattern = compilePattern('**');

function flight(id: number, start: number, end?: number): Exchange {
  return makeExchange({ id, timing: end === undefined ? { start } : { start, end } });
}

function member(matched: readonly Exchange[], count = 1): CountedMember {
  return { pattern, count, matched };
}

const ids = (taken: readonly (readonly Exchange[])[]) => taken.map((exchanges) => exchanges.map(({ id }) => id));

describe('two spans', () => {
  test.each<[string, Exchange, Exchange, boolean]>([
    ['one inside the other', flight(1, 0, 10), flight(2, 3, 5), true],
    ['one into the other', flight(1, 0, 10), flight(2, 9, 12), true],
    ['one when the other ends', flight(1, 0, 10), flight(2, 10, 12), false],
    ['one after the other', flight(1, 0, 10), flight(2, 11, 12), false],
    ['both pending', flight(1, 0), flight(2, 50), true],
    ['one pending, begun after the other ended', flight(1, 0, 10), flight(2, 11), false],
  ])('overlap in either order, or in none: %s', (_, one, other, together) => {
    expect([overlap(spanOf(one), spanOf(other)), overlap(spanOf(other), spanOf(one))]).toEqual([together, together]);
  });
});

describe('the search for requests in order', () => {
  const exchanges = [1, 2, 3, 4].map((id) => flight(id, id * 10));
  const [one, two, three, four] = exchanges as [Exchange, Exchange, Exchange, Exchange];

  test.each<[string, CountedMember[], number[][], number | undefined]>([
    ['each after the one before', [member([one]), member([two]), member([four])], [[1], [2], [4]], undefined],
    ['the earliest that fit', [member([one, three]), member([two, four])], [[1], [2]], undefined],
    ['the same pattern twice', [member([one, two]), member([one, two])], [[1], [2]], undefined],
    ['all of several before the next', [member([one, three], 2), member([two, four])], [[1, 3], [4]], undefined],
    ['one too early', [member([two]), member([one])], [[2], []], 1],
    ['one that did not come', [member([]), member([one])], [[], []], 0],
    ['too few of several', [member([one], 2), member([two])], [[1], []], 0],
  ])('finds what there is: %s', (_, members, taken, missing) => {
    const found = IN_ORDER.find(members);
    expect([ids(found.taken), found.missing]).toEqual([taken, missing]);
  });

  test('finds an order exactly where there is one', () => {
    const matches = array(array(integer({ min: 1, max: 8 }), { maxLength: 4 }), { minLength: 2, maxLength: 4 });
    assert(
      property(matches, (lists) => {
        const sorted = lists.map((list) => [...new Set(list)].sort((a, b) => a - b));
        const members = sorted.map((list) => member(list.map((id) => flight(id, id))));
        const exists = (index: number, from: number): boolean =>
          index === sorted.length || (sorted[index] ?? []).some((id) => id > from && exists(index + 1, id));
        expect(IN_ORDER.find(members).missing === undefined).toBe(exists(0, 0));
      }),
    );
  });
});

describe('the search for requests in flight together', () => {
  const a = flight(1, 0, 10);
  const b = flight(2, 5, 15);
  const c = flight(3, 12, 20);
  const pending = flight(4, 18);

  test.each<[string, CountedMember[], number[][], number | undefined]>([
    ['two that overlap', [member([a]), member([b])], [[1], [2]], undefined],
    ['two that do not', [member([a]), member([c])], [[1], []], 1],
    ['each with the next, but never all three', [member([a]), member([b]), member([c])], [[1], [2], []], 2],
    ['another one that fits', [member([a, c]), member([pending])], [[3], [4]], undefined],
    ['one request is not two', [member([a]), member([a])], [[1], []], 1],
    ['the same pattern twice', [member([a, b]), member([a, b])], [[1], [2]], undefined],
    ['the one that the other leaves over', [member([a, b]), member([a])], [[2], [1]], undefined],
    ['several of one', [member([a, b], 2)], [[1, 2]], undefined],
  ])('finds what there is: %s', (_, members, taken, missing) => {
    const found = IN_FLIGHT.find(members);
    expect([ids(found.taken), found.missing]).toEqual([taken, missing]);
  });

  test('says which one missed the others, and by how much', () => {
    const members = [member([a]), member([c])];
    const found = IN_FLIGHT.find(members);
    expect(IN_FLIGHT.why(members, found)).toBe(
      '#3 GET https://shop.test/ began 2 ms after #1 GET https://shop.test/ had ended',
    );
    expect(IN_FLIGHT.describe(members, found, 1)).toEqual([
      '#3 GET https://shop.test/ (no response), from 12 ms to 20 ms',
    ]);
  });

  test('finds a moment exactly where there is one', () => {
    const spans = array(record({ start: integer({ min: 0, max: 9 }), length: integer({ min: 1, max: 5 }) }), {
      minLength: 1,
      maxLength: 5,
    });
    const picks = array(array(integer({ min: 0, max: 4 }), { maxLength: 4 }), { minLength: 2, maxLength: 3 });
    assert(
      property(tuple(spans, picks), ([given, lists]) => {
        const flights = given.map(({ start, length }, index) => flight(index + 1, start, start + length));
        const chosen = lists.map((list) => [...new Set(list)].flatMap((index) => flights[index] ?? []));
        const exists = (index: number, taken: readonly Exchange[]): boolean =>
          index === chosen.length ||
          (chosen[index] ?? []).some(
            (one) =>
              !taken.includes(one) &&
              // Intervals that meet pairwise have a moment in common.
              taken.every((other) => overlap(spanOf(one), spanOf(other))) &&
              exists(index + 1, [...taken, one]),
          );
        const found = IN_FLIGHT.find(chosen.map((matched) => member(matched)));
        expect(found.missing === undefined).toBe(exists(0, []));
        expect(new Set(found.taken.flat()).size).toBe(found.taken.flat().length);
      }),
    );
  });
});
