import { TestError } from '../../src/errors.js';
import type { Exchange } from '../../src/journal/exchange.js';
import { cutList, indent } from '../report/listing.js';
import { reportExpectation } from '../report/report.js';
import type { CallSite } from '../rule/call-site.js';
import type { Traffic } from '../rule/traffic.js';
import { Wait } from './awaitable.js';
import type { ExpectedRequest } from './expect-request.js';
import type { CountedMember, GroupRelation } from './group-member.js';
import type { MatchCounter } from './match-counter.js';
import { describeEnd, inStep, stillWaiting, waitFor } from './wait.js';

/** A member of a group. */
export interface Member {
  readonly pattern: CountedMember['pattern'];
  readonly counter: MatchCounter;
  readonly count: number;
  /** The expectation, where the member is one of its own. */
  readonly expectation: ExpectedRequest | undefined;
}

/** Requests that hang together, as a {@link GroupRelation} says. */
export class ExpectedGroup extends Wait<readonly Exchange[]> {
  /** The place where the test wrote it. */
  readonly site: CallSite;
  readonly #traffic: Traffic;
  readonly #relation: GroupRelation;
  readonly #members: readonly Member[];
  readonly #timeout: number;
  #all: Promise<readonly Exchange[]> | undefined;
  #reportedAtEnd = false;

  constructor(init: {
    traffic: Traffic;
    relation: GroupRelation;
    members: readonly Member[];
    timeout: number;
    site: CallSite;
  }) {
    super();
    this.site = init.site;
    this.#traffic = init.traffic;
    this.#relation = init.relation;
    this.#members = init.members;
    this.#timeout = init.timeout;
  }

  protected begin(): Promise<readonly Exchange[]> {
    return (this.#all ??= inStep(this.#traffic, this.#title, this.site, () =>
      waitFor(
        this.#traffic,
        this.#timeout,
        () => this.#complete(),
        (why) => {
          const isReported = why === 'stopped' && this.#reportedAtEnd;
          throw this.#failure(
            isReported
              ? stillWaiting(`${this.#members.length} requests`)
              : this.#report(describeEnd(why, this.#timeout)),
          );
        },
      ),
    ));
  }

  get #title(): string {
    const patterns = this.#members.map(({ pattern }) => String(pattern));
    return `expect requests ${this.#relation.expected}: ${patterns.join(', ')}`;
  }

  override toString(): string {
    return this.#members.map(({ pattern }) => pattern).join(', ');
  }

  /** Judges what has come so far. */
  evaluate(): void {
    this.#counted();
  }

  /** The part that is unmet at the end of the test and was not told before; undefined where nothing is. */
  problem(): string | undefined {
    if (this.reported || this.#complete() !== undefined) return undefined;
    this.#reportedAtEnd = true;
    // A member that tells of itself is the reason.
    const told = this.#members.some(({ expectation }) => expectation?.problem() !== undefined);
    return told ? undefined : this.#report('by the end of the test');
  }

  #counted(): readonly CountedMember[] {
    return this.#members.map(({ pattern, counter, count }) => ({ pattern, count, matched: counter.matched }));
  }

  /** The first exchange of each member, where all are there. */
  #complete(): readonly Exchange[] | undefined {
    const { taken, missing } = this.#relation.find(this.#counted());
    return missing === undefined ? taken.flatMap((exchanges) => exchanges.slice(0, 1)) : undefined;
  }

  #failure(message: string): TestError {
    return this.site.placed(new TestError('WAYLAY_EXPECTATION', message));
  }

  #report(when: string): string {
    const members = this.#counted();
    const found = this.#relation.find(members);
    const { expected, describe, why, misplaced } = this.#relation;
    const missing = found.missing ?? 0;
    const wrong = isThere(members[missing]) ? misplaced(missing) : `${missing + 1}) is missing`;
    const title = `${members.length} requests were expected ${expected}, which they were not ${when}${wrong === undefined ? '' : `: ${wrong}`}.`;
    const listed = members.flatMap((member, index) => {
      const known = cutList(describe(members, found, index));
      const name = member.count === 1 ? String(member.pattern) : `${member.pattern}, ${member.count} times`;
      return [`${index + 1}) ${name}`, ...indent(known.length === 0 ? ['(none)'] : known)];
    });
    const reason = why(members, found);
    return [
      title,
      indent(listed).join('\n'),
      ...(reason === undefined ? [] : [`${reason}.`]),
      `Written:  ${this.site}`,
      ...this.#nearest(members[missing], when),
    ].join('\n\n');
  }

  /** Tells, of a member that nothing matched, what came instead. */
  #nearest(member: CountedMember | undefined, when: string): string[] {
    if (member === undefined || isThere(member)) return [];
    const { journal } = this.#traffic;
    const range = { min: member.count, max: Number.POSITIVE_INFINITY };
    const { exchanges, forgotten } = journal;
    return [reportExpectation({ ...member, range, exchanges, forgotten, when, style: this.#traffic })];
  }
}

/** True if as many came as it takes, wherever. */
function isThere(member: CountedMember | undefined): boolean {
  return member !== undefined && member.matched.length >= member.count;
}
