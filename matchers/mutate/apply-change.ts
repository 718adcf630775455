/** Applies changes to what passes by, requests and responses alike. */
import { TestError } from '../../src/errors.js';
import type { Exchange } from '../../src/exchange/exchange.js';
import type { RawHeaders } from '../../src/exchange/headers.js';
import type { BodyChange, RequestChange, ResponseChange, ResponseHead } from '../../src/interceptor.js';
import { formatValue } from '../report/format.js';
import { BODY_KEYS, type BodyStep, changeBody, withUtf8 } from './body-change.js';
import {
  type BodyChanges,
  type Change,
  HEAD_CHECKS,
  type HeadKey,
  type RequestChanges,
  type ResponseChanges,
} from './change.js';
import { changeHeaders } from './header-change.js';

/** What the changes so far have made of a message. */
interface Draft {
  method: string;
  url: string;
  status: number;
  headers: RawHeaders;
  body: BodyChange | undefined;
}

/** A change, and where the test wrote it. */
export interface WrittenChange {
  readonly change: Change;
  readonly site: { toString(): string };
}

/** Applies changes one after the other to a request; undefined where none of them concerns requests. */
export async function changeRequest(
  changes: readonly WrittenChange[],
  exchange: Exchange,
): Promise<RequestChange | undefined> {
  const sides = changes.flatMap(({ change: { request }, site }) =>
    request === undefined ? [] : { side: request, site },
  );
  if (sides.length === 0) return undefined;
  const { request } = exchange;
  const draft: Draft = {
    method: request.method,
    url: request.url,
    status: 0,
    headers: request.rawHeaders,
    body: undefined,
  };
  // Complete and empty before anything was forwarded: there is no body that a function could change.
  const hasBody = !request.captured.complete || request.captured.size > 0;
  for (const { side, site } of sides)
    await applySide(draft, side, { what: String(request), site, hasBody, mayBeAbsent: true });
  return {
    ...(draft.method !== request.method && { method: draft.method }),
    ...(draft.url !== request.url && { url: draft.url }),
    ...(draft.headers !== request.rawHeaders && { headers: draft.headers }),
    ...(draft.body && { body: draft.body }),
  };
}

/** Applies changes one after the other to a response; undefined where none of them concerns responses. */
export async function changeResponse(
  changes: readonly WrittenChange[],
  exchange: Exchange,
  head: ResponseHead,
): Promise<ResponseChange | undefined> {
  const sides = changes.flatMap(({ change: { response }, site }) =>
    response === undefined ? [] : { side: response, site },
  );
  if (sides.length === 0) return undefined;
  const draft: Draft = { method: '', url: '', status: head.status, headers: head.headers, body: undefined };
  // A preflight or a redirect that a mutation happens to match need not have the JSON it is after.
  const mayBeAbsent = exchange.request.method === 'OPTIONS' || (head.status >= 300 && head.status < 400);
  const what = `the ${head.status} response to ${exchange.request}`;
  for (const { side, site } of sides) await applySide(draft, side, { what, site, hasBody: true, mayBeAbsent });
  return {
    ...(draft.status !== head.status && { status: draft.status }),
    ...(draft.headers !== head.headers && { headers: draft.headers }),
    ...(draft.body && { body: draft.body }),
  };
}

async function applySide(
  draft: Draft,
  side: RequestChanges & ResponseChanges,
  { what, site, hasBody, mayBeAbsent }: { what: string; site: unknown; hasBody: boolean; mayBeAbsent: boolean },
): Promise<void> {
  const refuse = (why: string, cause?: unknown) =>
    new TestError('WAYLAY_INVALID_CHANGE', `The change written at ${site} cannot be made to ${what}: ${why}.`, {
      cause,
    });
  if (side.method !== undefined) draft.method = await changedHead('method', side.method, draft.method, refuse);
  if (side.url !== undefined) draft.url = String(await changedHead('url', side.url, draft.url, refuse));
  if (side.status !== undefined) draft.status = await changedHead('status', side.status, draft.status, refuse);
  const before = draft.headers;
  if (side.headers !== undefined) draft.headers = changeHeaders(before, side.headers, refuse);
  const step = bodyStep(side);
  if (step === undefined || (typeof step.value === 'function' && !hasBody && draft.body === undefined)) return;
  draft.body = changeBody(draft.body, step, { mayBeAbsent, headers: before, refuse });
  if (step.kind !== 'body') draft.headers = withUtf8(draft.headers);
}

function bodyStep(side: BodyChanges): BodyStep | undefined {
  const kind = BODY_KEYS.find((key) => Object.hasOwn(side, key));
  return kind === undefined ? undefined : { kind, value: side[kind] };
}

async function changedHead<Old, New>(
  key: HeadKey,
  change: New | ((old: Old) => New),
  old: Old,
  refuse: (why: string) => Error,
): Promise<New> {
  if (typeof change !== 'function') return change;
  const value = await (change as (old: Old) => New)(old);
  const problem = HEAD_CHECKS[key](value);
  if (problem !== undefined) throw refuse(`${key} ${formatValue(value)} ${problem}`);
  return value;
}
