import type { WaylayError } from '../src/errors.js';
import { shapesBody } from '../src/exchange/shape.js';
import { withoutUpstream } from '../src/faults.js';
import type { ResponseHead } from '../src/http/response-head.js';
import type {
  Handshake,
  HandshakeFault,
  IncomingBody,
  Interceptor,
  MessageFault,
  RequestDecision,
  ResponseChange,
  Shape,
} from '../src/interceptor.js';
import type { Exchange } from '../src/journal/exchange.js';
import type { AnyPort } from '../src/net/authority.js';
import type { Log } from '../src/runtime/log.js';
import { changeRequest, changeResponse, changesBody, requestShape, type WrittenChange } from './mutate/apply-change.js';
import type { Mutation, PendingChange } from './mutate/mutate.js';
import { noteAwaited, noteDeclined, noteRequest } from './mutate/no-effect.js';
import { unconditional, withoutMarks } from './mutate/validators.js';
import type { CompiledPattern } from './pattern/pattern.js';
import { refusal, tunnelRefusal } from './report/refusal.js';
import { RuleIndex } from './rule-index.js';
import type { Stub, StubOutcome } from './stub-response/stub-response.js';
import type { Style } from './values/style.js';

/** The rules that were registered when a request came, without those that its URL rules out. */
interface Candidates {
  readonly stubs: readonly Stub[];
  readonly mutations: readonly Mutation[];
}

/** The rules that concern one request, as far as it could be decided. */
interface Selection {
  readonly answerer: Answerer;
  readonly mutations: readonly Mutation[];
}

/** The source of a request's answer: a stub, else the upstream, if that is allowed. */
interface Answerer {
  readonly stub: Stub | undefined;
  readonly allowed: boolean;
}

type Decided = RequestDecision | undefined | Promise<RequestDecision | undefined>;

const NO_MUTATIONS: readonly Mutation[] = [];
const NO_CHANGES: readonly WrittenChange[] = [];

/** The rules that are registered at the moment, and what becomes of the rest. */
export interface Registered {
  /** Newest first. */
  stubs(): readonly Stub[];
  /** Mutations in order of registration. */
  mutations(): readonly Mutation[];
  /** True if a request that no stub answers is refused. */
  readonly refuse: boolean;
  /** Requests that are exempt from that. */
  readonly allow: readonly CompiledPattern[];
  /** Told of what is refused. */
  readonly log: Log;
  /** The style in which a refusal is told. */
  readonly style: Style;
}

/**
 * Answers the proxy's questions by what a test registered. Which stub and which mutations concern a
 * request is decided once, when it comes: what is registered later concerns later requests.
 */
export class Interception implements Interceptor {
  readonly #registered: Registered;
  readonly #stubs = new RuleIndex<Stub>();
  readonly #mutations = new RuleIndex<Mutation>();
  /** The changes of the exchanges that have any. */
  readonly #changes = new WeakMap<Exchange, readonly WrittenChange[]>();
  /** A client may know marked etags. */
  #marked = false;

  constructor(registered: Registered) {
    this.#registered = registered;
  }

  mayAnswer(authority: AnyPort): boolean {
    const { refuse, allow } = this.#registered;
    if (refuse && !allow.some((pattern) => pattern.mayMatch(authority))) return true;
    return (
      this.#registered.stubs().some((stub) => !stub.exhausted && stub.pattern.mayMatch(authority)) ||
      this.#registered.mutations().some((mutation) => mutation.mayAnswer(authority))
    );
  }

  onHandshake(handshake: Handshake): HandshakeFault | undefined {
    for (const mutation of this.#registered.mutations()) {
      const fault = mutation.onHandshake(handshake);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  onTunnel(exchange: Exchange): WaylayError | undefined {
    const { refuse, allow } = this.#registered;
    // There is no request yet that a pattern could say more of.
    const allowed = !refuse || allow.some((pattern) => pattern.mayMatch(exchange.destination));
    return allowed ? undefined : tunnelRefusal(exchange);
  }

  onRequest(exchange: Exchange, incoming: IncomingBody): Decided {
    const { url } = exchange.request;
    const candidates = {
      stubs: this.#stubs.select(this.#registered.stubs(), url),
      mutations: this.#mutations.select(this.#registered.mutations(), url),
    };
    if (candidates.stubs.length === 0 && candidates.mutations.length === 0 && !this.#registered.refuse) {
      return this.#marked ? this.#forward(exchange, NO_CHANGES, undefined) : undefined;
    }
    const selection = this.#select(exchange, candidates, false);
    return selection === 'body'
      ? this.#decideWithBody(exchange, incoming, candidates)
      : this.#decide(exchange, incoming, candidates, selection);
  }

  onResponse(exchange: Exchange, head: ResponseHead): Promise<ResponseChange | undefined> | undefined {
    const changes = this.#changes.get(exchange);
    if (changes === undefined) return undefined;
    // Asked once: what the journal keeps of an exchange is not to be gone through here at every collection.
    this.#changes.delete(exchange);
    for (const { effects } of changes) effects.answered();
    if (exchange.websocket && head.status !== 101) noteDeclined(changes, exchange, head.status);
    if (!changes.some(({ change }) => change.response !== undefined)) return undefined;
    this.#marked ||= changes.some(changesBody);
    return changeResponse(changes, exchange, head);
  }

  async #decideWithBody(
    exchange: Exchange,
    incoming: IncomingBody,
    candidates: Candidates,
  ): Promise<RequestDecision | undefined> {
    await incoming.body();
    if (exchange.ended) return undefined; // The client went away meanwhile: nothing may count for it.
    const selection = this.#select(exchange, candidates, true);
    return selection === 'body' ? undefined : this.#decide(exchange, incoming, candidates, selection);
  }

  /**
   * Selects the rules that concern the request; `'body'` where that takes its body. The last time there is no more to
   * wait for: of a body that has outgrown the capture limit nothing can be said, so nothing matches.
   */
  #select(exchange: Exchange, candidates: Candidates, last: boolean): Selection | 'body' {
    const answerer = this.#answererOf(exchange, candidates, last);
    if (answerer === 'body') return 'body';
    let mutations = NO_MUTATIONS;
    for (const mutation of candidates.mutations) {
      if (mutation.ofHandshakes || mutation.exhausted) continue;
      const outcome = mutation.pattern.test(exchange);
      if (outcome === 'body' && !last) return 'body';
      if (outcome === 'match') mutations = [...mutations, mutation];
    }
    return { answerer, mutations };
  }

  #answererOf(exchange: Exchange, { stubs }: Candidates, last: boolean): Answerer | 'body' {
    for (const stub of stubs) {
      if (stub.exhausted) continue;
      const outcome = stub.test(exchange);
      if (outcome === 'body' && !last) return 'body';
      if (outcome === 'match') return { stub, allowed: true };
    }
    const { refuse, allow } = this.#registered;
    if (!refuse) return { stub: undefined, allowed: true };
    for (const pattern of allow) {
      const outcome = pattern.test(exchange);
      if (outcome === 'body' && !last) return 'body';
      if (outcome === 'match') return { stub: undefined, allowed: true };
    }
    return { stub: undefined, allowed: false };
  }

  #decide(exchange: Exchange, incoming: IncomingBody, candidates: Candidates, selection: Selection): Decided {
    const { answerer, mutations } = selection;
    if (!answerer.allowed) return this.#refuse(exchange);
    if (mutations.length === 0) return this.#follow(exchange, incoming, answerer, NO_CHANGES);
    const taken = mutations.flatMap((mutation) => mutation.take(exchange) ?? []);
    const known = taken.filter((one) => 'change' in one);
    return known.length === taken.length
      ? this.#follow(exchange, incoming, answerer, known)
      : this.#ask(exchange, incoming, candidates, taken);
  }

  /** Asks the functions that decide by the whole request what they change. */
  async #ask(
    exchange: Exchange,
    incoming: IncomingBody,
    candidates: Candidates,
    taken: readonly (WrittenChange | PendingChange)[],
  ): Promise<RequestDecision | undefined> {
    if (!exchange.request.captured.complete) await incoming.body();
    const changes: WrittenChange[] = [];
    for (const one of taken) {
      if (exchange.ended) return undefined;
      const change = 'change' in one ? one : await one.ask();
      if (change !== undefined) changes.push(change);
    }
    if (exchange.ended) return undefined;
    // Other requests may have used the stub up meanwhile.
    const answerer = this.#answererOf(exchange, candidates, true);
    return answerer === 'body' || !answerer.allowed
      ? this.#refuse(exchange)
      : this.#follow(exchange, incoming, answerer, changes);
  }

  #refuse(exchange: Exchange): RequestDecision {
    this.#registered.log('rules', '%s: refused, no stub answers it', exchange.request);
    return { action: 'refuse', error: refusal(exchange, this.#registered.stubs(), this.#registered.style) };
  }

  #follow(exchange: Exchange, incoming: IncomingBody, { stub }: Answerer, changes: readonly WrittenChange[]): Decided {
    let shape: Shape | undefined;
    if (changes.length > 0) {
      this.#changes.set(exchange, changes);
      noteAwaited(changes, exchange);
      shape = requestShape(changes, exchange);
      // It never arrives, so nobody answers it.
      if (shape?.fault !== undefined && shape.fault.after === undefined) {
        noteRequest(changes, exchange);
        return failed(shape.fault, shape.delay);
      }
    }
    if (stub === undefined) return this.#forward(exchange, changes, shape);
    // Counted here and now, so that of many parallel requests exactly as many as it may are answered.
    const outcome = stub.take(exchange, incoming, changes.some(changesBody));
    const decide = (taken: StubOutcome): Decided => {
      if (taken.action === 'pass') return this.#forward(exchange, changes, shape);
      noteRequest(changes, exchange, stub);
      if (shape === undefined) return taken;
      if (taken.action === 'fail' && shape.fault !== undefined) return failed(shape.fault, shape.delay);
      const delayed = shape.delay === undefined ? taken : { ...taken, delay: shape.delay };
      return delayed.action === 'answer' && shapesBody(shape) ? { ...delayed, shape } : delayed;
    };
    return outcome instanceof Promise ? outcome.then(decide) : decide(outcome);
  }

  #forward(exchange: Exchange, changes: readonly WrittenChange[], shape: Shape | undefined): Decided {
    const { rawHeaders } = exchange.request;
    const known = this.#marked ? withoutMarks(rawHeaders) : rawHeaders;
    const headers = changes.some(changesBody) ? unconditional(known) : known;
    if (!changes.some(({ change }) => change.request !== undefined)) {
      return headers === rawHeaders ? undefined : { action: 'forward', change: { headers } };
    }
    const faultless = noteRequest(changes, exchange);
    const effective =
      faultless.size === 0 ? shape : requestShape(changes, exchange, (effects) => !faultless.has(effects));
    return changeRequest(changes, exchange, headers).then((change) => ({
      action: 'forward',
      change: effective === undefined ? change : { ...change, shape: effective },
    }));
  }
}

/** A fault in the place of a response. A request that is not let out ends for the client before any byte comes back. */
function failed(fault: MessageFault, delay: number | undefined): RequestDecision {
  const { kind, error } = fault;
  return {
    action: 'fail',
    fault: { kind: withoutUpstream(kind), error },
    ...(delay !== undefined && { delay }),
  };
}
