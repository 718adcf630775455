import type { Exchange } from '../../src/journal/exchange.js';
import { titleOf } from '../report/listing.js';
import type { CountedMember, GroupRelation } from './group-member.js';
import { describeGap, gapBetween, milliseconds, overlap, spanOf } from './span.js';

/**
 * Members that are in flight together: there was a moment at which requests of all were, each request counted once. The
 * moments at which some exchange began are enough to look at: whatever is in flight together is so when its last one
 * begins.
 */
export const IN_FLIGHT: GroupRelation = {
  expected: 'in flight together',

  find(members) {
    let best: Exchange[][] = members.map(() => []);
    let most = -1;
    const wanted = members.reduce((sum, { count }) => sum + count, 0);
    for (const moment of momentsOf(members)) {
      const flying = members.map(({ matched }) => matched.filter((exchange) => isInFlight(exchange, moment)));
      const bound = flying.reduce((sum, { length }, index) => sum + Math.min(length, countOf(members, index)), 0);
      if (bound <= most) continue;
      const taken = assign(members, flying);
      const size = taken.reduce((sum, { length }) => sum + length, 0);
      if (size <= most) continue;
      best = taken;
      most = size;
      if (size === wanted) break;
    }
    const missing = best.findIndex(({ length }, index) => length < countOf(members, index));
    return { taken: best, missing: missing === -1 ? undefined : missing };
  },

  misplaced: () => undefined,

  describe(members, _, index) {
    const starts = members.flatMap(({ matched }) => matched.map(({ timing }) => timing.start));
    const zero = Math.min(...starts);
    return (members[index] as CountedMember).matched.map((exchange) => {
      const { start, end } = spanOf(exchange);
      const from = milliseconds(start - zero);
      return end === Number.POSITIVE_INFINITY
        ? `${titleOf(exchange)}, from ${from} on`
        : `${titleOf(exchange)}, from ${from} to ${milliseconds(end - zero)}`;
    });
  },

  why(members, { taken, missing }) {
    if (missing === undefined) return undefined;
    const used = taken.flat();
    const candidates = (members[missing] as CountedMember).matched.filter((exchange) => !used.includes(exchange));
    const misses = candidates.map((exchange) => ({ exchange, other: farthest(exchange, used) }));
    const [nearest] = misses.sort((a, b) => distance(a) - distance(b));
    return nearest?.other === undefined ? undefined : describeGap(nearest.exchange, nearest.other);
  },
};

function momentsOf(members: readonly CountedMember[]): readonly number[] {
  const starts = members.flatMap(({ matched }) => matched.map(({ timing }) => timing.start));
  return [...new Set(starts)].sort((a, b) => a - b);
}

function isInFlight(exchange: Exchange, moment: number): boolean {
  const { start, end } = spanOf(exchange);
  return start <= moment && moment < end;
}

function countOf(members: readonly CountedMember[], index: number): number {
  return members[index]?.count ?? 0;
}

/** Gives each member as many of its exchanges as it takes and none to two of them (augmenting paths, by Kuhn). */
function assign(members: readonly CountedMember[], flying: readonly (readonly Exchange[])[]): Exchange[][] {
  const owner = new Map<Exchange, number>();
  const give = (index: number, tried: Set<Exchange>): boolean => {
    const candidates = flying[index] ?? [];
    const free = candidates.find((exchange) => !owner.has(exchange));
    if (free !== undefined) {
      owner.set(free, index);
      return true;
    }
    for (const exchange of candidates) {
      if (tried.has(exchange)) continue;
      tried.add(exchange);
      const before = owner.get(exchange);
      if (before === undefined || before === index || !give(before, tried)) continue;
      owner.set(exchange, index);
      return true;
    }
    return false;
  };
  for (const [index, { count }] of members.entries()) {
    for (let given = 0; given < count && give(index, new Set()); given += 1);
  }
  return members.map((_, index) => (flying[index] ?? []).filter((exchange) => owner.get(exchange) === index));
}

/** The one of them that the exchange missed by most. */
function farthest(exchange: Exchange, others: readonly Exchange[]): Exchange | undefined {
  const span = spanOf(exchange);
  const apart = others.filter((other) => !overlap(span, spanOf(other)));
  const [first] = apart.sort((a, b) => gapBetween(span, spanOf(b)) - gapBetween(span, spanOf(a)));
  return first;
}

function distance({ exchange, other }: { exchange: Exchange; other: Exchange | undefined }): number {
  return other === undefined ? Number.POSITIVE_INFINITY : gapBetween(spanOf(exchange), spanOf(other));
}
