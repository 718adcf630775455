import { titleOf } from '../report/listing.js';
import type { CountedMember, GroupRelation } from './group-member.js';
import { milliseconds } from './span.js';

/**
 * Each member's requests arrived after those of the one before; others may have come in between. Taking the earliest
 * that fit leaves the most for the rest, so an order is found wherever there is one.
 */
export const IN_ORDER: GroupRelation = {
  expected: 'one after the other',

  find(members) {
    let from = 0;
    const taken = members.map(({ matched, count }) => {
      const later = matched.filter(({ id }) => id > from).slice(0, count);
      from = later.length === count ? (later.at(-1)?.id ?? from) : Number.POSITIVE_INFINITY;
      return later;
    });
    const missing = taken.findIndex((exchanges, index) => exchanges.length < (members[index] as CountedMember).count);
    return { taken, missing: missing === -1 ? undefined : missing };
  },

  misplaced: (index) => `${index + 1}) did not come after ${index})`,

  describe(members, { taken, missing }, index) {
    const { matched } = members[index] as CountedMember;
    const own = (taken[index] ?? []).map((exchange) => titleOf(exchange));
    if (index !== missing) return missing !== undefined && index > missing ? matched.map((one) => titleOf(one)) : own;
    const before = index === 0 ? undefined : taken[index - 1]?.at(-1);
    if (before === undefined) return own;
    const early = matched.filter(({ id }) => id <= before.id);
    const told = early.map((exchange) => {
      if (exchange === before) return `${titleOf(exchange)}, the same request`;
      const time = milliseconds(before.timing.start - exchange.timing.start);
      return `${titleOf(exchange)}, too early: it began ${time} before #${before.id}`;
    });
    return [...told, ...own];
  },

  why: () => undefined,
} satisfies GroupRelation;
