/** What a test can say: the public face of this floor. */

export type { MatcherContext, MatcherResult } from './expect/matcher-result.js';
export { toHaveHeader } from './expect/to-have-header.js';
export { toHaveJSON } from './expect/to-have-json.js';
export { toHaveReceived } from './expect/to-have-received.js';
export { toHaveStatus } from './expect/to-have-status.js';
export { toMatchRequest } from './expect/to-match-request.js';
export type { Expectation, ExpectationOptions, Narrowing } from './expect-request/expect-request.js';
export type { Times } from './expect-request/times.js';
export type { Change, RequestChanges, ResponseChanges } from './mutate/change.js';
export type { MutationHandle } from './mutate/mutate.js';
export {
  CompiledPattern,
  compilePattern,
  type JsonPattern,
  type NamedPatterns,
  type ParsedJson,
  type Pattern,
  type RequestPattern,
  type RequestPredicate,
  type ValuePattern,
} from './pattern/pattern.js';
export type { FieldVerdict, Verdict } from './pattern/verdict.js';
export type { AsymmetricMatcher } from './report/format.js';
export { Rules, type RulesOptions } from './rules.js';
export type { Reply, ReplyFunction, ReplyObject, ReplyValue } from './stub-response/reply.js';
export type { StubHandle, StubOptions } from './stub-response/stub-response.js';
export { TRAFFIC, type Traffic, type TrafficHolder } from './traffic.js';
