import type { Exchange } from '../../src/journal/exchange.js';
import type { CompiledPattern } from '../pattern/pattern.js';

/** One member of a group: so many exchanges of those that it selects. */
export interface CountedMember {
  readonly pattern: CompiledPattern;
  /** The number that it takes, at least 1. */
  readonly count: number;
  /** The exchanges that it selects, in order of arrival. */
  readonly matched: readonly Exchange[];
}

/** The findings of a group. */
export interface GroupResult {
  /** The exchanges of each member, in order of arrival. */
  readonly taken: readonly (readonly Exchange[])[];
  /** The first member that lacks some; undefined where the group is complete. */
  readonly missing: number | undefined;
}

/** The relation of a group's members. Pure: the same members give the same answers. */
export interface GroupRelation {
  /** `one after the other` */
  readonly expected: string;
  find(members: readonly CountedMember[]): GroupResult;
  /** The problem of a member that is missing though all it takes has come; undefined where no single one is wrong. */
  misplaced(index: number): string | undefined;
  /** Describes a member where the group is not complete, a line for each fact; empty where nothing is known. */
  describe(members: readonly CountedMember[], found: GroupResult, index: number): readonly string[];
  /** The reason why it is not complete, in one sentence; undefined where the lines say it. */
  why(members: readonly CountedMember[], found: GroupResult): string | undefined;
}
