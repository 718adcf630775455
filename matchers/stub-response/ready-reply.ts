import type { Answer, MessageFault } from '../../src/interceptor.js';
import type { Exchange } from '../../src/journal/exchange.js';
import type { StartTimer } from '../../src/runtime/clock.js';
import type { CallSite } from '../rule/call-site.js';

/** The outcome of a request at a stub: an answer, whatever the upstream says; nothing; or a failure. */
export type StubOutcome =
  | { readonly action: 'answer'; readonly answer: Answer }
  | { readonly action: 'pass' }
  | { readonly action: 'fail'; readonly fault: MessageFault };

/** One request that a stub has taken. */
export interface StubbedRequest {
  readonly exchange: Exchange;
  /** Its answer's body is going to be changed: it is to be there in full, whatever the request says of parts and of caches. */
  readonly whole: boolean;
  readonly startTimer: StartTimer;
  readonly stub: { readonly site: CallSite; toString(): string };
}

/** A reply, checked. */
export interface ReadyReply {
  /** It is asked when the request's body has come, since a function of the request is in it. */
  readonly needsBody: boolean;
  /** The outcome of one request; throws or rejects where it cannot be sent. */
  outcome(asked: StubbedRequest): StubOutcome | Promise<StubOutcome>;
}

/** A reply that is the same for every request. */
export function sameForAll(outcome: StubOutcome): ReadyReply {
  return { needsBody: false, outcome: () => outcome };
}
