/** The parts of a change that come to nothing in an exchange, and why. */

import { type FaultKind, isInBody, rowOf } from '../../src/faults.js';
import { declaredLength } from '../../src/http/framing.js';
import type { ResponseHead } from '../../src/http/response-head.js';
import type { Exchange } from '../../src/journal/exchange.js';
import { isPreflight } from '../message/cross-origin.js';
import type { NoEffect, RuleEffects } from '../rule/effect-log.js';
import { BODY_KEYS, type MessageChange, type RequestChanges, type ResponseChanges } from './change.js';

/** The parts of one side that had an effect, and those that had none. */
export interface Effects {
  readonly withoutEffect: ReadonlyMap<string, NoEffect>;
  readonly withEffect: readonly string[];
}

type Side = Readonly<Record<string, unknown>>;

/** Notes what became of the parts of a rule's change of one side. */
export function noteEffects(
  rule: RuleEffects,
  side: 'request' | 'response',
  exchange: Exchange,
  { withEffect, withoutEffect }: Effects,
  rivals: ReadonlySet<RuleEffects>,
): void {
  for (const key of withEffect) if (key !== 'fault' || !rivals.has(rule)) rule.hadEffect(`${side}.${key}`);
  for (const [key, reason] of withoutEffect) rule.hadNoEffect(`${side}.${key}`, exchange, reason);
}

/** Keys that are said together with another one. */
const COMPANIONS = new Set(['jitter', 'after']);
/** Said of a fault that is to come in what is sent on a WebSocket: whether it does is known when that has ended. */
const LATER = { why: 'not known yet' };
const NO_BODY = { what: 'changed no body of' };
const BODY = new Set<string>(BODY_KEYS);
const PACE = new Set(['bandwidth', 'slice']);

function judged(side: Side, judge: (key: string, value: unknown) => NoEffect | typeof LATER | undefined): Effects {
  const withoutEffect = new Map<string, NoEffect>();
  const withEffect: string[] = [];
  const unsent = unsentBy(side);
  for (const [key, value] of Object.entries(side)) {
    if (COMPANIONS.has(key)) continue;
    const isShown = key === 'fault' || key === 'delay';
    const miss = isShown || unsent === undefined ? judge(key, value) : unsent;
    if (miss === undefined) withEffect.push(key);
    else if (miss !== LATER) withoutEffect.set(key, miss);
  }
  return { withoutEffect, withEffect };
}

/** The reason that the other parts have no effect where the fault comes before the head. */
function unsentBy({ fault, after }: Side): NoEffect | undefined {
  if (fault === undefined || isInBody({ kind: fault as FaultKind, after: after as number | undefined }))
    return undefined;
  return {
    why: `the fault '${fault}' comes before the head, so that nothing else is sent`,
    write: `{ fault: '${rowOf(fault)?.neverAfter === undefined ? fault : 'truncate'}', after: 0 } for one that comes after it`,
    lost: true,
  };
}

/**
 * The effects of the parts of a change of a response.
 * @param head as it came
 * @param status what it has become
 */
export function responseEffects(
  side: ResponseChanges,
  { request, websocket }: Exchange,
  head: ResponseHead,
  status: number,
): Effects {
  const { method, httpVersion } = request;
  const bodyless = whyBodyless(method, status, websocket);
  const switches = status === 101;
  const mayGive = switches ? '{ status: 401, json: … }, which refuses it' : '{ status: 200, json: … }';
  const write = bodyless === undefined || method === 'HEAD' ? {} : { write: mayGive };
  return judged(side as Side, (key, value) => {
    if (BODY.has(key)) {
      const gives = typeof value !== 'function';
      if (bodyless !== undefined) {
        return { ...NO_BODY, why: bodyless, ...write, lost: gives && method !== 'HEAD' && !isPreflight(request) };
      }
      return !gives && head.status === 101
        ? { ...NO_BODY, why: 'in the place of a 101 there is no body to change' }
        : undefined;
    }
    if (key === 'trailers') {
      if (bodyless !== undefined) return { why: `${bodyless}, and so no trailers`, lost: switches };
      return httpVersion === '1.0' ? { why: 'HTTP/1.0 has no trailers' } : undefined;
    }
    if (key === 'statusText' && httpVersion === '2.0') {
      return { why: 'HTTP/2 has no reason phrase (RFC 9113, section 8.3.2)' };
    }
    if (switches && key === 'fault' && rowOf(value)?.ofChunks) {
      return { why: 'what follows a 101 is not in chunks', write: `{ fault: 'truncate' }`, lost: true };
    }
    if (switches) return key === 'fault' && side.after !== undefined ? LATER : undefined;
    if (PACE.has(key)) {
      if (bodyless !== undefined) return { why: bodyless };
      const replaced = BODY_KEYS.some((body) => Object.hasOwn(side, body));
      return !replaced && declaredLength(head.headers) === 0 ? { why: 'its body is empty' } : undefined;
    }
    if (key === 'fault' && bodyless !== undefined && isInBody({ kind: side.fault as FaultKind, after: side.after })) {
      return { why: `${bodyless} within which it could come`, write: `{ fault: 'reset' }, without after` };
    }
    return undefined;
  });
}

/** The facts known of a request's path when its changes are applied. */
export interface RequestFacts {
  /** It came in full, and has no body. */
  readonly empty: boolean;
  /** The stub that answers. */
  readonly stub: { readonly site: { toString(): string }; toString(): string } | undefined;
}

/** A change, as far as its effects are noted. */
interface Noted {
  readonly change: MessageChange;
  readonly effects: RuleEffects;
  readonly site: { toString(): string };
}

/** The effects of the parts of a change of a request. */
function requestEffects(side: RequestChanges, { websocket }: Exchange, { empty, stub }: RequestFacts): Effects {
  const replaced = BODY_KEYS.some((body) => Object.hasOwn(side, body));
  return judged(side as Side, (key, value) => {
    if (BODY.has(key) && websocket)
      return { ...NO_BODY, why: NO_BODY_OF_HANDSHAKES, lost: typeof value !== 'function' };
    if (PACE.has(key) && empty && !replaced && (!websocket || stub !== undefined)) {
      return { why: 'it has no body' };
    }
    if (stub === undefined && isFaultOfBody(side) && key === 'fault' && empty && !replaced && !websocket) {
      return { why: 'it has no body that could be cut short', write: `{ fault: 'truncate' }, without after` };
    }
    // A stub gets what the client sent; that it takes its time or breaks off is seen by the client.
    if (stub !== undefined && key !== 'delay' && key !== 'fault' && key !== 'bandwidth') {
      return { why: `it was answered by the stub ${stub} (${stub.site}), and nothing of it is forwarded` };
    }
    if (websocket && PACE.has(key)) return LATER;
    if (websocket && key === 'fault' && side.after !== undefined) return LATER;
    return BODY.has(key) && empty && typeof value === 'function' ? { why: 'it has no body to change' } : undefined;
  });
}

/** After the head of a request without a body there is nothing whose end could be left out. */
function isFaultOfBody({ fault, after }: RequestChanges): boolean {
  return fault === 'truncate' && after !== undefined;
}

/** Notes what is going to be changed, before it is known whether anybody is there to see it. */
export function noteAwaited(changes: readonly Noted[], exchange: Exchange): void {
  for (const { change, effects } of changes) {
    if (change.response !== undefined) effects.awaits('response', exchange);
    if (change.request !== undefined && needsUpstream(change.request)) effects.awaits('request', exchange);
  }
}

/** False for a message that is delayed, or broken off before its head: that is seen by the client alone. */
function needsUpstream(side: RequestChanges): boolean {
  if (side.fault !== undefined && side.after === undefined) return false;
  return Object.keys(side).some((key) => key !== 'delay' && key !== 'jitter');
}

/** Notes the faults that do not come since one of another rule does, the first; returns the rules that have them. */
export function noteRivals(
  side: 'request' | 'response',
  changes: readonly Noted[],
  exchange: Exchange,
): ReadonlySet<RuleEffects> {
  const faults = changes.filter(({ change }) => change[side]?.fault !== undefined);
  const [first, ...others] = faults;
  for (const { effects } of others) {
    effects.hadNoEffect(`${side}.fault`, exchange, {
      why: `the mutation written at ${first?.site} has one that comes first`,
    });
  }
  return new Set(others.map(({ effects }) => effects));
}

/**
 * Notes what becomes of the changes of a request, and returns those rules whose faults do not come.
 * @param stub answers it, where one does
 */
export function noteRequest(
  changes: readonly Noted[],
  exchange: Exchange,
  stub?: RequestFacts['stub'],
): ReadonlySet<RuleEffects> {
  const { captured } = exchange.request;
  const rivals = noteRivals('request', changes, exchange);
  const facts = { empty: captured.complete && captured.size === 0, stub };
  const faultless = new Set<RuleEffects>();
  for (const { change, effects } of changes) {
    if (change.request === undefined) continue;
    const results = requestEffects(change.request, exchange, facts);
    noteEffects(effects, 'request', exchange, results, rivals);
    if (results.withoutEffect.has('fault')) faultless.add(effects);
  }
  return faultless;
}

/** Notes what was to come in what the client of a WebSocket sends, and could not: the WebSocket was declined. */
export function noteDeclined(changes: readonly Noted[], exchange: Exchange, status: number): void {
  const why = `the WebSocket was declined with a ${status}, and nothing was sent on it`;
  for (const { change, effects } of changes) {
    const { bandwidth, slice, fault, after } = change.request ?? {};
    const pending = { bandwidth, slice, fault: after === undefined ? undefined : fault };
    for (const [key, value] of Object.entries(pending)) {
      if (value !== undefined) effects.hadNoEffect(`request.${key}`, exchange, { why });
    }
  }
}

const NO_BODY_OF_HANDSHAKES = 'the request that opens a WebSocket has no body (RFC 6455, section 4.1)';

function whyBodyless(method: string, status: number, websocket: boolean): string | undefined {
  if (status === 101) {
    return websocket
      ? 'an accepted WebSocket has messages and no body (RFC 6455)'
      : 'a 101 is followed by another protocol and no body (RFC 9110, section 15.2.2)';
  }
  if (method === 'HEAD') return 'the response to a HEAD has no body (RFC 9110, section 9.3.2)';
  const section = SECTIONS[status];
  return section && `a ${status} response has no body (RFC 9110, section ${section})`;
}

const SECTIONS: Readonly<Record<number, string>> = { 204: '15.3.5', 205: '15.3.6', 304: '15.4.5' };
