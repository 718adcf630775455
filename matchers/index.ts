/** What a test can say: the public face of this floor. */

export type { MatcherContext, MatcherResult } from './expect/matcher-result.js';
export { toHaveHeader } from './expect/to-have-header.js';
export { toHaveJSON } from './expect/to-have-json.js';
export { toHaveReceived } from './expect/to-have-received.js';
export { toHaveStatus } from './expect/to-have-status.js';
export { toMatchRequest } from './expect/to-match-request.js';
export type { Expectation, ExpectationOptions, Narrowing } from './expect-request/expectation.js';
export type {
  ExpectationGroup,
  GroupExchanges,
  GroupMember,
  GroupOptions,
} from './expect-request/expectation-group.js';
export type { Times } from './expect-request/times.js';
export type { Change, ChangeFunction, MessageChange, RequestChanges, ResponseChanges } from './mutate/change.js';
export type { TlsChange } from './mutate/handshake-change.js';
export type { MutationHandle } from './mutate/mutate.js';
export type { MutationOptions } from './mutate/mutation-options.js';
export type { StreamChange, StreamResult } from './mutate/stream-change.js';
export { exactly } from './pattern/exactly.js';
export {
  CompiledPattern,
  compilePattern,
  type GraphqlPattern,
  type JsonPattern,
  type MultipartPattern,
  type NamedPatterns,
  type ParsedJson,
  type PartPattern,
  type Pattern,
  type RequestPattern,
  type RequestPredicate,
  type ValuePattern,
} from './pattern/pattern.js';
export type { TypedJson } from './pattern/typed-json.js';
export type { FieldVerdict, Verdict } from './pattern/verdict.js';
export { type CallSite, isOwn, written } from './report/call-site.js';
export { wantsColors } from './report/colors.js';
export type { AsymmetricMatcher } from './report/format.js';
export { Rules } from './rules.js';
export type { RulesOptions } from './rules-options.js';
export type { ServerSentEvent } from './stub-response/event-stream.js';
export type { FetchResponse } from './stub-response/fetch-response.js';
export type { InformationalReply } from './stub-response/informational.js';
export { type Passthrough, passthrough } from './stub-response/passthrough.js';
export type { Reply, ReplyBodies, ReplyFunction, ReplyHead, ReplyObject, ReplyValue } from './stub-response/reply.js';
export type { Streamed, StreamOf } from './stub-response/stream-body.js';
export type { StubHandle, StubOptions } from './stub-response/stub-response.js';
export { type Runner, TRAFFIC, type Traffic, type TrafficHolder } from './traffic.js';
