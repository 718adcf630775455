/** Applies changes to what passes by, requests and responses alike. */
import { TestError } from '../../src/errors.js';
import { withContentType } from '../../src/http/content-type.js';
import { hasNoContent, withBodyLength, withUnknownLength } from '../../src/http/framing.js';
import { headerValue, type RawHeaders } from '../../src/http/headers.js';
import type { ResponseHead } from '../../src/http/response-head.js';
import type { BodyChange, RequestChange, ResponseChange, Shape } from '../../src/interceptor.js';
import type { Exchange } from '../../src/journal/exchange.js';
import type { Refuse } from '../message/written-body.js';
import type { CallSite } from '../rule/call-site.js';
import type { RuleEffects } from '../rule/effect-log.js';
import { formatWritten } from '../values/written.js';
import { bodyStep, changeBody } from './body-change.js';
import type { AnyBodies, MessageChange, ResponseChanges, ValueChange } from './change.js';
import { HEAD_CHECKS, type HeadKey } from './check-change.js';
import { changeHeaders, type HeadersChange } from './header-change.js';
import { noteEffects, noteRivals, responseEffects } from './no-effect.js';
import { shapeOf, type WrittenShape } from './shape-change.js';
import { ofAnotherBody, withoutDigests } from './validators.js';

/** A change of one exchange, and where the test wrote it. */
export interface WrittenChange {
  readonly change: MessageChange;
  readonly site: CallSite;
  /** Told what becomes of it. */
  readonly effects: RuleEffects;
  /** The drawn jitter of each side, from 0 to 1. */
  readonly draws: Readonly<Record<Direction, number>>;
}

type Direction = 'request' | 'response';

/** Everything that either side can have. */
interface Side extends AnyBodies {
  readonly method?: ValueChange<string> | undefined;
  readonly url?: ValueChange<string, string | URL> | undefined;
  readonly status?: ValueChange<number> | undefined;
  readonly statusText?: ValueChange<string> | undefined;
  readonly headers?: HeadersChange | undefined;
  readonly trailers?: HeadersChange | undefined;
}

interface WrittenSide extends Omit<WrittenChange, 'change'> {
  readonly side: Side;
}

/** The state of a message after the changes so far. */
interface Draft {
  method: string;
  url: string;
  status: number;
  statusText: string | undefined;
  headers: RawHeaders;
  body: BodyChange | undefined;
  /** The test gives the body in the content coding that it says. */
  coded: boolean;
}

/** The message that is changed, and what can be said of it. */
interface Subject {
  readonly exchange: Exchange;
  /** Its name, for errors. */
  what(): string;
  readonly mayBeAbsent: boolean;
  /** True if a function would have a body to change. */
  hasBody(draft: Draft): boolean;
}

/** The shape in which the request travels; undefined where nothing is said of that. */
export function requestShape(
  changes: readonly WrittenChange[],
  exchange: Exchange,
  comes?: (effects: RuleEffects) => boolean,
): Shape | undefined {
  return shape(changes, 'request', () => String(exchange.request), exchange, comes);
}

/** True if the body of the response is changed: then the upstream is to send all of it. */
export function changesBody({ change: { response } }: WrittenChange): boolean {
  return response !== undefined && bodyStep(response) !== undefined;
}

/**
 * Applies changes one after the other to a request.
 *
 * @param headers what is forwarded where nothing is changed
 */
export async function changeRequest(
  changes: readonly WrittenChange[],
  exchange: Exchange,
  headers: RawHeaders = exchange.request.rawHeaders,
): Promise<RequestChange> {
  const { request } = exchange;
  const draft: Draft = {
    method: request.method,
    url: request.url,
    status: 0,
    statusText: undefined,
    headers,
    body: undefined,
    coded: false,
  };
  // Complete and empty before anything was forwarded: there is no body that a function could change.
  const hasBody = !request.captured.complete || request.captured.size > 0;
  await applyAll(draft, sidesOf(changes, 'request'), {
    exchange,
    what: () => String(request),
    mayBeAbsent: true,
    hasBody: () => hasBody || draft.body !== undefined,
  });
  // A handshake has none, and what follows it is another protocol (RFC 6455, section 4.1).
  if (exchange.websocket) draft.body = undefined;
  if (draft.body !== undefined) draft.headers = withoutDigests(draft.headers, headers);
  return {
    ...(draft.method !== request.method && { method: draft.method }),
    ...(draft.url !== request.url && { url: draft.url }),
    ...(draft.headers !== request.rawHeaders && { headers: draft.headers }),
    ...bodyOf(draft),
  };
}

/** Applies changes one after the other to a response; undefined where none of them concerns responses. */
export async function changeResponse(
  changes: readonly WrittenChange[],
  exchange: Exchange,
  head: ResponseHead,
): Promise<ResponseChange | undefined> {
  const sides = sidesOf(changes, 'response');
  if (sides.length === 0) return undefined;
  const { request } = exchange;
  const what = () => `the ${head.status} response to ${request}`;
  const isHead = request.method === 'HEAD';
  const draft: Draft = {
    method: '',
    url: '',
    status: head.status,
    statusText: undefined,
    headers: head.headers,
    body: undefined,
    coded: false,
  };
  const subject: Subject = {
    exchange,
    what,
    // A preflight or a redirect that a mutation happens to match need not have the JSON it is after.
    mayBeAbsent: request.method === 'OPTIONS' || isBodyless(head.status) || (head.status >= 300 && head.status < 400),
    hasBody: ({ status }) => !isHead && !isBodyless(status) && head.status !== 101,
  };
  await applyAll(draft, sides, subject);
  const trailers = isBodyless(draft.status) ? [] : sides.filter(({ side }) => side.trailers !== undefined);
  const rivals = noteRivals('response', changes, exchange);
  const faultless = new Set<RuleEffects>();
  for (const { side, effects } of sides) {
    const came = responseEffects(side as ResponseChanges, exchange, head, draft.status);
    noteEffects(effects, 'response', exchange, came, rivals);
    if (came.withoutEffect.has('fault')) faultless.add(effects);
  }
  const travel = shape(changes, 'response', what, exchange, (effects) => !faultless.has(effects));
  if (isHead && sides.some(({ side }) => bodyStep(side) !== undefined)) draft.headers = ofHead(draft);
  else if (isBodyless(draft.status)) draft.body = undefined;
  if (draft.body !== undefined) draft.headers = ofAnotherBody(draft.headers, head.headers, exchange.id);
  return {
    ...(draft.status !== head.status && { status: draft.status }),
    ...(draft.statusText !== undefined && { statusText: draft.statusText }),
    ...(draft.headers !== head.headers && { headers: draft.headers }),
    ...bodyOf(draft),
    ...(trailers.length > 0 && { trailers: (raw: RawHeaders) => changeTrailers(raw, trailers, subject) }),
    ...(travel && { shape: travel }),
  };
}

function bodyOf({ body, coded }: Draft): Pick<ResponseChange, 'body' | 'coded'> {
  return { ...(body && { body }), ...(body && coded && { coded }) };
}

// Bytes that follow a 101 are another protocol's (RFC 9110, section 15.2.2).
function isBodyless(status: number): boolean {
  return status === 101 || hasNoContent(status);
}

// RFC 9110, section 9.3.2: as for GET; where only its body would tell the length, none is given.
function ofHead({ headers, body, coded }: Draft): RawHeaders {
  return body?.kind === 'replace'
    ? withBodyLength(headers, body.bytes.length, coded)
    : withUnknownLength(headers, coded);
}

function sidesOf(changes: readonly WrittenChange[], direction: Direction): WrittenSide[] {
  return changes.flatMap(({ change, ...written }) => {
    const side = change[direction];
    return side === undefined ? [] : { ...written, side };
  });
}

function shape(
  changes: readonly WrittenChange[],
  direction: Direction,
  what: () => string,
  exchange: Exchange,
  comes: (effects: RuleEffects) => boolean = () => true,
): Shape | undefined {
  const written = sidesOf(changes, direction).map(({ side, site, effects, draws }) => ({
    shape: (comes(effects) ? side : { ...side, fault: undefined }) as WrittenShape['shape'],
    site,
    draw: draws[direction],
    ...(exchange.websocket && {
      missed: (why: string) => effects.hadNoEffect(`${direction}.fault`, exchange, { why }),
    }),
  }));
  return shapeOf(written, what, exchange.destination);
}

async function applyAll(draft: Draft, sides: readonly WrittenSide[], subject: Subject): Promise<void> {
  for (const { side, site } of sides) await applySide(draft, side, subject, refusal(subject, site));
}

function refusal({ what }: Subject, site: CallSite): Refuse {
  return (why, cause) => {
    const message = `The change written at ${site} cannot be made to ${what()}: ${why}.`;
    return site.placed(new TestError('WAYLAY_INVALID_CHANGE', message, { cause }));
  };
}

async function applySide(draft: Draft, side: Side, subject: Subject, refuse: Refuse): Promise<void> {
  const { exchange, mayBeAbsent } = subject;
  const changed = <Old, New>(key: HeadKey, change: ValueChange<Old, New>, old: Old) =>
    changedHead(key, change, old, exchange, refuse);
  if (side.method !== undefined) draft.method = await changed('method', side.method, draft.method);
  if (side.url !== undefined) draft.url = String(await changed('url', side.url, draft.url));
  if (side.status !== undefined) draft.status = await changed('status', side.status, draft.status);
  if (side.statusText !== undefined) {
    draft.statusText = await changed('statusText', side.statusText, draft.statusText ?? '');
  }
  const before = draft.headers;
  if (side.headers !== undefined) draft.headers = await changeHeaders(before, side.headers, exchange, refuse);
  const step = bodyStep(side);
  if (step !== undefined) {
    // JSON and text are in none, whatever the fields say.
    const givesBytes = step.kind === 'body' || step.kind === 'stream';
    draft.coded = givesBytes && saysCoding(side.headers, before, draft.headers);
  }
  if (step === undefined || (typeof step.value === 'function' && !subject.hasBody(draft))) return;
  const place = { exchange, mayBeAbsent, headers: before, changedHeaders: draft.headers, refuse };
  const { body, contentType } = await changeBody(draft.body, step, place);
  draft.body = body;
  draft.headers = withContentType(draft.headers, contentType);
}

/** True if the change says which content coding there is: a function of all fields, by another one than before. */
function saysCoding(change: HeadersChange | undefined, before: RawHeaders, after: RawHeaders): boolean {
  const coding = headerValue(after, 'content-encoding');
  if (change === undefined || coding === undefined) return false;
  return typeof change === 'function'
    ? coding !== headerValue(before, 'content-encoding')
    : Object.keys(change).some((name) => name.toLowerCase() === 'content-encoding');
}

async function changedHead<Old, New>(
  key: HeadKey,
  change: ValueChange<Old, New>,
  old: Old,
  exchange: Exchange,
  refuse: Refuse,
): Promise<New> {
  if (typeof change !== 'function') return change;
  const value: unknown = await (change as (old: Old, exchange: Exchange) => New | Promise<New>)(old, exchange);
  // A value that is there may stay, such as a 101.
  const problem = Object.is(value, old) ? undefined : HEAD_CHECKS[key](value);
  if (problem !== undefined) throw refuse(`${key} ${formatWritten(value)} ${problem}`);
  return value as New;
}

async function changeTrailers(raw: RawHeaders, sides: readonly WrittenSide[], subject: Subject): Promise<RawHeaders> {
  let trailers = raw;
  for (const { side, site } of sides) {
    if (side.trailers === undefined) continue;
    trailers = await changeHeaders(trailers, side.trailers, subject.exchange, refusal(subject, site));
  }
  return trailers;
}
