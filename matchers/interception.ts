import type { Authority } from '../src/destination.js';
import type { Exchange } from '../src/exchange/exchange.js';
import type {
  HandshakeFault,
  IncomingBody,
  Interceptor,
  RequestDecision,
  ResponseChange,
  ResponseHead,
} from '../src/interceptor.js';
import { changeRequest, changeResponse } from './mutate/apply-change.js';
import type { Mutation } from './mutate/mutate.js';
import type { CompiledPattern } from './pattern/pattern.js';
import { refusal } from './report/refusal.js';
import type { Style } from './report/style.js';
import type { Stub, StubOutcome } from './stub-response/stub-response.js';

/** What concerns one request, as far as it could be decided. */
type Selection = {
  readonly stub: Stub | undefined;
  readonly mutations: readonly Mutation[];
  readonly allowed: boolean;
};

const NO_MUTATIONS: readonly Mutation[] = [];

/** What is registered at the moment, and what becomes of the rest. */
export interface Registered {
  /** Newest first. */
  stubs(): readonly Stub[];
  /** In order of registration. */
  mutations(): readonly Mutation[];
  /** Whether a request that no stub answers is refused. */
  readonly refuse: boolean;
  /** What is exempt from that. */
  readonly allow: readonly CompiledPattern[];
  /** How a refusal is told. */
  readonly style: Style;
}

/**
 * Answers the proxy's questions by what a test registered. Which stub and which mutations concern a
 * request is decided once, when it comes: what is registered later concerns later requests.
 */
export class Interception implements Interceptor {
  readonly #registered: Registered;
  /** The mutations of the exchanges that have any. */
  readonly #mutating = new WeakMap<Exchange, readonly Mutation[]>();

  constructor(registered: Registered) {
    this.#registered = registered;
  }

  mayAnswer(authority: Authority): boolean {
    const { refuse, allow } = this.#registered;
    if (refuse && !allow.some((pattern) => pattern.mayMatch(authority))) return true;
    return this.#registered.stubs().some((stub) => !stub.exhausted && stub.pattern.mayMatch(authority));
  }

  onHandshake(): HandshakeFault | undefined {
    return undefined;
  }

  onRequest(
    exchange: Exchange,
    incoming: IncomingBody,
  ): RequestDecision | undefined | Promise<RequestDecision | undefined> {
    const { refuse } = this.#registered;
    if (this.#registered.stubs().length === 0 && this.#registered.mutations().length === 0 && !refuse) return undefined;
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
    const { refuse, allow } = this.#registered;
    let stub: Stub | undefined;
    for (const candidate of this.#registered.stubs()) {
      if (candidate.exhausted) continue;
      const outcome = candidate.test(exchange);
      if (outcome === 'body' && !last) return 'body';
      if (outcome !== 'match') continue;
      stub = candidate;
      break;
    }
    let mutations = NO_MUTATIONS;
    for (const mutation of this.#registered.mutations()) {
      const outcome = mutation.pattern.test(exchange);
      if (outcome === 'body' && !last) return 'body';
      if (outcome === 'match') mutations = [...mutations, mutation];
    }
    if (!refuse || stub !== undefined) return { stub, mutations, allowed: true };
    for (const pattern of allow) {
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
    if (!allowed)
      return { action: 'refuse', error: refusal(exchange, this.#registered.stubs(), this.#registered.style) };
    if (mutations.length > 0) {
      this.#mutating.set(exchange, mutations);
      for (const mutation of mutations) mutation.take(exchange);
    }
    const change = () => (mutations.length === 0 ? undefined : this.#change(exchange, mutations));
    if (stub === undefined) return change();
    // Counted here and now, so that of many parallel requests exactly as many as it may are answered.
    const taken = stub.take(exchange, incoming);
    const decide = (outcome: StubOutcome) => (outcome.action === 'pass' ? change() : outcome);
    return taken instanceof Promise ? taken.then(decide) : decide(taken);
  }

  async #change(exchange: Exchange, mutations: readonly Mutation[]): Promise<RequestDecision | undefined> {
    const change = await changeRequest(mutations, exchange);
    return change && { action: 'forward', change };
  }
}
