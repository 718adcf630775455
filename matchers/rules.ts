import type { TestError } from '../src/errors.js';
import type { Interceptor } from '../src/interceptor.js';
import type { Exchange } from '../src/journal/exchange.js';
import { systemClock } from '../src/runtime/clock.js';
import { debugLog, type Log } from '../src/runtime/log.js';
import { ExpectedGroup } from './expect-request/expect-group.js';
import { ExpectedRequest } from './expect-request/expect-request.js';
import type { Expectation, Narrowing } from './expect-request/expectation.js';
import {
  type ExpectationGroup,
  type GroupExchanges,
  type GroupMember,
  type GroupOptions,
  readGroup,
} from './expect-request/expectation-group.js';
import { readExpectation } from './expect-request/expectation-options.js';
import type { GroupRelation } from './expect-request/group-member.js';
import { IN_FLIGHT } from './expect-request/in-flight.js';
import { IN_ORDER } from './expect-request/in-order.js';
import { Interception } from './interception.js';
import type { Change, ChangeFunction } from './mutate/change.js';
import { Mutation, type MutationHandle } from './mutate/mutate.js';
import { type MutationOptions, readMutationOptions } from './mutate/mutation-options.js';
import { compilePattern, type Pattern, type RequestPattern } from './pattern/pattern.js';
import type { TypedJson } from './pattern/typed-json.js';
import { unawaited } from './report/unawaited.js';
import { type UnusedPolicy, verifyAtEnd, warningsAtEnd } from './report/verify.js';
import { type CallSite, written } from './rule/call-site.js';
import { EffectLog } from './rule/effect-log.js';
import { endedError } from './rule/ended.js';
import { markMessages, type Traffic } from './rule/traffic.js';
import type { RulesOptions } from './rules-options.js';
import { readyReplies } from './stub-response/reply.js';
import { readStubOptions, Stub, type StubHandle, type StubOptions } from './stub-response/stub-response.js';
import type { Reply } from './stub-response/written-reply.js';
import { ANSI_COLORS, NO_COLORS } from './values/colors.js';
import { Mask } from './values/mask.js';
import { PLAIN, type Style } from './values/style.js';

/** All that one test registered. */
export class Rules {
  /** The traffic that the `expect` matchers look at. */
  readonly traffic: Traffic;
  /** The interceptor that the proxy asks. */
  readonly interceptor: Interceptor;
  /** Newest first. */
  #stubs: readonly Stub[] = [];
  /** Mutations in order of registration. */
  #mutations: readonly Mutation[] = [];
  readonly #expectations: (ExpectedRequest | ExpectedGroup)[] = [];
  readonly #unusedStubs: UnusedPolicy;
  readonly #effects = new EffectLog();
  readonly #log: Log;

  /** @throws {TestError} `WAYLAY_INVALID_PATTERN` in `allow` */
  constructor(options: RulesOptions) {
    const patterns = { baseURL: options.baseURL };
    this.#log = options.log ?? debugLog;
    this.#unusedStubs = options.unusedStubs ?? 'warn';
    this.traffic = {
      journal: options.journal,
      timeout: options.timeout ?? 5000,
      mask: options.mask === undefined ? PLAIN.mask : new Mask(options.mask),
      colors: options.colors ? ANSI_COLORS : NO_COLORS,
      processRouted: options.processRouted,
      patterns,
      runner: options.runner,
      startTimer: options.startTimer ?? systemClock.startTimer,
      waiting: new Set(),
      asked: new Set(),
      ended: false,
    };
    options.journal.secrets = this.traffic.mask;
    // The owner is needed by none where messages are shown and patterns read as by default.
    if (options.mask !== undefined || options.baseURL !== undefined || options.colors) markMessages(this.traffic);
    this.interceptor = new Interception({
      stubs: () => this.#stubs,
      mutations: () => this.#mutations,
      refuse: options.unmatched === 'refuse',
      allow: (options.allow ?? []).map((pattern) => compilePattern(pattern, undefined, patterns)),
      log: this.#log,
      // A client's text is no terminal's.
      style: { ...this.traffic, colors: NO_COLORS },
    });
  }

  /** `waylay.stubResponse`, where it is described. */
  stubResponse(pattern: Pattern, reply: Reply, options?: StubOptions): StubHandle {
    return this.#written('stubResponse', (site) => {
      const stub = new Stub({
        ...this.#ruleInit(site, pattern, (rule) => {
          this.#stubs = this.#stubs.filter((other) => other !== rule);
        }),
        replies: readyReplies(reply),
        startTimer: this.traffic.startTimer,
        ...readStubOptions(options),
      });
      this.#stubs = [stub, ...this.#stubs];
      return stub;
    });
  }

  /** `waylay.mutate`, where it is described. */
  mutate<Json = unknown>(
    pattern: Pattern,
    change: Change<Json> | ChangeFunction<Json>,
    options?: MutationOptions,
  ): MutationHandle {
    return this.#written('mutate', (site) => {
      const mutation = new Mutation({
        ...this.#ruleInit(site, pattern, (rule) => {
          this.#mutations = this.#mutations.filter((other) => other !== rule);
        }),
        change,
        options: readMutationOptions(options),
      });
      this.#mutations = [...this.#mutations, mutation];
      return mutation;
    });
  }

  /** `waylay.expectRequest`, where it is described. */
  expectRequest(pattern: Pattern, narrowing: Narrowing & { times: 0 }): Expectation<undefined>;
  // Two type parameters, so that one given by hand means the last form.
  expectRequest<const Json, Typed extends TypedJson<Json>>(
    pattern: Pattern,
    narrowing: Narrowing & { json: Json },
  ): Expectation<Exchange<Typed>>;
  expectRequest<const Json, Typed extends TypedJson<Json>>(
    pattern: RequestPattern & { json: Json },
    narrowing?: Narrowing,
  ): Expectation<Exchange<Typed>>;
  expectRequest<Json = unknown>(pattern: Pattern, narrowing?: Narrowing): Expectation<Exchange<Json>>;
  expectRequest(pattern: Pattern, narrowing?: Narrowing): Expectation<Exchange | undefined> {
    return this.#written('expectRequest', (site) => {
      const { traffic } = this;
      const expectation = new ExpectedRequest({ traffic, ...readExpectation(traffic, pattern, narrowing), site });
      this.#expectations.push(expectation);
      return expectation;
    });
  }

  /** `waylay.expectOrder`, where it is described. */
  expectOrder<const Members extends readonly GroupMember[]>(
    members: Members,
    options?: GroupOptions,
  ): ExpectationGroup<GroupExchanges<Members>>;
  expectOrder(members: readonly GroupMember[], options?: GroupOptions): ExpectationGroup {
    return this.#expectGroup('expectOrder', IN_ORDER, () => readGroup('expectOrder', this.traffic, members, options));
  }

  /** `waylay.expectOverlap`, where it is described. */
  expectOverlap<const Members extends readonly GroupMember[]>(
    members: Members,
    options?: GroupOptions,
  ): ExpectationGroup<GroupExchanges<Members>>;
  expectOverlap(members: readonly GroupMember[], options?: GroupOptions): ExpectationGroup {
    return this.#expectGroup('expectOverlap', IN_FLIGHT, () =>
      readGroup('expectOverlap', this.traffic, members, options),
    );
  }

  /** The error at the end of the test; undefined where all is well. */
  verify(): TestError | undefined {
    return verifyAtEnd({
      ...this.#verification(this.traffic),
      expectations: [...this.#expectations, ...unawaited(this.traffic)],
    });
  }

  /** The warnings at the end of the test, which it does not fail for, one line each, as far as they are known by now. */
  get warnings(): readonly string[] {
    return warningsAtEnd(this.#verification({ ...this.traffic, colors: NO_COLORS }));
  }

  /** Has every expectation judge what has come so far, so that of each exchange it is known whether one is met by it. */
  look(): void {
    for (const expectation of this.#expectations) expectation.evaluate();
  }

  /** Ends what is still waiting, and its timers. */
  close(): void {
    this.traffic.ended = true;
    for (const stop of [...this.traffic.waiting]) stop();
  }

  /**
   * Refuses what is asked for after the end.
   * @throws {TestError} `WAYLAY_ENDED`
   */
  refuseEnded(verb: string): void {
    written(() => this.#checkRunning(verb));
  }

  #checkRunning(verb: string): void {
    if (this.traffic.ended) throw endedError(`${verb} does nothing`);
  }

  #written<T>(verb: string, say: (site: CallSite) => T): T {
    return written((site) => {
      this.#checkRunning(verb);
      const rule = say(site);
      this.#log('rules', '%s %s, written at %s', verb, rule, site);
      return rule;
    });
  }

  #expectGroup(verb: string, grouping: GroupRelation, read: () => ReturnType<typeof readGroup>): ExpectedGroup {
    return this.#written(verb, (site) => {
      const group = new ExpectedGroup({ traffic: this.traffic, relation: grouping, ...read(), site });
      this.#expectations.push(group);
      return group;
    });
  }

  #verification(style: Style) {
    return {
      stubs: this.#stubs,
      mutations: this.#mutations,
      exchanges: this.traffic.journal.exchanges,
      unusedStubs: this.#unusedStubs,
      effects: this.#effects,
      style,
    };
  }

  #ruleInit(site: CallSite, pattern: Pattern, remove: (rule: object) => void) {
    const { journal, patterns, mask, runner } = this.traffic;
    return {
      pattern: compilePattern(pattern, undefined, { ...patterns, mask }),
      site,
      journal,
      runner,
      effects: this.#effects,
      log: this.#log,
      remove,
    };
  }
}
