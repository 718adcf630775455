/** The public face of this floor: what a test can say. */

export type { MatcherContext, MatcherResult } from './expect/matcher-result.js';
export { toHaveHeader } from './expect/to-have-header.js';
export { toHaveJSON } from './expect/to-have-json.js';
export { toHaveReceived } from './expect/to-have-received.js';
export { toHaveStatus } from './expect/to-have-status.js';
export { toMatchRequest } from './expect/to-match-request.js';
export type { Awaitable } from './expect-request/awaitable.js';
export type { Counted, Expectation, ExpectationOptions, Narrowing } from './expect-request/expectation.js';
export type {
  ExpectationGroup,
  GroupExchanges,
  GroupMember,
  GroupOptions,
} from './expect-request/expectation-group.js';
export type { HeaderList } from './message/header-list.js';
export type { HeaderValue } from './message/header-syntax.js';
export type {
  Bodies,
  BodyChanges,
  BodyInput,
  Change,
  ChangeFunction,
  JsonInput,
  MessageChange,
  RequestChanges,
  RequestHeadChanges,
  ResponseChanges,
  ResponseHeadChanges,
  ValueChange,
} from './mutate/change.js';
export type { TlsChange } from './mutate/handshake-change.js';
export type { HeaderChange, HeadersChange, NewFields, NewValue } from './mutate/header-change.js';
export type { MutationHandle } from './mutate/mutate.js';
export type { MutationOptions } from './mutate/mutation-options.js';
export type { Breakage, Latency, Pace, ShapeChanges } from './mutate/shape-change.js';
export type { StreamChange, StreamResult } from './mutate/stream-change.js';
export type { GraphqlOperation } from './pattern/graphql-operation.js';
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
export type { NamedTexts, Protocol, WholePattern } from './pattern/request-pattern.js';
export type { TypedJson } from './pattern/typed-json.js';
export type { FieldVerdict, Verdict } from './pattern/verdict.js';
export { type CallSite, written } from './rule/call-site.js';
export type { RuleHandle } from './rule/rule.js';
export type { Times } from './rule/times.js';
export { type Runner, TRAFFIC, type Traffic, type TrafficHolder } from './rule/traffic.js';
export { Rules } from './rules.js';
export type { RulesOptions } from './rules-options.js';
export type { ServerSentEvent } from './stub-response/event-stream.js';
export type { FetchResponse } from './stub-response/fetch-response.js';
export type { InformationalReply } from './stub-response/informational.js';
export { type Passthrough, passthrough } from './stub-response/passthrough.js';
export type { ReadableSource } from './stub-response/source.js';
export type { Streamed, StreamOf } from './stub-response/stream-body.js';
export type { StubHandle, StubOptions } from './stub-response/stub-response.js';
export type {
  Reply,
  ReplyBodies,
  ReplyFunction,
  ReplyHead,
  ReplyObject,
  ReplyValue,
} from './stub-response/written-reply.js';
export { wantsColors } from './values/colors.js';
export { exactly } from './values/exactly.js';
export type { AsymmetricMatcher } from './values/format.js';
export type { UrlPatternLike } from './values/url-pattern.js';
export type { Exactly } from './values/value.js';
