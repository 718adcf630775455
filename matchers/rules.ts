import type { Authority } from '../src/destination.js';
import type { TestError } from '../src/errors.js';
import type { Exchange } from '../src/exchange/exchange.js';
import type { Journal } from '../src/exchange/journal.js';
import type { IncomingBody, Interceptor, RequestDecision, ResponseChange, ResponseHead } from '../src/interceptor.js';
import { type Expectation, ExpectedRequest, type Narrowing } from './expect-request/expect-request.js';
import { readExpectation } from './expect-request/expectation-options.js';
import { changeRequest, changeResponse } from './mutate/apply-change.js';
import { type Change, checkChange } from './mutate/change.js';
import { Mutation, type MutationHandle } from './mutate/mutate.js';
import { type CompiledPattern, compilePattern, type Pattern } from './pattern/pattern.js';
import { CallSite } from './report/call-site.js';
import { Mask } from './report/mask.js';
import { refusal } from './report/refusal.js';
import { verifyAtEnd } from './report/verify.js';
import { type Reply, readyReplies } from './stub-response/reply.js';
import { readStubOptions, Stub, type StubHandle, type StubOptions } from './stub-response/stub-response.js';
import { type StartTimer, startTimer, type Traffic } from './traffic.js';

/** What the rules of one test start from. */
export interface RulesOptions {
  journal: Journal;
  /** Milliseconds that an awaited expectation waits. Default 5000. */
  timeout?: number | undefined;
  /** What becomes of a request that no stub answers. Default `'forward'`. */
  unmatched?: 'forward' | 'refuse' | undefined;
  /** Patterns that are exempt from refusal. */
  allow?: readonly Pattern[] | undefined;
  /** Relative URLs in patterns are resolved against it. */
  baseURL?: string | undefined;
  /** Header names that are not shown in messages. Default: `authorization`, `cookie` and the like. */
  mask?: readonly string[] | undefined;
  /** Default: real time. */
  startTimer?: StartTimer;
}

/** What concerns one request, as far as it could be decided. */
type Selection = {
  readonly stub: Stub | undefined;
  readonly mutations: readonly Mutation[];
  readonly allowed: boolean;
};

const NO_MUTATIONS: readonly Mutation[] = [];

/**
 * All that one test registered. Which stub and which mutations concern a request is decided once,
 * when it comes: what is registered later concerns later requests.
 */
export class Rules implements Interceptor {
  /** What the `expect` matchers look at. */
  readonly traffic: Traffic;
  readonly #refuse: boolean;
  readonly #allow: readonly CompiledPattern[];
  /** Newest first. */
  #stubs: readonly Stub[] = [];
  /** In order of registration. */
  #mutations: readonly Mutation[] = [];
  readonly #expectations: ExpectedRequest[] = [];
  /** The mutations of the exchanges that have any. */
  readonly #mutating = new WeakMap<Exchange, readonly Mutation[]>();

  /** @throws {TestError} `WAYLAY_INVALID_PATTERN` in `allow` */
  constructor(options: RulesOptions) {
    const patterns = { baseURL: options.baseURL };
    this.traffic = {
      journal: options.journal,
      timeout: options.timeout ?? 5000,
      mask: new Mask(options.mask),
      patterns,
      startTimer: options.startTimer ?? startTimer,
      waiting: new Set(),
    };
    this.#refuse = options.unmatched === 'refuse';
    this.#allow = (options.allow ?? []).map((pattern) => compilePattern(pattern, undefined, patterns));
  }

  // ---- what a test says ------------------------------------------------------------------------

  /**
   * Answers the requests that match, without an upstream. The newest stub wins.
   *
   * @throws {TestError} `WAYLAY_INVALID_PATTERN`, `WAYLAY_INVALID_REPLY`, `WAYLAY_INVALID_OPTION`
   * @example
   * waylay.stubResponse('POST https://api.pay.test/v1/charges', { status: 402, json: { error: 'declined' } });
   * waylay.stubResponse('https://api.pay.test/**', 503, { times: 1 });
   */
  stubResponse(pattern: Pattern, reply: Reply, options?: StubOptions): StubHandle {
    const stub = new Stub({
      ...this.#ruleInit(pattern, (rule) => {
        this.#stubs = this.#stubs.filter((other) => other !== rule);
      }),
      replies: readyReplies(reply),
      ...readStubOptions(options),
    });
    this.#stubs = [stub, ...this.#stubs];
    return stub;
  }

  /**
   * Changes the requests that match, their responses, or both, stubbed or real. Mutations apply in
   * order of registration.
   *
   * @throws {TestError} `WAYLAY_INVALID_PATTERN`, `WAYLAY_INVALID_CHANGE`
   * @example
   * waylay.mutate('https://shop.test/api/cart', { response: { json: (cart) => ({ ...cart, currency: 'EUR' }) } });
   */
  mutate(pattern: Pattern, change: Change): MutationHandle {
    checkChange(change);
    const mutation = new Mutation({
      ...this.#ruleInit(pattern, (rule) => {
        this.#mutations = this.#mutations.filter((other) => other !== rule);
      }),
      change,
    });
    this.#mutations = [...this.#mutations, mutation];
    return mutation;
  }

  /**
   * Expects requests that match, earlier or later in this test. Awaited, it gives the exchange; what
   * is neither awaited nor satisfied fails the test at its end.
   *
   * @param narrowing more of the pattern, and `times` and `timeout`
   * @throws {TestError} `WAYLAY_INVALID_PATTERN`, `WAYLAY_INVALID_OPTION`; awaited: `WAYLAY_EXPECTATION`
   * @example
   * const charge = waylay.expectRequest('POST https://api.pay.test/v1/charges', { json: { amount: 4200 } });
   * const { request } = await charge;
   */
  expectRequest(pattern: Pattern, narrowing: Narrowing & { times: 0 }): Expectation<undefined>;
  expectRequest(pattern: Pattern, narrowing?: Narrowing): Expectation;
  expectRequest(pattern: Pattern, narrowing?: Narrowing): Expectation<Exchange | undefined> {
    const expectation = new ExpectedRequest({
      traffic: this.traffic,
      ...readExpectation(this.traffic, pattern, narrowing),
      site: new CallSite(),
    });
    this.#expectations.push(expectation);
    return expectation;
  }

  /** What the end of the test has to say; undefined where all is well. */
  verify(): TestError | undefined {
    return verifyAtEnd(this.#expectations, this.traffic.journal.exchanges);
  }

  /** Ends what is still waiting, and its timers. */
  close(): void {
    for (const stop of [...this.traffic.waiting]) stop();
  }

  #ruleInit(pattern: Pattern, remove: (rule: object) => void) {
    const { journal, patterns, mask } = this.traffic;
    return {
      pattern: compilePattern(pattern, undefined, { ...patterns, mask }),
      site: new CallSite(),
      journal,
      remove,
    };
  }

  // ---- what the proxy asks ---------------------------------------------------------------------

  mayAnswer(authority: Authority): boolean {
    if (this.#refuse && !this.#allow.some((pattern) => pattern.mayMatch(authority))) return true;
    return this.#stubs.some((stub) => !stub.exhausted && stub.pattern.mayMatch(authority));
  }

  onRequest(
    exchange: Exchange,
    incoming: IncomingBody,
  ): RequestDecision | undefined | Promise<RequestDecision | undefined> {
    if (this.#stubs.length === 0 && this.#mutations.length === 0 && !this.#refuse) return undefined;
    const selection = this.#select(exchange, false);
    if (selection !== 'body') return this.#decide(exchange, incoming, selection);
    return this.#decideWithBody(exchange, incoming);
  }

  async #decideWithBody(exchange: Exchange, incoming: IncomingBody): Promise<RequestDecision | undefined> {
    await incoming.body();
    if (exchange.ended) return undefined; // The client went away meanwhile: nothing may count for it.
    const selection = this.#select(exchange, true);
    return selection === 'body' ? undefined : this.#decide(exchange, incoming, selection);
  }

  onResponse(exchange: Exchange, head: ResponseHead): Promise<ResponseChange | undefined> | undefined {
    const mutations = this.#mutating.get(exchange);
    if (mutations === undefined) return undefined;
    return mutations.some(({ change }) => change.response !== undefined)
      ? changeResponse(mutations, exchange, head)
      : undefined;
  }

  /**
   * What concerns the request; `'body'` where that takes its body. The last time there is no more to
   * wait for: of a body that has outgrown the capture limit nothing can be said, so nothing matches.
   */
  #select(exchange: Exchange, last: boolean): Selection | 'body' {
    let stub: Stub | undefined;
    for (const candidate of this.#stubs) {
      if (candidate.exhausted) continue;
      const outcome = candidate.pattern.test(exchange);
      if (outcome === 'body' && !last) return 'body';
      if (outcome !== 'match') continue;
      stub = candidate;
      break;
    }
    let mutations = NO_MUTATIONS;
    for (const mutation of this.#mutations) {
      const outcome = mutation.pattern.test(exchange);
      if (outcome === 'body' && !last) return 'body';
      if (outcome === 'match') mutations = [...mutations, mutation];
    }
    if (!this.#refuse || stub !== undefined) return { stub, mutations, allowed: true };
    for (const pattern of this.#allow) {
      const outcome = pattern.test(exchange);
      if (outcome === 'body' && !last) return 'body';
      if (outcome === 'match') return { stub, mutations, allowed: true };
    }
    return { stub, mutations, allowed: false };
  }

  #decide(
    exchange: Exchange,
    incoming: IncomingBody,
    { stub, mutations, allowed }: Selection,
  ): RequestDecision | undefined | Promise<RequestDecision | undefined> {
    if (!allowed) return { action: 'refuse', error: refusal(exchange, this.#stubs) };
    if (mutations.length > 0) {
      this.#mutating.set(exchange, mutations);
      for (const mutation of mutations) mutation.take(exchange);
    }
    if (stub !== undefined) {
      const answer = stub.take(exchange, incoming);
      return answer instanceof Promise
        ? answer.then((ready) => ({ action: 'answer', answer: ready }))
        : { action: 'answer', answer };
    }
    return mutations.length === 0 ? undefined : this.#change(exchange, mutations);
  }

  async #change(exchange: Exchange, mutations: readonly Mutation[]): Promise<RequestDecision | undefined> {
    const change = await changeRequest(mutations, exchange);
    return change && { action: 'forward', change };
  }
}
